/** A log with a model's topics in it, and what goes into them, for tests of those who follow, train and keep models. */
import { vi } from 'vitest'
import { MemoryCluster } from '../../src/adapters/memory/cluster.ts'
import type { Wire } from '../../src/adapters/memory/wire.ts'
import { decodeModel } from '../../src/core/codec/model-codec.ts'
import { encodeUpdate } from '../../src/core/codec/update-codec.ts'
import { fences } from '../../src/core/model/fences.ts'
import type { Model } from '../../src/core/model/model.ts'
import type { ModelUpdate } from '../../src/core/model/update.ts'
import { emptyScores, freeze, score } from '../../src/core/score/scorer.ts'
import { Health } from '../../src/runtime/health.ts'
import { ModelFollower } from '../../src/runtime/model-follower.ts'
import type { Clock, EventLog, SnapshotStore } from '../../src/runtime/ports.ts'
import { BatchStatistics } from '../../src/stages/batch-statistics.ts'
import { forgetVersion, publishModel } from '../../src/stages/train.ts'
import { wireHeaderBytes } from '../../src/stages/wire-format.ts'
import { numberFields } from '../core/features/sample-features.ts'
import { bornFrom, clusteredRows, numericPlan, sampleFingerprint } from '../core/model/sample-model.ts'
import { readTopic } from '../pipeline/harness.ts'
import { recordedTelemetry } from './recorded-telemetry.ts'

export const d = 2
export const k = 3
export const plan = numericPlan(d)
export const topics = { input: 'in', updates: 'updates', models: 'models', driftEvents: 'drift-events' } as const
const bornOf = 600
/** Rows that a model is born from, and as many again to learn from. */
const rows = clusteredRows(10 * bornOf, d, k, 5)

/** Version 1, the same every time. */
export function bornModel(): Model {
  return { ...bornFrom(plan, rows.slice(0, bornOf * d), bornOf, k), bornFrom: [], learnedUpTo: new Map() }
}

export function modelWorld(clock: Clock) {
  const cluster = new MemoryCluster({ clock, sessionTimeoutMs: 10_000, transactionTimeoutMs: 10_000 })
  return { cluster, log: cluster.client() }
}

export async function makeTopics(log: EventLog, inputPartitions = 1): Promise<void> {
  const ours = { owner: 'shoal' } as const
  await log.prepare(
    [
      { ...ours, topic: topics.input, partitions: inputPartitions, cleanup: 'delete' },
      { ...ours, topic: topics.updates, partitions: 1, cleanup: 'delete' },
      { ...ours, topic: topics.models, partitions: 1, cleanup: 'compact' },
      { ...ours, topic: topics.driftEvents, partitions: 1, cleanup: 'delete' },
    ],
    true,
  )
}

/** Publishes the model as if it were this version; gives the offset of the record. */
export async function publishVersion(log: EventLog, model: Model, version: number, atMs = 1000): Promise<number> {
  await log.publish((outputs) => publishModel(outputs, topics.models, 1, { ...model, version }, atMs))
  return (await log.written({ topic: topics.models, partition: 0 })) - 1
}

export async function forgetVersions(log: EventLog, versions: readonly number[]): Promise<void> {
  await log.publish((outputs) => {
    for (const version of versions) forgetVersion(outputs, topics.models, version, 1000)
  })
}

/** What the events of input offsets [from, from + n) teach a model of this version. */
function updateBytes(model: Model, from: number, n: number): Buffer {
  const own = rows.slice((bornOf + from) * d, (bornOf + from + n) * d)
  const scores = emptyScores(n)
  score(freeze(model), own, n, scores)
  const statistics = new BatchStatistics(model, plan, fences(model), n)
  statistics.add(0, { rows: own, n, scores, ...numberFields(n, plan.fields.length) }, (i) => from + i)
  statistics.cover(0, from, from + n)
  const update = statistics.finish()
  if (update === null) throw new Error('an update must cover something')
  return Buffer.concat([Buffer.alloc(wireHeaderBytes), encodeUpdate(update)])
}

/** Updates of `each` events, one after the other, a record each. */
export async function publishUpdates(
  log: EventLog,
  model: Model,
  from: number,
  count: number,
  each: number,
): Promise<void> {
  for (let i = 0; i < count; i++) {
    const value = updateBytes(model, from + i * each, each)
    await log.publish((outputs) =>
      outputs.append({ topic: topics.updates, partition: 0, key: Buffer.from('0'), value, timestamp: 1000 }),
    )
  }
}

/** Updates that are there, a record each. */
export async function publishThese(log: EventLog, updates: readonly ModelUpdate[]): Promise<void> {
  await log.publish((outputs) => {
    for (const update of updates) {
      const value = Buffer.concat([Buffer.alloc(wireHeaderBytes), encodeUpdate(update)])
      outputs.append({ topic: topics.updates, partition: 0, key: null, value, timestamp: 1000 })
    }
  })
}

/** Events of the input: JSON of the same rows, or what `valueOf` makes of them. */
export async function publishEvents(log: EventLog, partition: number, count: number, from = 0): Promise<void> {
  await log.publish((outputs) => {
    for (let i = from; i < from + count; i++) {
      const fields = Array.from({ length: d }, (_, c) => `"x${c}":${rows[(i % (rows.length / d)) * d + c]}`)
      const value = Buffer.from(`{"id":"${partition}-${i}",${fields.join(',')}}`)
      outputs.append({ topic: topics.input, partition, key: null, value, timestamp: 1000 })
    }
  })
}

export interface Stored {
  readonly offset: number
  readonly version: number
  readonly timestamp: number
  /** Null: a tombstone. */
  readonly model: Model | null
  readonly bytes: Buffer
}

/** Everything committed in the topic of models, in order. */
export async function storedModels(log: EventLog): Promise<Stored[]> {
  return (await readTopic(log, topics.models)).map(({ offset, timestamp, key, value }) => {
    const decoded = value && decodeModel(value.subarray(wireHeaderBytes), sampleFingerprint)
    return {
      offset,
      version: Number(key),
      timestamp,
      model: decoded !== null && 'value' in decoded ? decoded.value : null,
      bytes: value ?? Buffer.alloc(0),
    }
  })
}

export interface Following {
  readonly follower: ModelFollower
  readonly telemetry: ReturnType<typeof recordedTelemetry>
  readonly health: Health
  /** Offsets that the topic was followed from, in order. */
  readonly starts: readonly number[]
}

/** A follower of the topic of models, not yet running. */
export function following(log: EventLog, snapshots: SnapshotStore | null, name = 'cards'): Following {
  const telemetry = recordedTelemetry()
  const health = new Health(telemetry)
  const starts: number[] = []
  const follower = new ModelFollower({
    name,
    topic: topics.models,
    fingerprint: sampleFingerprint,
    plan,
    log: noticing(log, (from) => starts.push(from)),
    snapshots,
    telemetry,
    health,
  })
  return { follower, telemetry, health, starts }
}

/** The same log; `onFollow` is told where it is followed from, `onEnd` that the reader was let go. */
export function noticing(log: EventLog, onFollow: (from: number) => void, onEnd = () => {}): EventLog {
  return {
    join: (...args) => log.join(...args),
    bounds: (at) => log.bounds(at),
    boundsOf: (topic, partitions) => log.boundsOf(topic, partitions),
    written: (at) => log.written(at),
    describe: (topic) => log.describe(topic),
    prepare: (specs, create) => log.prepare(specs, create),
    committed: (group, topic) => log.committed(group, topic),
    lastCommitted: (group, topic) => log.lastCommitted(group, topic),
    members: (group, topic) => log.members(group, topic),
    publish: (write) => log.publish(write),
    close: () => log.close(),
    async *follow(topic, from, signal) {
      for (const offset of from.values()) onFollow(offset)
      try {
        yield* log.follow(topic, from, signal)
      } finally {
        onEnd()
      }
    },
  }
}

/** Resolves once the check passes; it fails after far longer than anything here takes. */
export function eventually(check: () => unknown): Promise<unknown> {
  return vi.waitFor(check, { timeout: 20_000, interval: 5 })
}

/** A wire that asks before each request, and waits for the answer. */
export function askingWire(clock: Clock, before: (request: string) => Promise<void> | void): Wire {
  return async (request, deliver) => {
    await clock.yield()
    await before(request)
    return deliver()
  }
}
