/** What the topic of models holds, by the keys of its records: versions and their tombstones. */
import { keyAt, type RecordBatch } from '../stages/records.ts'
import { batchesUpTo, countBefore } from './batches.ts'
import { unlessAborted } from './interruption.ts'
import type { EventLog } from './ports.ts'

export interface VersionRecord {
  readonly version: number
  readonly offset: number
  readonly atMs: number
  /** It says that the version is forgotten. */
  readonly isTombstone: boolean
}

export interface OffsetsOfTopic {
  readonly topic: string
  readonly from: number
  /** Exclusive. */
  readonly to: number
}

/** Those that are in the topic now, in their order; ends early when the signal fires. */
export async function* versionRecords(
  log: EventLog,
  topic: string,
  signal: AbortSignal,
): AsyncGenerator<VersionRecord> {
  const bounds = await unlessAborted(signal, log.bounds({ topic, partition: 0 }))
  if (bounds !== null) yield* versionRecordsOf(log, { topic, from: bounds.start, to: bounds.end }, signal)
}

/** Those of some offsets. */
export async function* versionRecordsOf(
  log: EventLog,
  { topic, from, to }: OffsetsOfTopic,
  signal: AbortSignal,
): AsyncGenerator<VersionRecord> {
  for await (const batch of batchesUpTo(log, topic, [{ partition: 0, from, to }], signal)) {
    const count = countBefore(batch, to)
    for (let i = 0; i < count; i++) {
      const record = versionRecordAt(batch, i)
      if (record !== null) yield record
    }
  }
}

/** Null: a stranger's record has any key, and no version is known by it. */
export function versionRecordAt(batch: RecordBatch, i: number): VersionRecord | null {
  const version = Number(keyAt(batch, i)?.toString('latin1') ?? Number.NaN)
  if (!(Number.isSafeInteger(version) && version >= 1)) return null
  return { version, offset: batch.offset[i], atMs: batch.timestamp[i], isTombstone: batch.valueLength[i] < 0 }
}
