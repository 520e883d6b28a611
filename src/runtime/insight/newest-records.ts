/** The newest records of a topic, read from its end backwards. */
import { keyAt, type RecordBatch, valueAt } from '../../stages/records.ts'
import { batchesUpTo, countBefore } from '../batches.ts'
import type { EventLog } from '../ports.ts'

export interface NewestRecord {
  readonly partition: number
  readonly offset: number
  readonly timestampMs: number
  readonly key: Uint8Array | null
  readonly value: Uint8Array
}

/** The newest `most` records that have a value, newest first; of many partitions only the ends are looked at. */
export async function newestRecords(
  log: EventLog,
  topic: string,
  most: number,
  signal: AbortSignal,
): Promise<readonly NewestRecord[]> {
  const partitions = (await log.describe(topic))?.partitions ?? 0
  const each = Math.min(most, Math.ceil((4 * most) / Math.max(1, partitions)))
  const found = await Promise.all(
    Array.from({ length: partitions }, (_, partition) => endOf(log, { topic, partition }, each, signal)),
  )
  return found
    .flat()
    .sort((a, b) => b.timestampMs - a.timestampMs || b.offset - a.offset || a.partition - b.partition)
    .slice(0, most)
}

/** Offsets count the markers of transactions, too: a window that has too few records is made longer. */
async function endOf(
  log: EventLog,
  at: { readonly topic: string; readonly partition: number },
  most: number,
  signal: AbortSignal,
): Promise<readonly NewestRecord[]> {
  const { start, end } = await log.bounds(at)
  for (let window = 2 * most; ; window *= 4) {
    const from = Math.max(start, end - window)
    const records: NewestRecord[] = []
    if (from >= end || signal.aborted) return records
    for await (const batch of batchesUpTo(log, at, from, end, signal)) {
      for (const record of recordsOf(batch, countBefore(batch, end))) records.push(record)
    }
    if (records.length >= most || from === start) return records.slice(-most)
  }
}

/** Of the first `count` of a batch those that have a value. */
export function recordsOf(batch: RecordBatch, count: number): readonly NewestRecord[] {
  return Array.from({ length: count }, (_, i) => recordAt(batch, i)).filter((record) => record !== null)
}

/** One that outlives its batch; null: it has no value. */
function recordAt(batch: RecordBatch, i: number): NewestRecord | null {
  const [key, value] = [keyAt(batch, i), valueAt(batch, i)]
  if (value === null) return null
  return {
    partition: batch.partition,
    offset: batch.offset[i],
    timestampMs: batch.timestamp[i],
    key: key === null ? null : Uint8Array.from(key),
    value: Uint8Array.from(value),
  }
}
