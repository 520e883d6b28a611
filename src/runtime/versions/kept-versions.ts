/** Versions of the topic of models, read by offset and looked for by number. */
import { decodeModel } from '../../core/codec/model-codec.ts'
import type { FeaturePlan } from '../../core/features/feature-plan.ts'
import { freeze } from '../../core/score/scorer.ts'
import { type RecordBatch, valueAt } from '../../stages/records.ts'
import { wireHeaderBytes } from '../../stages/wire-format.ts'
import { batchesUpTo } from '../batches.ts'
import { unlessAborted } from '../interruption.ts'
import type { PublishedModel } from '../model-follower.ts'
import type { Clock, EventLog } from '../ports.ts'
import { type OffsetsOfTopic, type VersionRecord, versionRecordsOf } from '../version-records.ts'

export interface KeptVersions {
  readonly log: EventLog
  readonly topic: string
  readonly fingerprint: string
  readonly plan: FeaturePlan
  readonly clock: Pick<Clock, 'yield'>
}

/** Offsets that are read through rather than halved. */
const shortRange = 32

/** The versions that lie at these offsets, in the topic's order: what is no version of this configuration is passed over. */
export async function* publishedAt(
  { log, topic, fingerprint, plan, clock }: KeptVersions,
  offsets: readonly number[],
  signal: AbortSignal,
): AsyncGenerator<PublishedModel> {
  const wanted = new Set(offsets)
  if (wanted.size === 0) return
  const bounds = await unlessAborted(signal, log.bounds({ topic, partition: 0 }))
  if (bounds === null) return
  const from = Math.max(bounds.start, Math.min(...wanted))
  for await (const batch of batchesUpTo(log, topic, [{ partition: 0, from, to: Math.max(...wanted) + 1 }], signal)) {
    for (let i = 0; i < batch.count; i++) {
      const published = wanted.has(batch.offset[i]) ? publishedIn(batch, i, { fingerprint, plan }) : null
      if (published === null) continue
      yield published
      // A version is hundreds of kilobytes: heartbeats must get through between two.
      await clock.yield()
    }
  }
}

/** Null: it is no version of this configuration. */
export function publishedIn(
  batch: RecordBatch,
  i: number,
  { fingerprint, plan }: Pick<KeptVersions, 'fingerprint' | 'plan'>,
): PublishedModel | null {
  const value = valueAt(batch, i)
  if (value === null) return null
  const bytes = Uint8Array.from(value)
  const decoded = decodeModel(bytes.subarray(wireHeaderBytes), fingerprint)
  if ('refused' in decoded || decoded.value.d !== plan.columns.length) return null
  return { offset: batch.offset[i], publishedAtMs: batch.timestamp[i], bytes, scorer: freeze(decoded.value) }
}

/**
 * The offset of a version before offset `to`, or null. Versions ascend in the topic, so it is halved, a fetch each time, instead of
 * read: an hour of versions may be a gigabyte. Records of another life before this one may hide what is not there.
 */
export async function searchVersion(
  { log, topic }: Pick<KeptVersions, 'log' | 'topic'>,
  version: number,
  to: number,
  signal: AbortSignal,
): Promise<number | null> {
  const bounds = await unlessAborted(signal, log.bounds({ topic, partition: 0 }))
  if (bounds === null) return null
  let [low, high] = [bounds.start, to]
  while (high - low > shortRange && !signal.aborted) {
    const middle = Math.floor((low + high) / 2)
    const first = await firstVersion(log, { topic, from: middle, to: high }, signal)
    if (first !== null && first.version === version) return first.offset
    if (first !== null && first.version < version) low = first.offset + 1
    else high = middle
  }
  for await (const record of versionRecordsOf(log, { topic, from: low, to: high }, signal)) {
    if (record.version === version && !record.isTombstone) return record.offset
  }
  return null
}

/** The first record of these offsets that is no tombstone. */
export async function firstVersion(
  log: EventLog,
  range: OffsetsOfTopic,
  signal: AbortSignal,
): Promise<VersionRecord | null> {
  for await (const record of versionRecordsOf(log, range, signal)) if (!record.isTombstone) return record
  return null
}
