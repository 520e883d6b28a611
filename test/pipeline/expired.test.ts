/** Retention that overtakes the pipeline: what it does then is the configuration's to say. */
import { afterEach, describe, expect, test } from 'vitest'
import { MemoryCluster } from '../../src/adapters/memory/cluster.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { lagOf } from '../../src/runtime/lag.ts'
import type { EventLog } from '../../src/runtime/ports.ts'
import { clusteredRows } from '../core/model/sample-model.ts'
import { recordedTelemetry } from '../runtime/recorded-telemetry.ts'
import { d, decodeAssignment, type RunningService, readTopic, run, settingsFor, until } from './harness.ts'

const events = 2_000
const rows = clusteredRows(2 * events, d, 4, 5)
const started: RunningService[] = []
const settings = settingsFor('model', 'events')

afterEach(async () => {
  await Promise.all(started.splice(0).map((service) => service.stop()))
})

async function publish(log: EventLog, from: number, to: number): Promise<void> {
  await log.publish((outputs) => {
    for (let i = from; i < to; i++) {
      const fields = Array.from({ length: d }, (_, c) => `"x${c}":${rows[i * d + c]}`).join(',')
      const value = Buffer.from(`{"id":"e${i}",${fields}}`)
      outputs.append({ topic: 'events', partition: 0, key: null, value, timestamp: 1_000_000 + i })
    }
  })
}

function start(cluster: MemoryCluster, onExpiredEvents: 'continue' | 'stop') {
  const telemetry = recordedTelemetry()
  const service = run({ ...settings, onExpiredEvents }, cluster.client(), null, { telemetry })
  started.push(service)
  return { service, telemetry }
}

/** A pipeline that has dealt with the first half of its events, has been stopped, and has the second before it. */
async function halfDone() {
  const cluster = new MemoryCluster({ clock: systemClock })
  const log = cluster.client()
  await log.prepare([{ topic: 'events', partitions: 1, cleanup: 'delete', owner: 'shoal' }], true)
  await publish(log, 0, events)
  const { service } = start(cluster, 'continue')
  await done(log, service, events)
  await service.stop()
  started.pop()
  await publish(log, events, 2 * events)
  return { cluster, log }
}

async function done(log: EventLog, service: RunningService, position: number): Promise<void> {
  const isDone = async () =>
    (await log.committed(settings.name, 'events')).get(0) === position &&
    (await lagOf(log, `${settings.name}.train`, settings.topics.modelUpdates)).get(0) === 0
  await until(isDone, () => service.health.line())
}

describe('when retention has overtaken the pipeline', () => {
  test('it goes on with the oldest events that there are, says which are gone, and deals with each of the rest once', async () => {
    const { cluster, log } = await halfDone()
    const gone = events + 700
    cluster.partition({ topic: 'events', partition: 0 }).deleteBefore(gone)
    const { service, telemetry } = start(cluster, 'continue')
    await done(log, service, 2 * events)
    const assigned = (await readTopic(log, settings.topics.assignments)).map(
      (record) => decodeAssignment(record).offset,
    )
    const expected = [...Array(2 * events).keys()].filter((offset) => offset < events || offset >= gone)
    expect(assigned).toEqual(expected)
    expect(telemetry.counted('shoal_expired_events_total', { topic: 'events', partition: '0' })).toBe(700)
    expect(service.health.report()).toMatchObject({ ready: true, state: 'degraded' })
    expect(service.health.line()).toContain(`offsets ${events} to ${gone - 1} of partition 0 of events`)
  })

  test('it stops, when it is told to, and says where', async () => {
    const { cluster, log } = await halfDone()
    cluster.partition({ topic: 'events', partition: 0 }).deleteBefore(events + 700)
    const { service, telemetry } = start(cluster, 'stop')
    const says = `partition 0 of events holds offsets ${events + 700} to ${2 * events}, the position is ${events}`
    await until(
      () => service.health.line().includes(says),
      () => service.health.line(),
    )
    expect(service.health.report().ready).toBe(false)
    expect(telemetry.counted('shoal_expired_events_total')).toBe(0)
    expect((await log.committed(settings.name, 'events')).get(0)).toBe(events)
  })

  test('its trainer goes on with the oldest updates that there are, whatever it is told about events', async () => {
    const { cluster, log } = await halfDone()
    const updates = { topic: settings.topics.modelUpdates, partition: 0 }
    const from = (await log.bounds(updates)).end
    await log.publish((outputs) => {
      for (let i = 0; i < 4; i++) outputs.append({ ...updates, key: null, value: Buffer.from('unread'), timestamp: 1 })
    })
    cluster.partition(updates).deleteBefore(from + 3)
    const { service, telemetry } = start(cluster, 'stop')
    await done(log, service, 2 * events)
    expect(telemetry.counted('shoal_expired_events_total', { topic: updates.topic, partition: '0' })).toBe(3)
  })
})
