/** The train stage: model updates in, folded in log order; published versions out. */
import { type FoldOutcome, fold } from '../core/fold.ts'
import type { Model } from '../core/model.ts'
import { encodeModel } from '../core/model-codec.ts'
import { decodeUpdate } from '../core/update-codec.ts'
import { wireHeaderBytes, writeWireHeader } from './assignment.ts'
import { type Outputs, type RecordBatch, valueAt } from './records.ts'

/** What folding a batch did. */
export interface FoldFacts {
  readonly outcomes: { readonly [O in FoldOutcome]: number }
  /** A record that is no update, by offset and what is wrong with it: the fold stopped before it. */
  readonly damaged: { readonly offset: number; readonly detail: string } | null
}

/** Folds the records of a batch of `model-updates` into the model (IN and OUT); those that it has folded already are passed over. */
export function foldBatch(model: Model, batch: RecordBatch): FoldFacts {
  const outcomes = { learned: 0, repeated: 0, foreign: 0 }
  for (let i = 0; i < batch.count; i++) {
    const offset = batch.offset[i]
    if (offset < model.nextUpdateOffset) continue
    const value = valueAt(batch, i)
    if (value === null) return { outcomes, damaged: { offset, detail: 'it has no value' } }
    const decoded = decodeUpdate(value.subarray(wireHeaderBytes))
    if ('refused' in decoded) return { outcomes, damaged: { offset, detail: decoded.detail } }
    outcomes[fold(model, decoded.value, offset)]++
  }
  return { outcomes, damaged: null }
}

/** Appends the model as a published version. */
export function publishModel(
  outputs: Outputs,
  topic: string,
  schemaId: number,
  model: Model,
  timestampMs: number,
): void {
  const body = encodeModel(model)
  const value = Buffer.allocUnsafe(wireHeaderBytes + body.length)
  value.set(body, writeWireHeader(value, 0, schemaId))
  outputs.append({ topic, partition: 0, key: versionKey(model.version), value, timestamp: timestampMs })
}

/** Appends the tombstone that lets compaction forget a version. */
export function forgetVersion(outputs: Outputs, topic: string, version: number, timestampMs: number): void {
  outputs.append({ topic, partition: 0, key: versionKey(version), value: null, timestamp: timestampMs })
}

/** The key of a version in the `models` topic: its number in decimal. */
function versionKey(version: number): Buffer {
  return Buffer.from(String(version))
}
