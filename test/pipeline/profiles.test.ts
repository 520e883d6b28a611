/** Entity profiles are exactly those of the committed input, whoever dies, and whoever takes over. */
import { afterEach, describe, expect, test } from 'vitest'
import { MemoryCluster } from '../../src/adapters/memory/cluster.ts'
import { OutputColumns } from '../../src/adapters/memory/outputs.ts'
import { planFeatures } from '../../src/core/features/feature-plan.ts'
import { profileKinds } from '../../src/core/features/features.ts'
import { jsonProjection } from '../../src/core/fields/json-projection.ts'
import { Random } from '../../src/core/kmeans/random.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { lagOf } from '../../src/runtime/lag.ts'
import type { EventLog } from '../../src/runtime/ports.ts'
import { feature } from '../core/features/vectorising.ts'
import { profileFeature } from '../core/profiles/profiling.ts'
import { recordedTelemetry } from '../runtime/recorded-telemetry.ts'
import { type RunningService, readTopic, run, settingsFor, until } from './harness.ts'
import { committedProfiles, profilesOfInput } from './profile-truth.ts'

const partitions = 4
const customers = 60
const features = [
  feature('amount', { kind: 'log' }),
  ...profileKinds.map((as) => profileFeature(as)),
  profileFeature('ratio', { entity: 'terminal' }),
]
const topic = 'model.profiles'

const settingsWith = (limit = 1000) => {
  const settings = settingsFor('model', 'events', {
    plan: planFeatures({ id: 'id', time: 'at', timeUnitMs: 1, features }),
    profiles: { limit, key: 'customer' },
    limit: { maxEvents: 150, maxBytes: 1 << 20 },
  })
  return { ...settings, topics: { ...settings.topics, profiles: topic } }
}

const started: { readonly service: RunningService }[] = []
afterEach(async () => {
  await Promise.all(started.splice(0).map(({ service }) => service.stop()))
})

async function world(options: { readonly sessionTimeoutMs?: number; readonly transactionTimeoutMs?: number } = {}) {
  const cluster = new MemoryCluster({ clock: systemClock, ...options })
  const log = cluster.client()
  await log.prepare([{ topic: 'events', partitions, cleanup: 'delete', owner: 'shoal' }], true)
  return { cluster, log }
}

/** Keyed by customer; some late, some of nobody, some broken. */
async function publish(log: EventLog, from: number, to: number): Promise<void> {
  const random = new Random(from + 1)
  await log.publish((outputs) => {
    for (let i = from; i < to; i++) {
      const customer = random.below(customers)
      const at = 1_700_000_000_000 + i * 60_000 - (i % 9 === 0 ? random.below(86_400_000) : 0)
      const place = { latitude: 50 + random.gaussian(), longitude: 8 + random.gaussian() }
      const event = { id: `e${i}`, at, customer: i % 50 === 3 ? null : customer, terminal: `t${random.below(9)}` }
      const whole = JSON.stringify({ ...event, amount: 10 + 5 * random.gaussian(), device: i % 7, ...place })
      const value = Buffer.from(i % 40 === 11 ? whole.slice(0, -4) : whole)
      const partition = customer % partitions
      outputs.append({ topic: 'events', partition, key: Buffer.from(`c${customer}`), value, timestamp: at })
    }
  })
}

function start(cluster: MemoryCluster, settings = settingsWith()) {
  const telemetry = recordedTelemetry()
  const client = cluster.client()
  const one = { service: run(settings, client, null, { telemetry }), telemetry, client }
  started.push(one)
  return one
}

async function stop(one: { readonly service: RunningService }): Promise<void> {
  started.splice(
    started.findIndex(({ service }) => service === one.service),
    1,
  )
  await one.service.stop()
}

const behind = async (log: EventLog) =>
  [...(await lagOf(log, 'model', 'events')).values()].reduce((sum, events) => sum + events, 0)
const done = (log: EventLog) =>
  until(
    async () => (await behind(log)) === 0,
    () => started[0]?.service.health.line() ?? '',
  )

async function trueProfiles(log: EventLog, limit = 1000) {
  const { plan } = settingsWith(limit)
  const projection = jsonProjection(plan.fields, { maxEventBytes: 4096 })
  const truth = await profilesOfInput(log, 'events', plan, { limit, key: null }, projection)
  const record = (await readTopic(log, topic)).find(({ value }) => value !== null)
  return truth.byKey(record!.value!.readInt32BE(1))
}

describe('profiles of the embedded log', () => {
  test('are those of its events, once each and in order, whoever is killed, wakes as a zombie, or takes over', async () => {
    const { cluster, log } = await world({ sessionTimeoutMs: 300, transactionTimeoutMs: 500 })
    await publish(log, 0, 2000)
    const first = start(cluster)
    start(cluster)
    await until(
      async () => first.service.follower.current() !== null,
      () => first.service.health.line(),
    )
    for (let round = 1; round <= 4; round++) {
      await publish(log, 2000 * round, 2000 * (round + 1))
      const before = await behind(log)
      const victim = started[round % started.length] as ReturnType<typeof start>
      await until(
        async () => (await behind(log)) < before - 300,
        () => victim.service.health.line(),
      )
      const speak = victim.client.fallSilent()
      const heir = start(cluster)
      await until(
        async () => heir.telemetry.counted('shoal_shares_total', { stage: 'score' }) > 0,
        () => heir.service.health.line(),
      )
      speak()
      if (round % 2 === 0) await stop(victim)
    }
    await done(log)
    expect(await committedProfiles(log, topic)).toEqual(await trueProfiles(log))
    const refusals = started.flatMap((one) => (one as ReturnType<typeof start>).telemetry.log.lines)
    expect(refusals.filter(({ message }) => message.includes('refused'))).toEqual([])
  })

  test('are given up at their limit by whoever has them, and by whoever takes over, alike', async () => {
    const limit = 5
    const { cluster, log } = await world()
    for (let round = 0; round < 3; round++) {
      await publish(log, 1000 * round, 1000 * (round + 1))
      const one = start(cluster, settingsWith(limit))
      await done(log)
      await until(
        () => one.telemetry.counted('shoal_profiles_evicted_total') > 0,
        () => one.service.health.line(),
      )
      await stop(one)
    }
    const found = await committedProfiles(log, topic)
    expect(found).toEqual(await trueProfiles(log, limit))
    expect(Object.keys(found).filter((key) => key.includes('\0')).length).toBe(partitions * 2 * limit)
  })

  test('stay with a partition that stays: a rebalance restores those that move, and no others', async () => {
    const { cluster, log } = await world()
    await publish(log, 0, 2000)
    const first = start(cluster)
    await done(log)
    expect(first.telemetry.counted('shoal_profile_restores_total')).toBe(partitions)
    const second = start(cluster)
    await until(
      () => second.telemetry.counted('shoal_profile_restores_total') === 2,
      () => second.service.health.line(),
    )
    await publish(log, 2000, 4000)
    await done(log)
    expect(first.telemetry.counted('shoal_profile_restores_total')).toBe(partitions)
    expect(await committedProfiles(log, topic)).toEqual(await trueProfiles(log))
  })

  test('of a partition are waited for by that partition alone, and health says so', async () => {
    const { cluster, log } = await world({ transactionTimeoutMs: 60_000 })
    await publish(log, 0, 2000)
    const first = start(cluster)
    await done(log)
    await stop(first)
    const open = cluster.begin()
    const source = cluster.partition({ topic, partition: 1 })

    const outputs = new OutputColumns()
    outputs.append({ topic, partition: 1, key: Buffer.from('customer\0c1'), value: Buffer.from('void'), timestamp: 1 })
    open.write(source, outputs.sink(topic, 1))
    await publish(log, 2000, 4000)
    const second = start(cluster)
    const lag = async () => [...(await lagOf(log, 'model', 'events')).entries()].filter(([, events]) => events > 0)
    await until(
      async () => (await lag()).map(([partition]) => partition).join() === '1',
      () => second.service.health.line(),
    )
    await until(
      () => second.service.health.line().includes('partition 1 waits for its profiles'),
      () => second.service.health.line(),
    )
    expect(second.service.health.report().ready).toBe(true)
    open.abort()
    await done(log)
    await until(
      () => second.service.health.line() === 'serving',
      () => second.service.health.line(),
    )
    expect(await committedProfiles(log, topic)).toEqual(await trueProfiles(log))
  })

  test('that are damaged are refused by name, and their entities begin anew', async () => {
    const { cluster, log } = await world()
    await publish(log, 0, 2000)
    const first = start(cluster)
    await done(log)
    await stop(first)
    const victim = (await readTopic(log, topic)).findLast(
      ({ partition, key }) => partition === 2 && key!.includes('\0'),
    )!
    await log.publish((outputs) => {
      for (const value of [Buffer.alloc(40, 7), Buffer.from('x'), Buffer.alloc(0)]) {
        outputs.append({ topic, partition: 2, key: Buffer.from(victim.key!), value, timestamp: 1 })
      }
    })
    const second = start(cluster)
    await publish(log, 2000, 4000)
    await done(log)
    expect(second.telemetry.counted('shoal_profiles_refused_total', { reason: 'damaged' })).toBe(3)
    const lines = second.telemetry.log.lines.filter(({ level }) => level === 'error')
    expect(lines).toMatchObject([
      { fields: { topic, partition: 2, count: 3, first: expect.stringContaining('offset') } },
    ])
  })

  test('of events whose keys are not their customers warn once, and are counted', async () => {
    const { cluster, log } = await world()
    await log.publish((outputs) => {
      for (let i = 0; i < 2000; i++) {
        const value = Buffer.from(JSON.stringify({ id: `e${i}`, at: i, customer: i % 9, amount: i % 13 }))
        outputs.append({ topic: 'events', partition: i % partitions, key: Buffer.from(`k${i}`), value, timestamp: i })
      }
    })
    const one = start(cluster)
    await done(log)
    expect(one.telemetry.counted('shoal_profile_foreign_keys_total')).toBeGreaterThan(1900)
    const warnings = one.telemetry.log.lines.filter(({ message }) => message.includes('different keys'))
    expect(warnings).toHaveLength(1)
  })
})
