import { expect, test } from 'vitest'
import type { MemoryClient } from '../../src/adapters/memory/client.ts'
import { MemoryCluster } from '../../src/adapters/memory/cluster.ts'
import type { Wire } from '../../src/adapters/memory/wire.ts'
import { ShoalError } from '../../src/runtime/errors.ts'
import { Health } from '../../src/runtime/health.ts'
import { reportLag } from '../../src/runtime/lag.ts'
import { HeldMember, publishValues, shared } from '../contract/event-log/world.ts'
import { ManualClock } from './manual-clock.ts'
import { eventually } from './model-world.ts'
import { recordedTelemetry } from './recorded-telemetry.ts'

async function startWorld(judge: () => 'pass' | 'hang' | 'fail' = () => 'pass') {
  const clock = new ManualClock()
  const cluster = new MemoryCluster({ clock })
  const log = cluster.client()
  await log.prepare([{ topic: 'in', partitions: 2, cleanup: 'delete', owner: 'shoal' }], true)
  const wire: Wire = async (_, deliver) => {
    const fate = judge()
    if (fate === 'hang') return new Promise(() => undefined)
    if (fate === 'fail') throw new ShoalError('log.unavailable', 'connection refused')
    return deliver()
  }
  const telemetry = recordedTelemetry()
  const health = new Health(telemetry)
  health.running()
  health.modelKnown()
  const stop = new AbortController()
  const report = (client: MemoryClient) =>
    reportLag({ group: 'group', topic: 'in', log: client, clock, telemetry, health, partitions: null }, stop.signal)
  const lag = (partition: number) => telemetry.gauged('shoal_lag_events', { partition: String(partition) })
  /** Time passes, as often as it needs to. */
  const later = (check: () => void) =>
    eventually(() => {
      clock.advance(1_000)
      check()
    })
  return { clock, log, telemetry, health, stop, lag, later, reporting: report(cluster.client(wire)) }
}

test('the lag is what lies between the committed position, or the start, and the end', async () => {
  const { log, lag, stop, later, reporting } = await startWorld()
  await later(() => expect([lag(0), lag(1)]).toEqual([0, 0]))
  await publishValues(log, 'in', 0, ['a', 'b', 'c'])
  await later(() => expect([lag(0), lag(1)]).toEqual([3, 0]))
  const member = new HeldMember(log, 'group', 'in')
  const [share] = await shared([member], 2)
  await share.begin().commit(new Map([[0, 2]]))
  await later(() => expect(lag(0)).toBe(1))
  await member.leave()
  stop.abort()
  await reporting
})

test('the lag in seconds is how long the oldest record that is not committed has been there, as far as this process has seen', async () => {
  const { clock, log, telemetry, stop, later, reporting } = await startWorld()
  const seconds = () => telemetry.gauged('shoal_lag_seconds', { partition: '0' })
  await later(() => expect(seconds()).toBe(0))
  await publishValues(log, 'in', 0, ['a', 'b'])
  await later(() => expect(seconds()).toBeGreaterThan(60))
  const beforeMs = clock.now()
  await publishValues(log, 'in', 0, ['c'])
  await later(() => expect(seconds()).toBeGreaterThan(120))
  const member = new HeldMember(log, 'group', 'in')
  const [share] = await shared([member], 2)
  await share.begin().commit(new Map([[0, 2]]))
  await later(() => expect(seconds()).toBeLessThanOrEqual((clock.now() - beforeMs) / 1000))
  expect(seconds()).toBeGreaterThan(0)
  await share.begin().commit(new Map([[0, 3]]))
  await later(() => expect(seconds()).toBe(0))
  await member.leave()
  stop.abort()
  await reporting
  expect(seconds()).toBeNaN()
})

test('scoring that has failed counts as mended once nothing waits to be scored, and no sooner', async () => {
  const { log, health, lag, stop, later, reporting } = await startWorld()
  await publishValues(log, 'in', 0, ['a', 'b', 'c'])
  health.failed('score', 'a bug')
  await later(() => expect(lag(0)).toBe(3))
  expect(health.report()).toMatchObject({ ready: false, reasons: ['score: a bug'] })
  const member = new HeldMember(log, 'group', 'in')
  const [share] = await shared([member], 2)
  await share.begin().commit(new Map([[0, 3]]))
  await later(() => expect(health.report()).toMatchObject({ ready: true, reasons: [] }))
  await member.leave()
  stop.abort()
  await reporting
})

test('a lag that nobody knows is taken away, when Kafka fails and when the process stops', async () => {
  let fate: 'pass' | 'fail' = 'pass'
  const { health, lag, stop, later, reporting } = await startWorld(() => fate)
  await later(() => expect(lag(0)).toBe(0))
  fate = 'fail'
  await later(() => expect([lag(0), lag(1)]).toEqual([Number.NaN, Number.NaN]))
  expect(health.line()).toBe('degraded: kafka: connection refused')
  fate = 'pass'
  await later(() => expect(lag(0)).toBe(0))
  expect(health.line()).toBe('serving')
  stop.abort()
  await reporting
  expect([lag(0), lag(1)]).toEqual([Number.NaN, Number.NaN])
})

test('Kafka that does not answer shows in the health before anything fails, and keeps nobody from stopping', async () => {
  const { clock, health, stop, reporting } = await startWorld(() => 'hang')
  expect(health.line()).toBe('serving')
  clock.advance(4_999)
  await clock.yield()
  expect(health.line()).toBe('serving')
  clock.advance(1)
  await eventually(() => expect(health.line()).toBe('degraded: kafka: no answer for 5000 ms'))
  stop.abort()
  await reporting
})

test('an input topic that is gone is for whoever supervises to tell', async () => {
  const clock = new ManualClock()
  const telemetry = recordedTelemetry()
  const log = new MemoryCluster({ clock }).client()
  const options = {
    group: 'group',
    topic: 'nowhere',
    log,
    clock,
    telemetry,
    health: new Health(telemetry),
    partitions: null,
  }
  await expect(reportLag(options, new AbortController().signal)).rejects.toMatchObject({ code: 'topics.missing' })
})
