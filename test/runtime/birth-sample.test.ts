import { beforeEach, expect, test } from 'vitest'
import { jsonProjection } from '../../src/core/fields/json-projection.ts'
import { birthSample, type SampleOptions } from '../../src/runtime/birth-sample.ts'
import { Health } from '../../src/runtime/health.ts'
import type { EventLog } from '../../src/runtime/ports.ts'
import { ManualClock } from './manual-clock.ts'
import { d, eventually, makeTopics, modelWorld, noticing, plan, publishEvents, topics } from './model-world.ts'
import { recordedTelemetry } from './recorded-telemetry.ts'

let clock: ManualClock
let log: EventLog
let readers: number

beforeEach(() => {
  clock = new ManualClock()
  readers = 0
  log = noticing(
    modelWorld(clock).log,
    () => readers++,
    () => readers--,
  )
})

function sample(partitions: number, change: Partial<SampleOptions> = {}, signal = new AbortController().signal) {
  const options: SampleOptions = {
    topic: topics.input,
    partitions,
    plan,
    profiles: { limit: 100, key: null },
    projection: () => jsonProjection(plan.fields, { maxEventBytes: 4096 }),
    log,
    registry: null,
    clock,
    health: new Health(recordedTelemetry()),
    enoughEvents: 300,
    leastEvents: 6,
    maxWaitMs: 30_000,
    onProgress: () => undefined,
    ...change,
  }
  return birthSample(options, signal)
}

async function fill(counts: readonly number[]): Promise<void> {
  await makeTopics(log, counts.length)
  for (const [partition, count] of counts.entries()) await publishEvents(log, partition, count)
}

/** Far more turns of the event loop than a look at the log needs. */
async function manyTurns(): Promise<void> {
  for (let i = 0; i < 200; i++) await clock.yield()
}

test.each([
  ['even', [200, 200, 200]],
  ['uneven', [500, 3, 40, 1]],
  ['some empty', [0, 310, 0, 0]],
  ['just enough, in one', [300]],
  ['just enough, in all', [100, 0, 150, 50]],
])('from partitions that are %s it takes enough, each from its head, and says which', async (_, counts) => {
  await fill(counts)
  const found = await sample(counts.length)
  const taken = found?.ranges.reduce((sum, { from, to }) => sum + to - from, 0)
  expect(found?.n).toBeGreaterThanOrEqual(300)
  expect(found?.n).toBeLessThan(300 + counts.length)
  expect(taken).toBe(found?.n)
  expect(found?.rows).toHaveLength((found?.n ?? 0) * d)
  expect(found?.ranges.map(({ from }) => from)).toEqual(found?.ranges.map(() => 0))
  const filled = counts.flatMap((count, partition) => (count > 0 ? [partition] : []))
  expect(found?.ranges.map(({ partition }) => partition)).toEqual(filled)
})

test('where partitions have much it takes as much from each', async () => {
  await fill([1000, 1000, 1000])
  const found = await sample(3)
  expect(found?.ranges).toEqual([0, 1, 2].map((partition) => ({ partition, from: 0, to: 100 })))
})

test('the same events give the same rows, in the order of partition and offset', async () => {
  await fill([120, 0, 250])
  const [one, other] = [await sample(3), await sample(3)]
  expect(one?.rows).toEqual(other?.rows)
  const [first] = (await sample(1, { enoughEvents: 1 }))?.rows ?? []
  expect(one?.rows[0]).toBe(first)
})

test('invalid events are passed over, and lie within the range all the same', async () => {
  await makeTopics(log, 1)
  await log.publish((outputs) => {
    const value = Buffer.from('{"id":')
    for (let i = 0; i < 50; i++) outputs.append({ topic: topics.input, partition: 0, key: null, value, timestamp: 1 })
  })
  await publishEvents(log, 0, 400)
  const found = await sample(1)
  expect([found?.n, found?.ranges]).toEqual([300, [{ partition: 0, from: 0, to: 350 }]])
})

test('with fewer events it waits for maxWait, and then takes what there is', async () => {
  await fill([15, 5])
  let isThere = false
  const found = sample(2).then((one) => {
    isThere = true
    return one
  })
  for (let waited = 0; waited < 29_800; waited += 200) {
    await eventually(() => expect(clock.sleepers).toBe(1))
    clock.advance(200)
  }
  await manyTurns()
  expect(isThere).toBe(false)
  clock.advance(200)
  expect((await found)?.n).toBe(20)
})

test('with fewer than the least it waits on, however long, and takes what comes', async () => {
  await fill([3, 2])
  const progress: number[] = []
  const found = sample(2, { onProgress: (events) => progress.push(events) })
  for (let i = 0; i < 20; i++) {
    await eventually(() => expect(clock.sleepers).toBe(1))
    clock.advance(10_000)
  }
  await publishEvents(log, 1, 1, 2)
  await eventually(() => {
    clock.advance(10_000)
    expect(progress.at(-1)).toBe(6)
  })
  expect((await found)?.ranges).toEqual([
    { partition: 0, from: 0, to: 3 },
    { partition: 1, from: 0, to: 3 },
  ])
})

test('it ends with nothing when the signal fires, while it waits or before it begins', async () => {
  await fill([3])
  const stop = new AbortController()
  const found = sample(1, {}, stop.signal)
  await eventually(() => expect(clock.sleepers).toBe(1))
  stop.abort()
  expect(await found).toBeNull()
  expect(await sample(1, {}, stop.signal)).toBeNull()
})

test('every reader is let go, whether it was enough or the signal fired', async () => {
  await fill([400, 10, 0])
  await sample(3)
  expect(readers).toBe(0)
  const stop = new AbortController()
  const found = sample(3, { enoughEvents: 1000 }, stop.signal)
  await eventually(() => expect(clock.sleepers).toBe(1))
  expect(readers).toBe(2)
  stop.abort()
  await found
  expect(readers).toBe(0)
})
