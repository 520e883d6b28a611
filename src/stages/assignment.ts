/** The values of assignments: the Avro encoding of schemas/assignment.avsc, written in place. */

import { copyByEights, copyEightToSixteen } from '../core/codec/copy-bytes.ts'
import { varlongSize, writeVarlong } from '../core/codec/varlong.ts'
import { viewOf } from '../core/codec/view-of.ts'
import { idSlot } from '../core/features/feature-plan.ts'
import { type FieldColumns, FieldKind } from '../core/fields/fields.ts'
import type { Scores } from '../core/score/scorer.ts'
import type { RecordBatch, RecordSink } from './records.ts'
import { wireHeaderBytes, writeWireHeader } from './wire-format.ts'

/** What all assignments of a batch share. */
export interface AssignmentContext {
  readonly schemaId: number
  readonly modelVersion: number
  /** Eight bytes. */
  readonly fingerprint: Uint8Array
  /** Stable id of each cluster index. */
  readonly clusterIds: Int32Array
  /** The version is younger than what its numbers rest on. */
  readonly warmingUp: boolean
}

const mostRemote = 2 ** 127

/** The distance and the exponential of its logarithm are nearer to one another than this. */
const roundTripError = 1e-12

/**
 * The distance that the score is taken from, in spreads, as 32 bits keep it: by its definition the exponential of the logarithm,
 * which is not computed where the distance says which float that is.
 */
export function remoteness(softDistance: number, logDistance: number): number {
  const rounded = Math.fround(softDistance * (1 - roundTripError))
  if (rounded < mostRemote && rounded === Math.fround(softDistance * (1 + roundTripError))) return rounded
  return Math.fround(Math.min(Math.exp(logDistance), mostRemote))
}

/**
 * Appends the assignments of n valid events: event `from + eventOf[i]` of the batch with the label and score i.
 * Key, timestamp and partition are the event's own.
 */
export function appendAssignments(
  sink: RecordSink,
  context: AssignmentContext,
  batch: RecordBatch,
  from: number,
  fields: FieldColumns,
  eventOf: Int32Array,
  n: number,
  scores: Scores,
): void {
  const { schemaId, modelVersion, fingerprint, clusterIds, warmingUp } = context
  const { partition, keyStart, keyLength, offset, timestamp } = batch
  const scoredBytes = 8 + 8 + 4 + 1
  const version = new Uint8Array(varlongSize(modelVersion) + fingerprint.length)
  version.set(fingerprint, writeVarlong(version, 0, modelVersion))
  const versionBytes = version.length
  const versionView = viewOf(version)
  const arenaView = viewOf(fields.arena)
  const fixedBytes = wireHeaderBytes + varlongSize(partition) + versionBytes + scoredBytes
  for (let i = 0; i < n; i++) {
    const event = eventOf[i]
    const record = from + event
    const slot = event * fields.fields + idSlot
    const idView = fields.kind[slot] === FieldKind.text ? batch.view : arenaView
    const idStart = fields.start[slot]
    const idLength = fields.length[slot]
    const cluster = clusterIds[scores.labels[i]]
    const offsetBytes = varlongSize(offset[record])
    const clusterBytes = varlongSize(cluster)
    const length = fixedBytes + varlongSize(idLength) + idLength + offsetBytes + clusterBytes
    let at = sink.reserve(batch.bytes, keyStart[record], keyLength[record], length, timestamp, record)
    const { bytes, view } = sink
    at = writeWireHeader(bytes, at, schemaId)
    at = writeVarlong(bytes, at, idLength)
    // What is overwritten behind the id is written below.
    if (!copyByEights(idView, idStart, view, at, idLength)) {
      for (let b = 0; b < idLength; b++) bytes[at + b] = idView.getUint8(idStart + b)
    }
    at = writeVarlong(bytes, at + idLength, partition)
    at = writeVarlong(bytes, at, offset[record])
    at = writeVarlong(bytes, at, cluster)
    view.setFloat64(at, scores.distances[i], true)
    view.setFloat64(at + 8, 1 - scores.rarities[i], true)
    copyEightToSixteen(versionView, view, at + 16, versionBytes)
    at += 16 + versionBytes
    view.setFloat32(at, remoteness(scores.softDistances[i], scores.logDistances[i]), true)
    bytes[at + 4] = warmingUp ? 1 : 0
  }
}
