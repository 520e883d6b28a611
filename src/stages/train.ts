/** The train stage: model updates in, folded in log order; published versions out. */

import { encodeModel } from '../core/codec/model-codec.ts'
import { decodeUpdate } from '../core/codec/update-codec.ts'
import { finish, type Steps } from '../core/kmeans/steps.ts'
import { type FoldOutcome, foldSteps } from '../core/model/fold.ts'
import type { Model } from '../core/model/model.ts'
import { type Outputs, type RecordBatch, valueAt } from './records.ts'
import { framed, wireHeaderBytes } from './wire-format.ts'

/** A record of `model-updates`, and what is wrong with it. */
interface RefusedUpdate {
  readonly offset: number
  readonly detail: string
}

/** What folding a batch did. */
export interface FoldFacts {
  readonly outcomes: { readonly [O in FoldOutcome]: number }
  /** The first record that is no update; like every other, it was passed over. */
  readonly damaged: RefusedUpdate | null
  /** An update of a newer release: the fold stopped before it. */
  readonly newer: RefusedUpdate | null
}

/**
 * Folds the records of a batch of `model-updates` into the model (IN and OUT); those that it has folded already are passed
 * over. What is no update teaches nothing, here and wherever the log is replayed: our own are sealed with a checksum, so it
 * is a foreign writer's, or a disk has lost it, and waiting brings it back to nobody. An update in a newer format is whole:
 * whoever passed over it would have another model than those who read it.
 */
export function* foldBatchSteps(model: Model, batch: RecordBatch): Steps<FoldFacts> {
  const outcomes = { learned: 0, repeated: 0, foreign: 0, damaged: 0 }
  let damaged: RefusedUpdate | null = null
  for (let i = 0; i < batch.count; i++) {
    const offset = batch.offset[i]
    if (offset < model.nextUpdateOffset) continue
    const decoded = decodeUpdate(valueAt(batch, i)?.subarray(wireHeaderBytes) ?? nothing)
    if (!('refused' in decoded)) {
      outcomes[yield* foldSteps(model, decoded.value, offset)]++
      continue
    }
    const { refused, detail } = decoded
    if (refused === 'newer_format') return { outcomes, damaged, newer: { offset, detail } }
    outcomes[yield* foldSteps(model, null, offset)]++
    damaged ??= { offset, detail }
  }
  return { outcomes, damaged, newer: null }
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
  const value = framed(schemaId, encodeModel(model))
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
