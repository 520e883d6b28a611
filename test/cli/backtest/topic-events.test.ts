import { describe, expect, it } from 'vitest'
import { MemoryCluster } from '../../../src/adapters/memory/cluster.ts'
import { type TopicRange, topicEvents } from '../../../src/cli/backtest/topic-events.ts'
import { systemClock } from '../../../src/runtime/clock.ts'

async function logOf(records: readonly (readonly [partition: number, timestamp: number])[]) {
  const log = new MemoryCluster({ clock: systemClock }).client()
  await log.prepare([{ topic: 'in', partitions: 3, cleanup: 'delete', owner: 'shoal' }], true)
  await log.publish((outputs) => {
    for (const [partition, timestamp] of records) {
      outputs.append({ topic: 'in', partition, key: null, value: Buffer.from(`${partition}@${timestamp}`), timestamp })
    }
  })
  return log
}

async function read(log: Awaited<ReturnType<typeof logOf>>, range: Partial<TopicRange> = {}): Promise<string[]> {
  const all = { topic: 'in', sinceMs: 0, untilMs: Number.POSITIVE_INFINITY, rows: null, ...range }
  const events = await topicEvents(log, all, new AbortController().signal)
  const pieces = await Array.fromAsync(events.pieces())
  return pieces.flat().map(({ value }) => Buffer.from(value ?? []).toString())
}

const scattered = [
  [0, 10],
  [0, 40],
  [1, 20],
  [1, 20],
  [2, 20],
  [2, 30],
] as const

describe('the events of a topic', () => {
  it('come in the order of their times, of equal ones the lower partition first', async () => {
    expect(await read(await logOf(scattered))).toEqual(['0@10', '1@20', '1@20', '2@20', '2@30', '0@40'])
  })

  it('keep the order of their partition, whatever their times', async () => {
    const log = await logOf([
      [0, 50],
      [0, 10],
      [1, 20],
    ])
    expect(await read(log)).toEqual(['1@20', '0@50', '0@10'])
  })

  it('are those of the range of times', async () => {
    expect(await read(await logOf(scattered), { sinceMs: 20, untilMs: 40 })).toEqual(['1@20', '1@20', '2@20', '2@30'])
  })

  it('are no more than wanted', async () => {
    expect(await read(await logOf(scattered), { rows: 2 })).toEqual(['0@10', '1@20'])
  })

  it('end where the topic ended when it was asked', async () => {
    const log = await logOf(scattered)
    const range = { topic: 'in', sinceMs: 0, untilMs: 1e12, rows: null }
    const events = await topicEvents(log, range, new AbortController().signal)
    await log.publish((outputs) => {
      outputs.append({ topic: 'in', partition: 0, key: null, value: null, timestamp: 60 })
    })
    expect((await Array.fromAsync(events.pieces())).flat()).toHaveLength(6)
  })

  it('are none of a topic that holds none', async () => {
    expect(await read(await logOf([]))).toEqual([])
  })
})
