/** The values of assignments: the Avro encoding of schemas/assignment.avsc, written in place. */

import { varlongSize, writeVarlong } from '../core/codec/varlong.ts'
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

/** The distance that the score is taken from, in spreads, as 32 bits keep it. */
export function remoteness(logDistance: number): number {
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
  const fixedBytes = wireHeaderBytes + varlongSize(partition) + version.length + scoredBytes
  for (let i = 0; i < n; i++) {
    const event = eventOf[i]
    const record = from + event
    const slot = event * fields.fields + idSlot
    const idBytes = fields.kind[slot] === FieldKind.text ? batch.bytes : fields.arena
    const idStart = fields.start[slot]
    const idLength = fields.length[slot]
    const cluster = clusterIds[scores.labels[i]]
    const length = fixedBytes + varlongSize(idLength) + idLength + varlongSize(offset[record]) + varlongSize(cluster)
    let at = sink.reserve(batch.bytes, keyStart[record], keyLength[record], length, timestamp[record])
    const { bytes, view } = sink
    at = writeWireHeader(bytes, at, schemaId)
    at = writeVarlong(bytes, at, idLength)
    for (let b = 0; b < idLength; b++) bytes[at + b] = idBytes[idStart + b]
    at = writeVarlong(bytes, at + idLength, partition)
    at = writeVarlong(bytes, at, offset[record])
    at = writeVarlong(bytes, at, cluster)
    view.setFloat64(at, scores.distances[i], true)
    view.setFloat64(at + 8, 1 - scores.rarities[i], true)
    at += 16
    for (let b = 0; b < version.length; b++) bytes[at + b] = version[b]
    at += version.length
    view.setFloat32(at, remoteness(scores.logDistances[i]), true)
    bytes[at + 4] = warmingUp ? 1 : 0
  }
}
