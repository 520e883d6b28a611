/** How the service starts and stops when what it needs is not there. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { MemoryCluster } from '../../src/adapters/memory/cluster.ts'
import type { Request, Wire } from '../../src/adapters/memory/wire.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { ShoalError } from '../../src/runtime/errors.ts'
import type { EventLog, SnapshotStore } from '../../src/runtime/ports.ts'
import { clusteredRows } from '../core/model/sample-model.ts'
import { d, type RunningService, readTopic, run, settingsFor, until } from './harness.ts'

const rows = clusteredRows(1000, d, 4, 11)
let cluster: MemoryCluster
let log: EventLog
let service: RunningService | undefined

beforeEach(() => {
  cluster = new MemoryCluster({ clock: systemClock, transactionTimeoutMs: 500 })
  log = cluster.client()
})
afterEach(async () => {
  await service?.stop().catch(() => undefined)
  service = undefined
})

const makeInput = () => log.prepare([{ topic: 'events', partitions: 2, cleanup: 'delete', owner: 'shoal' }], true)

async function publishEvents(count: number): Promise<void> {
  await log.publish((outputs) => {
    for (let i = 0; i < count; i++) {
      const fields = Array.from({ length: d }, (_, c) => `"x${c}":${rows[i * d + c]}`).join(',')
      const value = Buffer.from(`{"id":"e${i}",${fields}}`)
      outputs.append({ topic: 'events', partition: i % 2, key: null, value, timestamp: 1 })
    }
  })
}

/** A wire on which requests of these kinds are never answered, once `cut` has been called. */
function cuttable(requests: readonly Request[]): {
  readonly wire: Wire
  readonly cut: () => void
  readonly lost: () => number
} {
  let isCut = false
  let lost = 0
  const wire: Wire = async (request, deliver) => {
    await systemClock.yield()
    if (!isCut || !requests.includes(request)) return deliver()
    lost++
    return new Promise(() => undefined)
  }
  return {
    wire,
    cut: () => {
      isCut = true
    },
    lost: () => lost,
  }
}

const healthIs = (line: string) =>
  until(
    () => service?.health.line() === line,
    () => `the health "${line}": it is "${service?.health.line()}"`,
  )

describe('a service', () => {
  test('whose input does not exist says so, and goes on when it does', async () => {
    const settings = settingsFor('model', 'events')
    service = run(settings, cluster.client(), null)
    await healthIs('starting: service: input.topic must exist: there is no topic "events"')
    await makeInput()
    await healthIs('waiting for a model')
    await publishEvents(1000)
    await healthIs('serving')
  })

  test('stops although the log never answers its first question', async () => {
    const { wire, cut, lost } = cuttable(['describe'])
    cut()
    service = run(settingsFor('model', 'events', { shutdownMs: 60_000 }), cluster.client(wire), null)
    await until(
      () => lost() > 0,
      () => 'a question to the log',
    )
    await service.stop()
    expect(service.health.line()).toBe('stopping')
  })

  test('stops although the log answers nothing while it works, but for transactions in flight', async () => {
    const { wire, cut } = cuttable(['describe', 'bounds', 'positions', 'publish'])
    await makeInput()
    service = run(settingsFor('model', 'events', { shutdownMs: 60_000 }), cluster.client(wire), null)
    await publishEvents(1000)
    await healthIs('serving')
    cut()
    await service.stop()
  })

  test('whose commit hangs gives up at the deadline, by name', async () => {
    const { wire, cut, lost } = cuttable(['end'])
    await makeInput()
    service = run(settingsFor('model', 'events', { shutdownMs: 200 }), cluster.client(wire), null)
    cut()
    await publishEvents(1000)
    await until(
      () => lost() > 0,
      () => 'a commit that hangs',
    )
    await expect(service.stop()).rejects.toMatchObject({
      code: 'stopped.deadline',
      message: 'shutdown must finish within 200 ms',
    })
  })

  test('that is asked to stop twice stops once', async () => {
    await makeInput()
    service = run(settingsFor('model', 'events'), cluster.client(), null)
    const [first, second] = [service.stop(), service.stop()]
    expect(first).toBe(second)
    await first
  })

  test('commits what is in flight before it stops, and leaves the rest to the next', async () => {
    await makeInput()
    await publishEvents(1000)
    const settings = settingsFor('model', 'events', { limit: { maxEvents: 20, maxBytes: 1 << 20 } })
    service = run(settings, cluster.client(), null)
    await until(
      async () => (await log.describe(settings.topics.assignments)) !== null,
      () => 'the topics of the service',
    )
    await until(
      async () => (await readTopic(log, settings.topics.assignments)).length > 100,
      () => 'some assignments',
    )
    await service.stop()
    const done = await log.committed('model', 'events')
    const assignments = await readTopic(log, settings.topics.assignments)
    expect(assignments.length).toBe([...done.values()].reduce((sum, next) => sum + next, 0))
    service = run(settings, cluster.client(), null)
    await until(
      async () => (await readTopic(log, settings.topics.assignments)).length === 1000,
      () => 'all assignments',
    )
  })

  test('stops although the snapshot store is away, and says why it was degraded', async () => {
    const away = () => Promise.reject(new ShoalError('snapshots.unavailable', 'connection refused'))
    const store: SnapshotStore = { put: away, latest: away, history: away, read: away, close: async () => undefined }
    await makeInput()
    service = run(settingsFor('model', 'events'), cluster.client(), store)
    await publishEvents(1000)
    await until(
      () => service?.health.report().ready === true,
      () => `a service that is ready: ${service?.health.line()}`,
    )
    expect(service.health.line()).toBe('degraded: redis: connection refused')
    await service.stop()
    expect(service.health.line()).toBe('stopping: redis: connection refused')
  })

  test('does not start a second pair of members when it cannot tell its lag', async () => {
    await makeInput()
    const worker = cluster.client()
    // Only the lag asks for committed positions.
    const halved: EventLog = {
      join: (...args) => worker.join(...args),
      follow: (...args) => worker.follow(...args),
      bounds: (at) => worker.bounds(at),
      boundsOf: (...args) => worker.boundsOf(...args),
      written: (at) => worker.written(at),
      lastCommitted: (group, topic) => worker.lastCommitted(group, topic),
      members: (group, topic) => worker.members(group, topic),
      describe: (topic) => worker.describe(topic),
      prepare: (...args) => worker.prepare(...args),
      committed: () => Promise.reject(new TypeError('a mistake of ours')),
      publish: (write) => worker.publish(write),
      close: () => worker.close(),
    }
    service = run(settingsFor('model', 'events'), halved, null)
    await publishEvents(1000)
    await until(
      () => service?.health.report().ready === true,
      () => `a service that is ready: ${service?.health.line()}`,
    )
    expect(service.health.line()).toBe('degraded: lag: a mistake of ours')
    const restarts = service.telemetry.lines.filter(({ message }) => message.startsWith('service starts again'))
    expect(restarts).toEqual([])
  })
})
