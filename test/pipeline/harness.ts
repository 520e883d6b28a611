/** Runs the whole service against any log, and reads back everything that it committed. */

import { readFileSync } from 'node:fs'
import avsc from 'avsc'
import { memoryRegistry } from '../../src/adapters/memory/registry.ts'
import { reactionDefaults } from '../../src/core/command/reactions.ts'
import { driftDefaults } from '../../src/core/drift/drift.ts'
import { planFeatures } from '../../src/core/features/feature-plan.ts'
import type { FeatureSpec } from '../../src/core/features/features.ts'
import { jsonProjection } from '../../src/core/fields/json-projection.ts'
import { batchesUpTo, rangesOf } from '../../src/runtime/batches.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import type { EventLog, SnapshotStore, Telemetry } from '../../src/runtime/ports.ts'
import { type Service, type ServiceParts, type ServiceSettings, startService } from '../../src/runtime/service.ts'
import { noSpan } from '../../src/runtime/span.ts'
import { type Header, keyAt, type RecordBatch, valueAt } from '../../src/stages/records.ts'
import { framed, wireHeaderBytes } from '../../src/stages/wire-format.ts'
import { recordedLog } from '../runtime/recorded-log.ts'

export const fingerprint = 'feedfacecafebeef'
export const d = 3

export function schemaText(name: string): string {
  return readFileSync(new URL(`../../schemas/${name}.avsc`, import.meta.url), 'utf8')
}

export function settingsFor(name: string, input: string, change: Partial<ServiceSettings> = {}): ServiceSettings {
  const features = Array.from(
    { length: d },
    (_, c): FeatureSpec => ({
      name: `x${c}`,
      field: `x${c}`,
      transform: { kind: 'none' },
      weight: 1,
      missing: 'reject',
    }),
  )
  return {
    name,
    topics: {
      input,
      assignments: `${name}.assignments`,
      anomalies: `${name}.anomalies`,
      deadLetters: `${name}.dead-letters`,
      driftEvents: `${name}.drift-events`,
      modelUpdates: `${name}.model-updates`,
      models: `${name}.models`,
      audit: `${name}.audit`,
      profiles: null,
      primary: `${name}.primary`,
      shadow: { assignments: `${name}.shadow-assignments`, anomalies: `${name}.shadow-anomalies` },
    },
    topicPolicy: { create: true, retentionMs: null, modelUpdatesRetentionMs: null, auditRetentionMs: null },
    shadow: { of: null, beginsAt: 'earliest' },
    plan: planFeatures({ id: 'id', time: null, timeUnitMs: 1, features }),
    profiles: { limit: 1000, key: null },
    fingerprint,
    k: 4,
    seed: 1,
    halfLifeEvents: 50_000,
    rarityHalfLifeEvents: 20_000,
    birthEvents: 400,
    birthMaxWaitMs: 5_000,
    budget: 0.01,
    drift: driftDefaults,
    reactions: reactionDefaults,
    keyShare: null,
    topFeatures: 2,
    limit: { maxEvents: 700, maxBytes: 1 << 20 },
    onExpiredEvents: 'continue',
    publishEveryMs: 20,
    publishEveryEvents: 100_000,
    keep: { allForMs: 3_600_000, hourlyForMs: 86_400_000, dailyForMs: 30 * 86_400_000 },
    shutdownMs: 10_000,
    ...change,
  }
}

export function silentTelemetry(): Telemetry & { readonly lines: ReturnType<typeof recordedLog>['lines'] } {
  const log = recordedLog()
  return {
    log,
    lines: log.lines,
    count: () => undefined,
    observe: () => undefined,
    gauge: () => undefined,
    startSpan: () => noSpan,
    close: () => Promise.resolve(),
  }
}

export interface RunningService extends Service {
  readonly telemetry: ReturnType<typeof silentTelemetry>
}

export function run(
  settings: ServiceSettings,
  log: EventLog,
  snapshots: SnapshotStore | null,
  change: Partial<ServiceParts> = {},
): RunningService {
  const telemetry = silentTelemetry()
  const service = startService(settings, {
    log,
    registry: memoryRegistry(),
    snapshots,
    clock: systemClock,
    telemetry,
    projection: () => jsonProjection(settings.plan.fields, { maxEventBytes: 4096 }),
    schema: schemaText,
    encodeAnomaly: (id) => (value) => framed(id, Buffer.from(JSON.stringify({ ...value, fingerprint: undefined }))),
    ...change,
  })
  return { ...service, telemetry }
}

export interface ReadRecord {
  readonly partition: number
  readonly offset: number
  readonly timestamp: number
  readonly key: string | null
  readonly value: Buffer | null
  readonly headers: readonly Header[]
}

/** The committed records of a topic up to its present end, partition by partition. */
export async function eachRecord(
  log: EventLog,
  topic: string,
  on: (batch: RecordBatch, i: number) => void,
): Promise<void> {
  for (const range of (await rangesOf(log, topic)) ?? []) {
    for await (const batch of batchesUpTo(log, topic, [range], new AbortController().signal)) {
      for (let i = 0; i < batch.count; i++) on(batch, i)
    }
  }
}

/** A record that outlives its batch. */
export function recordAt(batch: RecordBatch, i: number): ReadRecord {
  const value = valueAt(batch, i)
  return {
    partition: batch.partition,
    offset: batch.offset[i],
    timestamp: batch.timestamp[i],
    key: keyAt(batch, i)?.toString() ?? null,
    value: value === null ? null : Buffer.from(value),
    headers: batch.headers(i),
  }
}

export async function readTopic(log: EventLog, topic: string): Promise<ReadRecord[]> {
  const records: ReadRecord[] = []
  await eachRecord(log, topic, (batch, i) => records.push(recordAt(batch, i)))
  return records
}

export interface Assignment {
  readonly eventId: string
  readonly partition: number
  readonly offset: number
  readonly cluster: number
  readonly distance: number
  readonly score: number
  readonly modelVersion: number
  readonly fingerprint: Buffer
  readonly remoteness: number
  readonly warmUp: boolean
}

const assignmentType = avsc.Type.forSchema(JSON.parse(schemaText('assignment')))

export function decodeAssignment(record: ReadRecord): Assignment {
  if (record.value === null) throw new Error('an assignment has a value')
  return assignmentType.fromBuffer(record.value.subarray(wireHeaderBytes)) as Assignment
}

/** Waits until the condition holds; fails loudly, with what `describe` says, when it never does. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  describe: () => string,
  deadlineMs = 50_000,
): Promise<void> {
  const end = Date.now() + deadlineMs
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`this never came: ${describe()}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
