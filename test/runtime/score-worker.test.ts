/** Promises 1 and 8 for one worker: what was not committed is read again, and on a quiet stream, too. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { MemoryCluster } from '../../src/adapters/memory/cluster.ts'
import type { Request, Wire } from '../../src/adapters/memory/wire.ts'
import type { Projection } from '../../src/core/fields/fields.ts'
import { jsonProjection } from '../../src/core/fields/json-projection.ts'
import { ShoalError } from '../../src/runtime/errors.ts'
import { Health } from '../../src/runtime/health.ts'
import { ModelFollower } from '../../src/runtime/model-follower.ts'
import type { EventLog, SchemaRegistry } from '../../src/runtime/ports.ts'
import { type ScoreWorkerOptions, scoreShare } from '../../src/runtime/score-worker.ts'
import { supervise } from '../../src/runtime/supervision.ts'
import { prepareTopics } from '../../src/runtime/topics.ts'
import type { RecordBatch } from '../../src/stages/records.ts'
import { scoreStage } from '../../src/stages/score.ts'
import { publishModel } from '../../src/stages/train.ts'
import { bornFrom, clusteredRows } from '../core/model/sample-model.ts'
import { d, decodeAssignment, fingerprint, readTopic, settingsFor } from '../pipeline/harness.ts'
import { ManualClock } from './manual-clock.ts'
import { eventually } from './model-world.ts'
import { firstDeployment } from './primary/first-deployment.ts'
import { recordedTelemetry } from './recorded-telemetry.ts'

const settings = settingsFor('cards', 'in')
const rows = clusteredRows(5000, d, 4, 3)
const model = {
  ...bornFrom(settings.plan, rows.slice(0, 400 * d), 400, 4),
  fingerprint,
  bornFrom: [],
  learnedUpTo: new Map(),
}
const partitions = 2

let clock: ManualClock
let cluster: MemoryCluster
let log: EventLog
let stop: AbortController
let running: Promise<void>[]

beforeEach(async () => {
  clock = new ManualClock()
  cluster = new MemoryCluster({ clock })
  log = cluster.client()
  stop = new AbortController()
  running = []
  await log.prepare([{ topic: 'in', partitions, cleanup: 'delete', owner: 'shoal' }], true)
  await prepareTopics(log, settings.topics, settings.topicPolicy)
})
afterEach(async () => {
  stop.abort()
  await Promise.all(running)
})

const publishBirth = () => log.publish((outputs) => publishModel(outputs, settings.topics.models, 1, model, 1000))

function eventAt(i: number) {
  const fields = Array.from({ length: d }, (_, c) => `"x${c}":${rows[i * d + c]}`).join(',')
  const value = Buffer.from(i % 10 === 9 ? '{' : `{"id":"e${i}",${fields}}`)
  return { topic: 'in', partition: i % partitions, key: null, value, timestamp: 1000 }
}

async function publishEvents(count: number, from = 0): Promise<void> {
  await log.publish((outputs) => {
    for (let i = from; i < from + count; i++) outputs.append(eventAt(i))
  })
}

interface WorkerChange {
  readonly wire?: Wire
  readonly maxEvents?: number
  readonly projection?: Projection
  readonly registry?: SchemaRegistry
}

function startWorker({ wire, maxEvents = 50, projection, registry }: WorkerChange = {}) {
  const client = cluster.client(wire)
  const telemetry = recordedTelemetry()
  const health = new Health(telemetry)
  const { name, plan, topics, topFeatures } = settings
  const follower = new ModelFollower({
    ...{ name, plan, fingerprint, telemetry, health, topic: topics.models, log: cluster.client(), snapshots: null },
  })
  const reads = projection ?? jsonProjection(plan.fields, { maxEventBytes: 4096 })
  const schemaIds = { assignment: 1, modelUpdate: 2 }
  const limits = { keyBytes: 1000, deadLetterBytes: 10_000 }
  const encodeAnomaly = () => Buffer.from('an anomaly')
  const options: ScoreWorkerOptions = {
    group: name,
    input: 'in',
    stage: scoreStage({ name, plan, projection: reads, topics, schemaIds, limits, encodeAnomaly, topFeatures }),
    projection: reads,
    registry: registry ?? null,
    profiles: null,
    follower,
    limit: { maxEvents, maxBytes: 1 << 20 },
    clock,
    telemetry,
    health,
    partitions,
    ...firstDeployment(settings, { log: cluster.client(), clock, telemetry, health }, stop.signal),
    prepareOutputs: async () => (await prepareTopics(client, topics, settings.topicPolicy)).inputPartitions,
  }
  health.running()
  const attempt = async (signal: AbortSignal) => {
    const membership = client.join(name, 'in', (share) => scoreShare(options, share))
    const leave = () => void membership.leave()
    signal.addEventListener('abort', leave)
    await membership.done.finally(() => signal.removeEventListener('abort', leave))
  }
  running.push(follower.run(stop.signal), supervise('score', attempt, { clock, telemetry, health }, stop.signal))
  return { telemetry, health }
}

/** Time passes until the check passes. */
const later = (check: () => unknown) =>
  eventually(() => {
    clock.advance(100)
    return check()
  })

/** Every event of the first `count` has its one outcome, in order. */
async function allHaveOutcomes(count: number): Promise<void> {
  const assignments = (await readTopic(log, settings.topics.assignments)).map(decodeAssignment)
  const letters = await readTopic(log, settings.topics.deadLetters)
  const input = await readTopic(log, 'in')
  const valid = input.filter(({ value }) => value?.toString() !== '{')
  expect(input).toHaveLength(count)
  expect(assignments.map((a) => [a.partition, a.offset])).toEqual(valid.map((r) => [r.partition, r.offset]))
  expect(letters).toHaveLength(input.length - valid.length)
}

const committed = async () => [...(await log.committed('cards', 'in')).values()].reduce((sum, next) => sum + next, 0)
const done = (count: number) => later(async () => expect(await committed()).toBe(count))

describe('a commit that fails', () => {
  const faults = (['produce', 'stage', 'end'] as const).flatMap((request) =>
    [false, true].flatMap((heard) => [1, 2].map((nth) => ({ request, heard, nth }))),
  )

  /** A wire that loses one request, or its answer. */
  function losing(request: Request, nth: number, heard: boolean): Wire {
    let seen = 0
    return async (sent, deliver) => {
      await clock.yield()
      const isLost = sent === request && ++seen === nth
      if (isLost && !heard) throw new ShoalError('log.unavailable', 'the wire is cut')
      const answer = await deliver()
      if (isLost) throw new ShoalError('log.unavailable', 'the wire is cut')
      return answer
    }
  }

  test.each(faults)(
    'at the request $request $nth (heard: $heard) is made good although no event follows',
    async ({ request, nth, heard }) => {
      await publishBirth()
      await publishEvents(100)
      const { telemetry, health } = startWorker({ wire: losing(request, nth, heard) })
      await done(100)
      await allHaveOutcomes(100)
      expect(telemetry.counted('shoal_restarts_total', { task: 'score' })).toBe(1)
      await later(() => expect(health.line()).toBe('serving'))
      const { spans, ended } = telemetry
      expect(ended.map(({ name }) => name).toSorted()).toEqual(spans.toSorted())
      const failed = ended.filter((span) => span.failed).map(({ name }) => name)
      expect(failed).toContain('commit in')
      expect(failed).toContain('transaction cards')
    },
  )

  test('counts nothing of what it held', async () => {
    await publishBirth()
    await publishEvents(100)
    const { telemetry } = startWorker({ wire: losing('produce', 2, false) })
    await done(100)
    await eventually(() => expect(telemetry.counted('shoal_events_total')).toBe(90))
    expect(telemetry.counted('shoal_dead_letters_total', { reason: 'malformed' })).toBe(10)
  })
})

test('the next batch is computed while one commits, and no third: two are open at most', async () => {
  await publishBirth()
  const asked: string[] = []
  let letGo = () => {}
  const held = new Promise<void>((resolve) => {
    letGo = resolve
  })
  let ends = 0
  const wire: Wire = async (request, deliver) => {
    await clock.yield()
    if (request === 'fetch' || request === 'produce' || request === 'end') asked.push(request)
    if (request === 'end' && ++ends === 1) await held
    return deliver()
  }
  await publishEvents(500)
  startWorker({ wire })
  await eventually(() => expect(asked).toContain('end'))
  for (let i = 0; i < 300; i++) await clock.yield()
  // What is fetched before it is known whose the partition is, is given back.
  expect(asked.filter((request) => request !== 'fetch').toSorted()).toEqual(['end', 'produce'])
  expect(await readTopic(log, settings.topics.assignments)).toEqual([])
  letGo()
  await done(500)
  await allHaveOutcomes(500)
})

test('partitions that the input is given later are worked on, and the outputs grow with it', async () => {
  await publishBirth()
  await publishEvents(100)
  startWorker()
  startWorker()
  await done(100)
  cluster.grow('in', 4)
  await log.publish((outputs) => {
    for (const partition of [2, 3]) outputs.append({ ...eventAt(partition), topic: 'in', partition })
  })
  await done(102)
  await allHaveOutcomes(102)
  expect((await log.describe(settings.topics.assignments))?.partitions).toBe(4)
})

test('a share that ends amid a backlog hands over: each outcome once, in order', async () => {
  await publishBirth()
  await publishEvents(4000)
  startWorker()
  await later(async () => expect(await committed()).toBeGreaterThan(200))
  startWorker()
  await done(4000)
  await allHaveOutcomes(4000)
})

test('without a model nothing is committed; with the first one everything is', async () => {
  await publishEvents(100)
  const { health } = startWorker()
  for (let i = 0; i < 300; i++) await clock.yield()
  expect([health.line(), await committed()]).toEqual(['waiting for a model', 0])
  await publishBirth()
  await done(100)
  await allHaveOutcomes(100)
})

describe('while the registry is down', () => {
  const plain = jsonProjection(settings.plan.fields, { maxEventBytes: 4096 })
  let isDown: boolean
  let asked: number
  const registry: SchemaRegistry = {
    register: async () => 1,
    lookup: async () => {
      asked++
      if (isDown) throw new ShoalError('registry.unavailable', 'connection refused')
      return null
    },
    close: async () => undefined,
  }

  /** Reads nothing before it has been told of schema 7. */
  function withSchema(): Projection {
    let isKnown = false
    return {
      unresolved: () => (isKnown ? [] : [7]),
      resolve: () => {
        isKnown = true
      },
      forgetUnknown: () => undefined,
      project(batch, from, to, fields) {
        if (!isKnown) throw new Error('a batch must not be read before its schema is known')
        plain.project(batch, from, to, fields)
      },
    }
  }

  beforeEach(async () => {
    isDown = true
    asked = 0
    await publishBirth()
    await publishEvents(100)
  })

  test('events wait, none is a dead letter, and all go on when it is back', async () => {
    const { health } = startWorker({ registry, projection: withSchema() })
    await later(() => expect(asked).toBeGreaterThan(3))
    expect(health.line()).toBe('degraded: registry: connection refused')
    expect(await readTopic(log, settings.topics.deadLetters)).toEqual([])
    isDown = false
    await done(100)
    await allHaveOutcomes(100)
    expect(health.line()).toBe('serving')
  })

  /** Partition 1 is of schema 7, partition 0 of none. */
  function withSchemaInOne(): Projection {
    const whole = withSchema()
    const isFree = ({ partition }: { readonly partition?: number }) => partition === 0
    return {
      ...whole,
      unresolved: (batch, from, to) => (isFree(batch as RecordBatch) ? [] : whole.unresolved(batch, from, to)),
      project: (batch, from, to, fields) =>
        (isFree(batch as RecordBatch) ? plain : whole).project(batch, from, to, fields),
    }
  }

  test('only the partition that needs a schema waits: the others of its worker go on', async () => {
    const { health } = startWorker({ registry, projection: withSchemaInOne() })
    await done(50)
    await publishEvents(100, 100)
    await done(100)
    expect(await log.committed('cards', 'in')).toEqual(new Map([[0, 100]]))
    expect(health.line()).toBe('degraded: registry: connection refused')
    isDown = false
    await done(200)
    await allHaveOutcomes(200)
    expect(health.line()).toBe('serving')
  })

  test('a partition that waits goes to another worker, which waits with it', async () => {
    startWorker({ registry, projection: withSchemaInOne() })
    await done(50)
    const second = startWorker({ registry, projection: withSchemaInOne() })
    await later(() => expect(second.telemetry.counted('shoal_shares_total')).toBe(1))
    await publishEvents(100, 100)
    await done(100)
    isDown = false
    await done(200)
    await allHaveOutcomes(200)
  })

  test('a registry that hangs holds up the others for a second at most', async () => {
    const silent = Promise.withResolvers<null>()
    startWorker({ registry: { ...registry, lookup: () => silent.promise }, projection: withSchemaInOne() })
    await eventually(() => expect(clock.sleepers).toBeGreaterThan(0))
    await done(50)
    silent.resolve(null)
    await done(100)
    await allHaveOutcomes(100)
  })

  test('a worker that is asked to stop stops, and what it held is read again', async () => {
    const { health } = startWorker({ registry, projection: withSchema() })
    await later(() => expect(asked).toBeGreaterThan(0))
    stop.abort()
    await Promise.all(running.splice(0))
    expect(health.report().reasons).toEqual([])
    stop = new AbortController()
    isDown = false
    startWorker({ registry, projection: withSchema() })
    await done(100)
    await allHaveOutcomes(100)
  })
})
