import { expect, test } from 'vitest'
import { MemoryCluster } from '../../src/adapters/memory/cluster.ts'
import { batchesUpTo, countBefore, rangesOf } from '../../src/runtime/batches.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import type { EventLog } from '../../src/runtime/ports.ts'

const topic = 'read'
const never = new AbortController().signal

async function openLog(counts: readonly number[]): Promise<EventLog> {
  const log = new MemoryCluster({ clock: systemClock }).client()
  await log.prepare([{ topic, partitions: counts.length, cleanup: 'delete', owner: 'shoal' }], true)
  for (const [partition, count] of counts.entries()) await publish(log, partition, count)
  return log
}

function publish(log: EventLog, partition: number, count: number): Promise<void> {
  return log.publish((outputs) => {
    for (let i = 0; i < count; i++)
      outputs.append({ topic, partition, key: null, value: Buffer.from('v'), timestamp: 1 })
  })
}

test('each range of a topic is read from where it begins to its end', async () => {
  const log = await openLog([10, 10, 10, 10])
  const ranges = [
    { partition: 3, from: 9, to: 10 },
    { partition: 0, from: 2, to: 5 },
    { partition: 1, from: 4, to: 4 },
  ]
  const read: [partition: number, offset: number][] = []
  for await (const batch of batchesUpTo(log, topic, ranges, never)) {
    const { to } = ranges.find(({ partition }) => partition === batch.partition)!
    for (const offset of batch.offset.subarray(0, countBefore(batch, to))) read.push([batch.partition, offset])
  }
  expect(read.toSorted(([a, i], [b, j]) => a - b || i - j)).toEqual([
    [0, 2],
    [0, 3],
    [0, 4],
    [3, 9],
  ])
})

test('what comes behind a range that has been read is not given while others are', async () => {
  const log = await openLog([1, 20_000])
  const given: number[] = []
  for await (const { partition } of batchesUpTo(log, topic, (await rangesOf(log, topic))!, never)) {
    given.push(partition)
    await publish(log, 0, 1)
  }
  expect(given.filter((partition) => partition === 0)).toHaveLength(1)
  expect(given.filter((partition) => partition === 1).length).toBeGreaterThan(2)
})

test('nothing is read of ranges without offsets, and a reader that waits for more ends when the signal fires', async () => {
  const log = await openLog([5])
  expect(await Array.fromAsync(batchesUpTo(log, topic, [{ partition: 0, from: 5, to: 5 }], never))).toEqual([])
  const stop = new AbortController()
  let count = 0
  for await (const batch of batchesUpTo(log, topic, [{ partition: 0, from: 0, to: 99 }], stop.signal)) {
    count += batch.count
    setImmediate(() => stop.abort())
  }
  expect(count).toBe(5)
})
