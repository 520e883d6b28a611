/** The newest records of a topic, read from its end backwards. */
import { keyAt, type RecordBatch, valueAt } from '../../stages/records.ts'
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
    const stop = new AbortController()
    for await (const batch of log.follow(at, from, AbortSignal.any([signal, stop.signal]))) {
      for (let i = 0; i < batch.count; i++) {
        const record = batch.offset[i] < end ? recordAt(batch, i) : null
        if (record !== null) records.push(record)
      }
      if (batch.nextOffset >= end) stop.abort()
    }
    if (records.length >= most || from === start) return records.slice(-most)
  }
}

/** One that outlives its batch; null: it has no value. */
export function recordAt(batch: RecordBatch, i: number): NewestRecord | null {
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
