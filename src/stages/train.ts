/** The train stage: model updates in, folded in log order; published versions out. */

import { decodeLogRecord } from '../core/codec/log-record.ts'
import { encodeModel } from '../core/codec/model-codec.ts'
import { foldCommandSteps } from '../core/command/obey.ts'
import { type Reaction, type ReactionPolicy, reactionsTo } from '../core/command/reactions.ts'
import { findingsSince } from '../core/drift/drift.ts'
import { finish, type Steps } from '../core/kmeans/steps.ts'
import { type FoldOutcome, foldSteps } from '../core/model/fold.ts'
import type { Model } from '../core/model/model.ts'
import { type Outputs, type RecordBatch, valueAt } from './records.ts'
import { framed, wireHeaderBytes } from './wire-format.ts'

/** A record of `model-updates`, and what is wrong with it. */
interface RefusedRecord {
  readonly offset: number
  readonly detail: string
}

/** What folding a batch did. */
export interface FoldFacts {
  readonly outcomes: { readonly [O in FoldOutcome]: number }
  /** The first record that is neither update nor command; like every other, it was passed over. */
  readonly damaged: RefusedRecord | null
  /** Nothing has been learned or obeyed behind the last such record. */
  readonly endsDamaged: boolean
  /** A record of a newer release: the fold stopped before it. */
  readonly newer: RefusedRecord | null
  /** What is to be done about the drifts that were found, in their order. */
  readonly reactions: readonly Reaction[]
}

/**
 * Folds the records of a batch of `model-updates` into the model (IN and OUT); those that it has folded already are passed
 * over. What is neither update nor command teaches nothing, here and wherever the log is replayed: our own are sealed with
 * a checksum, so it is a foreign writer's, or a disk has lost it, and waiting brings it back to nobody. A record in a newer
 * format is whole: whoever passed over it would have another model than those who read it. Without a policy no drift is
 * reacted to.
 */
export function* foldBatchSteps(
  model: Model,
  batch: RecordBatch,
  policy: ReactionPolicy | null = null,
): Steps<FoldFacts> {
  const outcomes = { learned: 0, watched: 0, repeated: 0, foreign: 0, damaged: 0, obeyed: 0, declined: 0 }
  let damaged: RefusedRecord | null = null
  let endsDamaged = false
  const reactions: Reaction[] = []
  for (let i = 0; i < batch.count; i++) {
    const offset = batch.offset[i]
    if (offset < model.nextUpdateOffset) continue
    const folded = yield* foldRecordSteps(model, valueAt(batch, i), offset)
    if ('newer' in folded) return { outcomes, damaged, endsDamaged, newer: { offset, detail: folded.newer }, reactions }
    outcomes[folded.outcome]++
    if (folded.damaged !== null) damaged ??= { offset, detail: folded.damaged }
    endsDamaged = folded.damaged !== null || (endsDamaged && !teaching.includes(folded.outcome))
    if (policy !== null) {
      for (const finding of findingsSince(model.drift, model.version - 1)) {
        reactions.push(...reactionsTo(policy, model, finding))
      }
    }
  }
  return { outcomes, damaged, endsDamaged, newer: null, reactions }
}

const teaching: readonly FoldOutcome[] = ['learned', 'watched', 'obeyed', 'declined']

/** What one record did; `newer`: it is of a newer release, and was not folded. */
type FoldedRecord = { readonly outcome: FoldOutcome; readonly damaged: string | null } | { readonly newer: string }

/** Folds the record at `offset`, as the topic has it, into the model (IN and OUT): an update, a command, or what is neither. */
function* foldRecordSteps(model: Model, value: Uint8Array | null, offset: number): Steps<FoldedRecord> {
  const decoded = decodeLogRecord(value?.subarray(wireHeaderBytes) ?? nothing)
  if ('refused' in decoded) {
    if (decoded.refused === 'newer_format') return { newer: decoded.detail }
    return { outcome: yield* foldSteps(model, null, offset), damaged: decoded.detail }
  }
  const record = decoded.value
  const steps =
    'update' in record ? foldSteps(model, record.update, offset) : foldCommandSteps(model, record.command, offset)
  return { outcome: yield* steps, damaged: null }
}

/** `foldRecordSteps` at once. */
export function foldRecord(...parameters: Parameters<typeof foldRecordSteps>): FoldedRecord {
  return finish(foldRecordSteps(...parameters))
}

/** `foldBatchSteps` at once. */
export function foldBatch(...parameters: Parameters<typeof foldBatchSteps>): FoldFacts {
  return finish(foldBatchSteps(...parameters))
}

/** What a record without a value holds. */
const nothing = new Uint8Array(0)

/** Appends the model as a published version. */
export function publishModel(
  outputs: Outputs,
  topic: string,
  schemaId: number,
  model: Model,
  timestampMs: number,
): void {
  publishVersion(outputs, topic, schemaId, model.version, encodeModel(model), timestampMs)
}

/** Appends a version that has been encoded. */
export function publishVersion(
  outputs: Outputs,
  topic: string,
  schemaId: number,
  version: number,
  bytes: Uint8Array,
  timestampMs: number,
): void {
  outputs.append({
    topic,
    partition: 0,
    key: versionKey(version),
    value: framed(schemaId, bytes),
    timestamp: timestampMs,
  })
}

/** Appends the tombstone that lets compaction forget a version. */
export function forgetVersion(outputs: Outputs, topic: string, version: number, timestampMs: number): void {
  outputs.append({ topic, partition: 0, key: versionKey(version), value: null, timestamp: timestampMs })
}

/** The key of a version in the `models` topic: its number in decimal. */
function versionKey(version: number): Buffer {
  return Buffer.from(String(version))
}
