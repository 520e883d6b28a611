import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Api } from '../../src/http/api.ts'
import { Live } from '../../src/http/live.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import type { EventLog, Positions } from '../../src/runtime/ports.ts'
import type { ToldEvent } from '../../src/runtime/views/drift/told-event.ts'
import { until } from '../pipeline/harness.ts'
import { noticing } from '../runtime/model-world.ts'
import { type Serving, serving } from './serving.ts'

let world: Serving
beforeAll(async () => {
  world = await serving()
})
afterAll(() => world.stop())

const topic = 'told'
const partitions = [0, 1, 2]

test('whoever looks is told of all that comes to any partition, once, though reading fails after every batch', async () => {
  const { api, log } = world
  await log.prepare([{ topic, partitions: partitions.length, cleanup: 'delete', owner: 'shoal' }], true)
  const tell = (text: string, partition: number) =>
    log.publish((outputs) => outputs.append({ topic, partition, key: null, value: Buffer.from(text), timestamp: 1 }))
  for (const partition of partitions) await tell('before anybody looked', partition)
  const told: unknown[] = []
  const { log: failing, begun } = failingAfterEveryBatch(log)
  const looking: Api = {
    ...api,
    log: failing,
    settings: { ...api.settings, topics: { ...api.settings.topics, driftEvents: topic } },
    clock: { ...systemClock, sleep: (ms, signal) => systemClock.sleep(Math.min(ms, 5), signal) },
    readDriftEvents: async (values) => values.map((value) => Buffer.from(value).toString() as unknown as ToldEvent),
  }
  const leave = new Live().listen(looking, ({ event, data }) => {
    if (event === 'drift') told.push(data)
  })
  await until(
    () => begun.length > 0,
    () => 'a reader that has begun',
  )
  for (const round of [1, 2]) for (const partition of partitions) await tell(`${round} in ${partition}`, partition)
  await tell('the last', 0)
  await until(
    () => told.includes('the last') && told.length >= 7,
    () => told.join(', '),
  )
  leave()
  expect(told.toSorted()).toEqual(['1 in 0', '1 in 1', '1 in 2', '2 in 0', '2 in 1', '2 in 2', 'the last'])
  expect(begun[0]).toEqual(new Map(partitions.map((partition) => [partition, 1])))
  expect(begun.length).toBeGreaterThanOrEqual(partitions.length)
})

/** `begun`: from where the topic has been followed. */
function failingAfterEveryBatch(log: EventLog): { readonly log: EventLog; readonly begun: readonly Positions[] } {
  const begun: Positions[] = []
  const failing: EventLog = {
    ...noticing(log, () => undefined),
    async *follow(followed, from, signal) {
      if (followed === topic) begun.push(new Map(from))
      for await (const batch of log.follow(followed, from, signal)) {
        yield batch
        throw new Error('the log is gone')
      }
    },
  }
  return { log: failing, begun }
}
