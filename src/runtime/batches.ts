/** A range of a partition's offsets, read as the batches that the log gives. */
import { type RecordBatch, valueAt } from '../stages/records.ts'
import type { EventLog, TopicPartition } from './ports.ts'

/**
 * What holds the committed records of [from, end), and perhaps more behind them (`countBefore`); ends early when the signal
 * fires. Whoever stops early lets the reader go.
 */
export async function* batchesUpTo(
  log: EventLog,
  at: TopicPartition,
  from: number,
  end: number,
  signal: AbortSignal,
): AsyncGenerator<RecordBatch, void> {
  if (from >= end) return
  const stop = new AbortController()
  try {
    for await (const batch of log.follow(at, from, AbortSignal.any([signal, stop.signal]))) {
      yield batch
      if (batch.nextOffset >= end) return
    }
  } finally {
    stop.abort()
  }
}

/** How many of the batch's records lie before the offset: its first ones. */
export function countBefore(batch: RecordBatch, end: number): number {
  let count = batch.count
  while (count > 0 && batch.offset[count - 1] >= end) count--
  return count
}

/** The value of the record that has this offset; null: there is none, or the signal fired first. */
export async function valueAtOffset(
  log: EventLog,
  at: TopicPartition,
  offset: number,
  signal: AbortSignal,
): Promise<Buffer | null> {
  for await (const batch of batchesUpTo(log, at, offset, offset + 1, signal)) {
    const i = batch.offset.subarray(0, batch.count).indexOf(offset)
    if (i >= 0) return valueAt(batch, i)
  }
  return null
}
