/** What a membership needs of an adapter: a seat in the group, positions, records and transactions. */
import type { RecordBatch } from '../../stages/records.ts'
import type { Positions, ReadLimit, Transaction } from '../ports.ts'
import type { Assignment } from './assignment.ts'

/** A member's place in one generation of its group. */
export interface Seat {
  readonly generation: number
  readonly memberId: string
  readonly assignment: Assignment
}

/** What a group has committed, as far as it can be known now. */
export interface Committed {
  /** By partition; one that has none is left out. */
  readonly positions: Positions
  /** Partitions on whose position a transaction is pending. */
  readonly pending: readonly number[]
}

/**
 * One member's dealings with its group. A method that fails for a passing reason repeats by itself for as long as
 * the adapter is patient; what it throws ends the membership.
 */
export interface GroupSession {
  /** Before the first join: finds the servers and the topic. */
  open(signal: AbortSignal): Promise<void>
  /** Before each first join: what an earlier life of this worker left open has ended, and transactions can begin. */
  ready(signal: AbortSignal): Promise<void>
  /** Joins, or joins again, with what is held by the seat before. Resolves when the generation has formed; null when the signal fired first. */
  join(held: readonly number[], signal: AbortSignal): Promise<Seat | null>
  /** Keeps the seat from being given to others. Resolves when it is out of date, or the signal fires. */
  keep(signal: AbortSignal): Promise<void>
  committed(partitions: readonly number[], signal: AbortSignal): Promise<Committed>
  /** Where the log begins. */
  starts(partitions: readonly number[], signal: AbortSignal): Promise<Positions>
  /** The others take over at once; a failure is logged, and they wait for the session timeout instead. */
  leave(): Promise<void>
  close(): Promise<void>
}

/** Records of the partitions that it is told to read, and of no others. */
export interface PartitionReader {
  add(from: Positions): void
  /** Nothing of it is given out from now on. */
  remove(partition: number): void
  /** At least one batch; none when it has been closed, or its last partition has been removed, whether or not it has come back. Waits for a first partition. */
  read(limit: ReadLimit): Promise<readonly RecordBatch[]>
  close(): void
}

/** Transactions, committed one after the other. */
export interface TransactionWriter {
  begin(): Transaction
  /** Commits from now on are refused with this error. */
  fence(error: Error): void
  /** Resolves when no commit is under way. */
  settled(): Promise<void>
}

/** What the coordinator says of positions that are staged under a seat: taken, or it has a newer generation. */
export type Staged = 'staged' | 'stale'

/** What every transaction must do: ask before it moves positions, and tell when it begins to commit and how it ended. */
export interface CommitDuty {
  /** To be called in the turn of `commit`: from now on no partition is given away until it has ended. */
  began(): void
  /** Stages positions under the seat that allows it; throws `log.fenced` when none does, `log.unavailable` after the deadline. */
  stage(next: Positions, deadlineMs: number, attempt: (seat: Seat) => Promise<Staged>): Promise<void>
  /** To be called once for each transaction that was begun to be committed; the error is why it was not. */
  ended(next: Positions, error: Error | null): void
}

export interface Group {
  readonly group: string
  readonly topic: string
  readonly session: GroupSession
  reader(): PartitionReader
  writer(duty: CommitDuty): TransactionWriter
}
