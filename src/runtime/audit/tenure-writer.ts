/** The audit of one tenure of a trainer: what it tells, it tells in the transactions that make it so. */
import type { Log } from '../ports.ts'
import type { TrainWorkerOptions } from '../train-worker.ts'
import { AuditWriter } from './audit-writer.ts'

/** A chain of its own: of two tenures that begin at the same place at most one has committed anything. */
export function tenureWriter(
  { audit, sample: { log } }: Pick<TrainWorkerOptions, 'audit' | 'sample'>,
  said: Log,
  writer: string,
): AuditWriter | null {
  return audit === undefined ? null : new AuditWriter({ ...audit, log, said, writer })
}
