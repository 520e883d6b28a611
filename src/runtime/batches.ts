/** Ranges of a topic's offsets, read as the batches that the log gives. */
import type { OffsetRange } from '../core/model/model.ts'
import { type RecordBatch, valueAt } from '../stages/records.ts'
import type { EventLog, Positions, TopicPartition } from './ports.ts'

/**
 * What holds the committed records of a topic's ranges, at most one of each partition, and perhaps more behind each
 * (`countBefore`); ends early when the signal fires. Whoever stops early lets the reader go.
 */
export async function* batchesUpTo(
  log: EventLog,
  topic: string,
  ranges: readonly OffsetRange[],
  signal: AbortSignal,
): AsyncGenerator<RecordBatch, void> {
  const unread = ranges.filter(({ from, to }) => from < to)
  const ends = endsOf(unread)
  if (ends.size === 0) return
  const stop = new AbortController()
  try {
    for await (const batch of log.follow(topic, startsOf(unread), AbortSignal.any([signal, stop.signal]))) {
      const end = ends.get(batch.partition)
      // What comes behind one range while the others are read.
      if (end === undefined) continue
      yield batch
      if (batch.nextOffset >= end) ends.delete(batch.partition)
      if (ends.size === 0) return
    }
  } finally {
    stop.abort()
  }
}

/** Each partition of a topic from where it begins to where it ends now; null: there is no such topic. */
export async function rangesOf(log: EventLog, topic: string): Promise<readonly OffsetRange[] | null> {
  const found = await log.describe(topic)
  if (found === null) return null
  const bounds = await log.boundsOf(topic, [...Array(found.partitions).keys()])
  return [...bounds].map(([partition, { start, end }]) => ({ partition, from: start, to: end }))
}

/** Where the ranges begin, by partition. */
export function startsOf(ranges: readonly OffsetRange[]): Positions {
  return new Map(ranges.map(({ partition, from }) => [partition, from]))
}

/** Where they end. */
export function endsOf(ranges: readonly OffsetRange[]): Map<number, number> {
  return new Map(ranges.map(({ partition, to }) => [partition, to]))
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
  { topic, partition }: TopicPartition,
  offset: number,
  signal: AbortSignal,
): Promise<Buffer | null> {
  for await (const batch of batchesUpTo(log, topic, [{ partition, from: offset, to: offset + 1 }], signal)) {
    const i = batch.offset.subarray(0, batch.count).indexOf(offset)
    if (i >= 0) return valueAt(batch, i)
  }
  return null
}
