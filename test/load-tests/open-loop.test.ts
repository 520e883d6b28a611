/** The parts of an open loop on the embedded log: what is sent when, and what a reader makes of what came of it. */
import { expect, test } from 'vitest'
import { judgedById, judgedByOffset, numbered } from '../../load-tests/open-loop/judges.ts'
import { OutcomeReader } from '../../load-tests/open-loop/outcome-reader.ts'
import { PartitionPauses } from '../../load-tests/open-loop/partition-pauses.ts'
import { Sender } from '../../load-tests/open-loop/sender.ts'
import { MemoryCluster } from '../../src/adapters/memory/cluster.ts'
import { AvroWriter } from '../../src/core/codec/avro-writer.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { framed } from '../../src/stages/wire-format.ts'
import { until } from '../pipeline/harness.ts'

const topic = 'shoal.assignments'

async function openLog(partitions: number) {
  const log = new MemoryCluster({ clock: systemClock }).client()
  await log.prepare([{ topic, partitions, cleanup: 'delete', owner: 'shoal' }], true)
  return log
}

/** As assignments begin. */
function assignmentOf(offset: number): Buffer {
  const writer = new AvroWriter(64)
  writer.string(`tx-${offset}`)
  writer.int(0)
  writer.long(offset)
  return framed(1, writer.written())
}

test('what is passed over and what comes again is counted, and all else is seen once', async () => {
  const log = await openLog(1)
  const judge = judgedByOffset([100])
  const reader = await OutcomeReader.start({ log, topic, dueMs: () => 0, judge })
  const offsets = [100, 101, 104, 103, 105, 105]
  await log.publish((outputs) => {
    for (const offset of offsets)
      outputs.append({ topic, partition: 0, key: null, value: assignmentOf(offset), timestamp: 0 })
  })
  const isRead = () => reader.judged.seen + reader.judged.twice === offsets.length
  await until(isRead, () => JSON.stringify(reader.judged))
  expect(reader.judged).toEqual({ seen: 4, lost: 2, twice: 2 })
  expect(reader.takeLateness().count).toBe(4)
  await reader.stop()
  await log.close()
})

test('events that are numbered are known again by their ids, in any order and partition, each once', async () => {
  const log = await openLog(2)
  const late: number[] = []
  const dueMs = (i: number) => {
    late.push(i)
    return 0
  }
  const reader = await OutcomeReader.start({ log, topic, dueMs, judge: judgedById(0) })
  const value = new AvroWriter(64)
  value.string('tx-000000000000')
  const bytes = Buffer.from(value.written())
  await log.publish((outputs) => {
    for (const [i, event] of [7, 0, 3_456_789, 7].entries()) {
      numbered(bytes, event)
      outputs.append({ topic, partition: i % 2, key: null, value: Buffer.from(bytes), timestamp: 0 })
    }
  })
  await until(
    () => reader.judged.seen + reader.judged.twice === 4,
    () => JSON.stringify(reader.judged),
  )
  expect(reader.judged).toEqual({ seen: 3, lost: 0, twice: 1 })
  expect(late.sort((a, b) => a - b)).toEqual([0, 7, 3_456_789])
  await reader.stop()
  await log.close()
})

test('a sender has sent what was due when it was stopped, each event to its partition in turn', async () => {
  const log = await openLog(3)
  const events = [0, 1].map((i) => ({ key: Buffer.from(`${i}`), value: Buffer.from(`${i}`) }))
  const sender = new Sender({ log, topic, partitions: 3, events })
  sender.setRate(2000)
  await until(
    () => sender.acknowledged >= 100,
    () => `100 events: ${sender.acknowledged}`,
  )
  await sender.stop()
  const ends = await Promise.all([0, 1, 2].map(async (partition) => (await log.bounds({ topic, partition })).end))
  expect(ends.reduce((sum, end) => sum + end)).toBe(sender.due)
  expect(sender.acknowledged).toBe(sender.due)
  expect(Math.max(...ends) - Math.min(...ends)).toBeLessThanOrEqual(1)
  await log.close()
})

test('an event is due by the rate that held when its turn came', async () => {
  const log = await openLog(1)
  const sender = new Sender({ log, topic, partitions: 1, events: [{ key: Buffer.from('k'), value: Buffer.from('v') }] })
  sender.setRate(1000)
  await until(
    () => sender.due >= 50,
    () => 'events at the first rate',
  )
  sender.setRate(100)
  const changed = sender.due
  await until(
    () => sender.due >= changed + 3,
    () => 'events at the second rate',
  )
  expect(sender.dueMs(11) - sender.dueMs(10)).toBeCloseTo(1, 6)
  expect(sender.dueMs(changed + 2) - sender.dueMs(changed + 1)).toBeCloseTo(10, 6)
  await sender.stop()
  await log.close()
})

test('of each partition that is watched it is told how old what came was, also of one that is watched later', async () => {
  const log = await openLog(3)
  const pauses = new PartitionPauses(log, topic)
  const ages: number[] = []
  const come = async (partition: number) => {
    const timestamp = Date.now() - 60_000
    await log.publish((outputs) => outputs.append({ topic, partition, key: null, value: null, timestamp }))
  }
  const isSeen = (partition: number) => () => {
    for (const [i, age] of pauses.take().agesMs.entries()) ages[i] = Number.isNaN(age) ? ages[i] : age
    return ages[partition] >= 60_000
  }
  for (const partition of [0, 1, 2]) {
    await come(partition)
    await pauses.watch(partition + 1)
    await come(partition)
    await until(isSeen(partition), () => `something of partition ${partition}: ${ages}`)
  }
  expect(pauses.take().pausesMs).toHaveLength(3)
  await pauses.close()
  await log.close()
})
