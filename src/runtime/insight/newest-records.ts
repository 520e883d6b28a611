/** The newest records of a topic, read from its end backwards. */
import type { OffsetRange } from '../../core/model/model.ts'
import { keyAt, type RecordBatch, valueAt } from '../../stages/records.ts'
import { batchesUpTo, countBefore, rangesOf } from '../batches.ts'
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
  let unread = (await rangesOf(log, topic)) ?? []
  const each = Math.min(most, Math.ceil((4 * most) / Math.max(1, unread.length)))
  const found: NewestRecord[] = []
  for (let window = 2 * each; unread.length > 0 && !signal.aborted; window *= 4) {
    const tails = unread.map((range) => ({ ...range, from: Math.max(range.from, range.to - window) }))
    const records = await recordsIn(log, topic, tails, signal)
    // Offsets count the markers of transactions, too: a tail that has too few records is made longer.
    const isShort = ({ from }: OffsetRange, i: number) => records[i].length < each && tails[i].from > from
    for (const [i, range] of unread.entries()) if (!isShort(range, i)) found.push(...records[i].slice(-each))
    unread = unread.filter(isShort)
  }
  return found
    .sort((a, b) => b.timestampMs - a.timestampMs || b.offset - a.offset || a.partition - b.partition)
    .slice(0, most)
}

/** Of each range the records that have a value. */
async function recordsIn(
  log: EventLog,
  topic: string,
  ranges: readonly OffsetRange[],
  signal: AbortSignal,
): Promise<readonly (readonly NewestRecord[])[]> {
  const parts = new Map(ranges.map(({ partition, to }) => [partition, { to, records: [] as NewestRecord[] }]))
  for await (const batch of batchesUpTo(log, topic, ranges, signal)) {
    const { to, records } = parts.get(batch.partition)!
    for (const record of recordsOf(batch, countBefore(batch, to))) records.push(record)
  }
  return Array.from(parts.values(), ({ records }) => records)
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
