/** Committed records of a topic, up to where it ended or for ever. */
import { batchesUpTo, countBefore } from '../runtime/batches.ts'
import { ShoalError } from '../runtime/errors.ts'
import type { EventLog, TopicPartition } from '../runtime/ports.ts'
import type { RecordBatch } from '../stages/records.ts'

/** Records [0, `count`) of a batch that may hold more. */
export interface Committed {
  readonly batch: RecordBatch
  readonly count: number
}

/** All partitions of a topic that must exist. */
export async function partitionsOf(log: EventLog, topic: string): Promise<readonly TopicPartition[]> {
  const found = await log.describe(topic)
  if (found === null) throw new ShoalError('topics.missing', `topic ${topic} must exist`)
  return Array.from({ length: found.partitions }, (_, partition) => ({ topic, partition }))
}

/** The committed records from `from` up to `end`; whoever stops early lets the reader go. */
export async function* readUpTo(
  log: EventLog,
  at: TopicPartition,
  from: number,
  end: number,
  signal: AbortSignal,
): AsyncGenerator<Committed, void> {
  for await (const batch of batchesUpTo(log, at, from, end, signal)) yield { batch, count: countBefore(batch, end) }
}

/** The committed records from `from` on, until the signal fires. */
export async function* readOn(
  log: EventLog,
  at: TopicPartition,
  from: number,
  signal: AbortSignal,
): AsyncGenerator<Committed, void> {
  for await (const batch of log.follow(at, from, signal)) yield { batch, count: batch.count }
}
