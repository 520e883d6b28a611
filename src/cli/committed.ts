/** Committed records of a topic, up to where it ended or for ever. */
import type { OffsetRange } from '../core/model/model.ts'
import { batchesUpTo, countBefore, endsOf, rangesOf } from '../runtime/batches.ts'
import { ShoalError } from '../runtime/errors.ts'
import type { EventLog, Positions } from '../runtime/ports.ts'
import type { RecordBatch } from '../stages/records.ts'

/** Records [0, `count`) of a batch that may hold more. */
export interface Committed {
  readonly batch: RecordBatch
  readonly count: number
}

/** Refuses a topic that there is not. */
export async function mustExist(log: EventLog, topic: string): Promise<void> {
  if ((await log.describe(topic)) === null) throw missing(topic)
}

/** Each partition of a topic that must exist, from where it begins to where it ends now. */
export async function existingRanges(log: EventLog, topic: string): Promise<readonly OffsetRange[]> {
  const ranges = await rangesOf(log, topic)
  if (ranges === null) throw missing(topic)
  return ranges
}

/** The committed records of a topic's ranges, at most one of each partition; whoever stops early lets the reader go. */
export async function* readUpTo(
  log: EventLog,
  topic: string,
  ranges: readonly OffsetRange[],
  signal: AbortSignal,
): AsyncGenerator<Committed, void> {
  const ends = endsOf(ranges)
  for await (const batch of batchesUpTo(log, topic, ranges, signal)) {
    yield { batch, count: countBefore(batch, ends.get(batch.partition)!) }
  }
}

/** The committed records from these positions on, until the signal fires. */
export async function* readOn(
  log: EventLog,
  topic: string,
  from: Positions,
  signal: AbortSignal,
): AsyncGenerator<Committed, void> {
  for await (const batch of log.follow(topic, from, signal)) yield { batch, count: batch.count }
}

const missing = (topic: string) => new ShoalError('topics.missing', `topic ${topic} must exist`)
