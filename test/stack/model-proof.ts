/** The model and its assignments made anew, one step after the other, from what the log holds. */
import avsc from 'avsc'
import { Redis } from 'ioredis'
import { decodeModel, encodeModel } from '../../src/core/codec/model-codec.ts'
import type { FeaturePlan } from '../../src/core/features/feature-plan.ts'
import { vectorise } from '../../src/core/features/vectorise.ts'
import { FieldColumns } from '../../src/core/fields/fields.ts'
import { jsonProjection } from '../../src/core/fields/json-projection.ts'
import { fences } from '../../src/core/model/fences.ts'
import type { Model } from '../../src/core/model/model.ts'
import { emptyScores, freeze, score } from '../../src/core/score/scorer.ts'
import { foldRecord } from '../../src/stages/train.ts'
import { wireHeaderBytes } from '../../src/stages/wire-format.ts'
import { type Assignment, decodeAssignment, type ReadRecord, schemaText } from '../pipeline/harness.ts'

const transactionType = avsc.Type.forSchema(JSON.parse(schemaText('transaction')))
const maxEventBytes = 65_536

/** What a record of the `models` topic holds, without the header of the wire format. */
export function modelBytes({ value }: ReadRecord): Buffer {
  if (value === null) throw new Error('a version must have a value')
  return value.subarray(wireHeaderBytes)
}

export function modelOf(record: ReadRecord, fingerprint: string): Model {
  const decoded = decodeModel(modelBytes(record), fingerprint)
  if ('refused' in decoded) throw new Error(`${record.offset}: ${decoded.detail}`)
  return decoded.value
}

/** The single-threaded fold of all updates, in the order of the log, into the version that was born. */
export function foldAll(born: ReadRecord, updates: readonly ReadRecord[], fingerprint: string): Buffer {
  const model = modelOf(born, fingerprint)
  for (const update of updates) foldOne(model, update)
  return Buffer.from(encodeModel(model))
}

/** IN and OUT: the model, which has learned this update afterwards. */
export function foldOne(model: Model, { value, offset }: ReadRecord): void {
  foldRecord(model, value, offset)
}

/** Of each version its number, what was published of it, and what the fold of all updates before it makes. */
export interface VersionsInLog {
  readonly published: ReadonlyMap<number, Buffer>
  readonly folded: ReadonlyMap<number, { readonly bytes: Buffer; readonly model: Model }>
}

/** From the records of `models`, of which the first is the birth, and of `model-updates`. */
export function versionsInLog(
  models: readonly ReadRecord[],
  updates: readonly ReadRecord[],
  fingerprint: string,
): VersionsInLog {
  const published = new Map(models.map((record) => [modelOf(record, fingerprint).version, modelBytes(record)]))
  const model = modelOf(models[0], fingerprint)
  const folded = new Map([[model.version, { bytes: modelBytes(models[0]), model: structuredClone(model) }]])
  for (const update of updates) {
    foldOne(model, update)
    folded.set(model.version, { bytes: Buffer.from(encodeModel(model)), model: structuredClone(model) })
  }
  return { published, folded }
}

/** Versions that were published as something else than the fold, which there must be none of. */
export function differing({ published, folded }: VersionsInLog): readonly number[] {
  return [...published]
    .filter(([version, bytes]) => !folded.get(version)?.bytes.equals(bytes))
    .map(([version]) => version)
}

/** The newest snapshot as any client of Redis reads it: version and model, without the header of the wire format. */
export async function redisSnapshot(redis: string, name: string): Promise<{ version: number; model: Buffer } | null> {
  const client = new Redis(redis)
  try {
    const { version, bytes } = await client.hgetallBuffer(`shoal:{${name}}:latest`)
    return version === undefined ? null : { version: Number(version), model: bytes.subarray(wireHeaderBytes) }
  } finally {
    client.disconnect()
  }
}

/** Every `n`-th part of the records: as many as `count`, evenly from the first to the last. */
export function sampleOf(records: readonly ReadRecord[], count: number): readonly ReadRecord[] {
  return Array.from({ length: count }, (_, i) => records[Math.floor((i * records.length) / count)])
}

/**
 * Makes an assignment anew: the event decoded by avsc (not by Shoal's own reader of Avro), the version that the
 * assignment names from the log.
 */
export function recompute(
  record: ReadRecord,
  input: readonly (readonly ReadRecord[])[],
  versions: ReadonlyMap<number, Model>,
  plan: FeaturePlan,
): { readonly committed: Assignment; readonly again: Assignment } {
  const committed = decodeAssignment(record)
  const { partition, offset, modelVersion } = committed
  const model = versions.get(modelVersion)
  if (model === undefined) throw new Error(`version ${modelVersion} must be in the log`)
  const event = decodeEvent(input[partition][offset])
  const scores = emptyScores(1)
  score(freeze(model), rowOf(event, plan, model), 1, scores)
  const cluster = model.ids[scores.labels[0]]
  const [distance, rarity] = [scores.distances[0], scores.rarities[0]]
  return { committed, again: { ...committed, eventId: event.id, cluster, distance, score: 1 - rarity } }
}

function decodeEvent({ value }: ReadRecord): { readonly id: string } {
  if (value === null) throw new Error('an assigned event must have a value')
  return transactionType.fromBuffer(value.subarray(wireHeaderBytes)) as { id: string }
}

function rowOf(event: object, plan: FeaturePlan, model: Model): Float64Array {
  const bytes = Buffer.from(JSON.stringify(event))
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const valueStart = Int32Array.of(0)
  const valueLength = Int32Array.of(bytes.length)
  const fields = new FieldColumns(1, plan.fields.length)
  jsonProjection(plan.fields, { maxEventBytes }).project({ bytes, view, valueStart, valueLength }, 0, 1, fields)
  const row = new Float64Array(model.d)
  const { valid } = vectorise(plan, fields, bytes, 1, fences(model), row, new Int32Array(1))
  if (valid !== 1) throw new Error(`an assigned event must be valid: ${bytes}`)
  return row
}
