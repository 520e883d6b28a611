/** Causes that a real Kafka cannot be made to have in a test: what each does to the metrics by which its alert judges. */
import { afterEach, expect, test } from 'vitest'
import type { MemoryClient } from '../../src/adapters/memory/client.ts'
import { MemoryCluster } from '../../src/adapters/memory/cluster.ts'
import { memoryRegistry } from '../../src/adapters/memory/registry.ts'
import type { Request, Wire } from '../../src/adapters/memory/wire.ts'
import { type ProcessTelemetry, telemetry } from '../../src/adapters/telemetry/telemetry.ts'
import { Random } from '../../src/core/kmeans/random.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { ShoalError } from '../../src/runtime/errors.ts'
import type { Service, ServiceSettings } from '../../src/runtime/service.ts'
import { blue, greenSettings } from '../pipeline/deployments.ts'
import { run, settingsFor, until } from '../pipeline/harness.ts'

const services: Service[] = []
afterEach(async () => {
  await Promise.all(services.splice(0).map((service) => service.stop()))
})

const random = new Random(5)
/** Around four places, or all over the place. */
const clustered = () => [
  random.gaussian() * 0.1 + 3 * random.below(2),
  random.gaussian() * 0.1 + 3 * random.below(2),
  0,
]
const uneven = () => [random.gaussian() * 0.1 + (random.below(10) < 8 ? 3 : 0), clustered()[1], 0]
const scattered = () => [0, 1, 2].map(() => random.below(6_000) / 1_000 - 1.5)

function world(change: Partial<ServiceSettings> = {}) {
  const cluster = new MemoryCluster({ clock: systemClock, sessionTimeoutMs: 300, transactionTimeoutMs: 10_000 })
  const log = cluster.client()
  const registry = memoryRegistry()
  const settings = settingsFor('causes', 'events', { limit: { maxEvents: 200, maxBytes: 1 << 20 }, ...change })
  return {
    async produce(count: number, rowOf: () => readonly number[] = clustered): Promise<void> {
      await log.prepare([{ topic: 'events', partitions: 2, cleanup: 'delete', owner: 'shoal' }], true)
      await log.publish((outputs) => {
        for (let i = 0; i < count; i++) {
          const [x0, x1, x2] = rowOf()
          const value = Buffer.from(JSON.stringify({ id: `e${i}`, x0, x1, x2 }))
          outputs.append({ topic: 'events', partition: i % 2, key: null, value, timestamp: 1_000 + i })
        }
      })
    },
    start(wire?: Wire, deployment = settings): ProcessTelemetry & { readonly client: MemoryClient } {
      const said = telemetry({ level: 'error', destination: { write: () => {} }, base: {}, tracing: null })
      const client = cluster.client(wire)
      services.push(run(deployment, client, null, { registry, telemetry: said }))
      return { ...said, client }
    },
  }
}

/** The sum of the samples that begin so. */
async function sum(said: ProcessTelemetry, ...beginnings: readonly string[]): Promise<number> {
  const { text } = await said.expose(undefined)
  const lines = text.split('\n').filter((line) => beginnings.some((beginning) => line.startsWith(beginning)))
  return lines.reduce((total, line) => total + Number(line.slice(line.lastIndexOf(' '))), 0)
}

const becomes = (said: ProcessTelemetry, beginning: string, least: number) =>
  until(
    async () => (await sum(said, beginning)) >= least,
    () => `${beginning} ${least}`,
  )

/** At requests of this kind, before they arrive. */
const at =
  (kind: Request, hold: () => Promise<void>): Wire =>
  async (request, deliver) => {
    if (request === kind) await hold()
    return deliver()
  }

test('ShoalLatencyHigh: a broker that takes 300 ms to end a transaction puts all batches above 200 ms', async () => {
  const { produce, start } = world()
  await produce(3_000)
  const said = start(at('end', () => systemClock.sleep(300)))
  await becomes(said, 'shoal_events_total', 3_000)
  expect(await sum(said, 'shoal_transaction_seconds_count{stage="score"}')).toBeGreaterThan(5)
  expect(await sum(said, 'shoal_transaction_seconds_bucket{le="0.2",stage="score"}')).toBe(0)
  expect(await sum(said, 'shoal_commit_wait_seconds_total')).toBeGreaterThan(0)
})

test('ShoalShadowBehind: a shadow whose transactions do not end is behind by what the primary goes on with, until they do', async () => {
  const { produce, start } = world(blue)
  await produce(2_000)
  start()
  let held = Promise.resolve()
  const shadow = start(
    at('end', () => held),
    greenSettings(),
  )
  await becomes(shadow, 'shoal_events_total', 2_000)
  const holding = Promise.withResolvers<void>()
  held = holding.promise
  await produce(12_000)
  await becomes(shadow, 'shoal_shadow_lag_events', 10_001)
  console.log(`behind ${await sum(shadow, 'shoal_shadow_lag_events')}`)
  holding.resolve()
  await until(
    async () => (await sum(shadow, 'shoal_shadow_lag_events')) === 0,
    () => 'a shadow that has caught up',
  )
  expect(await sum(shadow, 'shoal_events_total')).toBe(14_000)
})

test('ShoalErrorRateHigh: a broker that loses each tenth end of a transaction is counted, and every event is scored once', async () => {
  const { produce, start } = world()
  await produce(6_000)
  let ends = 0
  const said = start(
    at('end', async () => {
      if (++ends % 10 === 0) throw new ShoalError('log.unavailable', 'the connection was lost')
    }),
  )
  await becomes(said, 'shoal_events_total', 6_000)
  const all = await sum(said, 'shoal_transactions_total')
  expect(
    (all -
      (await sum(
        said,
        'shoal_transactions_total{stage="score",outcome="committed"}',
        'shoal_transactions_total{stage="train",outcome="committed"}',
      ))) /
      all,
  ).toBeGreaterThan(0.01)
  expect(await sum(said, 'shoal_restarts_total')).toBeGreaterThan(0)
  expect(await sum(said, 'shoal_events_total')).toBe(6_000)
})

test('ShoalFencedLoop: a process that stands still at a commit until its partitions have gone to another is fenced when it goes on', async () => {
  const { produce, start } = world()
  await produce(1_000)
  const well = start()
  await becomes(well, 'shoal_model_version', 1)
  let isArmed = false
  let still: Promise<void> | null = null
  const ill = start(async (request, deliver) => {
    if (isArmed && request === 'stage') still ??= standStill()
    await still
    return deliver()
  })
  const standStill = async () => {
    const goOn = ill.client.fallSilent()
    await becomes(well, 'shoal_partitions{stage="score"}', 2)
    goOn()
  }
  await becomes(ill, 'shoal_partitions{stage="score"}', 1)
  isArmed = true
  await until(
    async () => {
      await produce(20)
      return (await sum(ill, 'shoal_transactions_total{stage="score",outcome="fenced"}')) >= 1
    },
    () => 'one that is fenced',
  )
  expect(await sum(ill, 'shoal_rebalances_total{stage="score"}')).toBeGreaterThan(0)
})

test('ShoalUpdatesRefused: records of model-updates that are none are counted as refused, and learning goes on', async () => {
  const { produce, start } = world()
  await produce(1_000)
  const said = start()
  await becomes(said, 'shoal_model_trained_events', 1_000)
  await said.client.publish((outputs) => {
    for (let i = 0; i < 20; i++) {
      const value = Buffer.from('no update')
      outputs.append({ topic: 'causes.model-updates', partition: 0, key: null, value, timestamp: 1_000 })
    }
  })
  await produce(1_000)
  await becomes(said, 'shoal_model_trained_events', 2_000)
  await becomes(said, 'shoal_updates_refused_total{reason="damaged"}', 20)
  expect(await sum(said, 'shoal_batch_events_sum{stage="train"}')).toBeGreaterThan(20)
})

test('ShoalModelBehind: a process whose fetches are not answered serves by an older version than the other, until they are', async () => {
  const { produce, start } = world()
  await produce(1_000)
  const well = start()
  await becomes(well, 'shoal_model_version', 1)
  let held = Promise.resolve()
  const ill = start(at('fetch', () => held))
  await becomes(ill, 'shoal_ready', 1)
  const holding = Promise.withResolvers<void>()
  held = holding.promise
  const published = (said: ProcessTelemetry) => sum(said, 'shoal_model_published_timestamp_seconds')
  await until(
    async () => {
      await produce(100)
      return (await published(well)) > (await published(ill))
    },
    () => 'a version that only one has seen',
  )
  expect(await published(ill)).toBeGreaterThan(0)
  expect(await sum(ill, 'shoal_ready')).toBe(1)
  holding.resolve()
  await until(
    async () => (await published(ill)) === (await published(well)),
    () => 'both at the same version',
  )
})

test('ShoalSnapshotStale: a process without a snapshot store tells of no snapshot that could be old', async () => {
  const { produce, start } = world()
  await produce(1_000)
  const said = start()
  await becomes(said, 'shoal_model_version', 1)
  const { text } = await said.expose(undefined)
  expect(text).not.toMatch(/^shoal_snapshot_(version|published_timestamp_seconds)\b/m)
})

test('ShoalDriftOpen: places that hold 80 % of the events instead of 50 % are an open drift that is not critical', async () => {
  const { produce, start } = world()
  await produce(8_000)
  const said = start()
  await becomes(said, 'shoal_events_total', 8_000)
  await produce(6_000, uneven)
  await becomes(said, 'shoal_drift_open{severity="warning"}', 1)
  expect(await sum(said, 'shoal_drift_open{severity="critical"}')).toBe(0)
})

test('ShoalAuditFailing: a refused access is counted when the topic of the audit takes no record', async () => {
  const { produce, start } = world()
  await produce(1_000)
  const said = start(
    at('publish', async () => {
      throw new ShoalError('log.refused', 'no right to write')
    }),
  )
  await becomes(said, 'shoal_model_version', 1)
  const knock = { client: null, address: '10.0.0.7', method: 'GET', route: '/v1/model', needed: 'read' }
  services[0].audit.refused(knock)
  await becomes(said, 'shoal_audit_failures_total{kind="access"}', 1)
})

test('ShoalSaturated: a process with a backlog computes or waits for commits nearly all the time', async () => {
  const { produce, start } = world({ limit: { maxEvents: 5_000, maxBytes: 1 << 22 } })
  await produce(100_000)
  const said = start()
  /** Of one process over a span of time: what the alert's rate is. */
  const busy = () => sum(said, 'shoal_batch_seconds_sum{stage="score"}', 'shoal_commit_wait_seconds_total')
  await becomes(said, 'shoal_events_total', 10_000)
  const [startedMs, before] = [systemClock.now(), await busy()]
  await becomes(said, 'shoal_events_total', 90_000)
  const ratio = ((await busy()) - before) / ((systemClock.now() - startedMs) / 1000)
  console.log(`busy ${ratio.toFixed(2)}`)
  expect(ratio).toBeGreaterThan(0.5)
})

test('ShoalQualityDrop: events without clusters leave more than 1.3 times as much unexplained', async () => {
  const { produce, start } = world()
  await produce(8_000)
  const said = start()
  await becomes(said, 'shoal_events_total', 8_000)
  await becomes(said, 'shoal_quality_version', 2)
  const before = await sum(said, 'shoal_quality_unexplained_ratio')
  await produce(20_000, scattered)
  await until(
    async () => (await sum(said, 'shoal_quality_unexplained_ratio')) > 1.3 * before,
    () => `more than 1.3 times ${before}`,
  )
  console.log(
    `unexplained ${before.toFixed(4)}, then ${(await sum(said, 'shoal_quality_unexplained_ratio')).toFixed(4)}`,
  )
})
