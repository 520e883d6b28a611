/** The record of an output topic that is about one event: outputs stand beside their input, in its order, so it can be searched for. */
import { batchesUpTo, countBefore } from '../batches.ts'
import type { EventLog, TopicPartition } from '../ports.ts'
import { type NewestRecord, recordsOf } from './newest-records.ts'

/** Bounded even where the order were broken: 2^60 records need no more. */
const mostSteps = 60

/**
 * Of a partition, the record whose event has this offset in the input; null: there is none. `offsetOf` says of a record
 * whose event it is about, null where it cannot be read.
 */
export async function recordOfEvent(
  log: EventLog,
  at: TopicPartition,
  wanted: number,
  offsetOf: (record: NewestRecord) => Promise<number | null>,
  signal: AbortSignal,
): Promise<NewestRecord | null> {
  if (at.partition >= ((await log.describe(at.topic))?.partitions ?? 0)) return null
  let { start: low, end: high } = await log.bounds(at)
  for (let step = 0; step < mostSteps && low < high && !signal.aborted; step++) {
    const middle = Math.floor((low + high) / 2)
    const records = await recordsFrom(log, at, middle, high, signal)
    const first = records.length === 0 ? null : await offsetOf(records[0])
    const last = records.length === 0 ? null : await offsetOf(records[records.length - 1])
    if (first === null || last === null || first > wanted) high = middle
    else if (last < wanted) low = records[records.length - 1].offset + 1
    else return recordWith(records, wanted, offsetOf)
  }
  return null
}

async function recordWith(
  records: readonly NewestRecord[],
  wanted: number,
  offsetOf: (record: NewestRecord) => Promise<number | null>,
): Promise<NewestRecord | null> {
  for (const record of records) if ((await offsetOf(record)) === wanted) return record
  return null
}

/** The first records at or after an offset, as many as come at once: markers of transactions have offsets, too. */
async function recordsFrom(
  log: EventLog,
  { topic, partition }: TopicPartition,
  from: number,
  end: number,
  signal: AbortSignal,
): Promise<readonly NewestRecord[]> {
  for await (const batch of batchesUpTo(log, topic, [{ partition, from, to: end }], signal)) {
    const records = recordsOf(batch, countBefore(batch, end))
    if (records.length > 0) return records
  }
  return []
}
