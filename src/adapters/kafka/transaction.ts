/** A worker's transactions: one open to be filled while the one before commits, under two transactional ids in turn. */
import { isFenced, ShoalError } from '../../runtime/errors.ts'
import type { CommitDuty, Seat, TransactionWriter } from '../../runtime/membership/group-session.ts'
import type { Clock, Positions, Transaction } from '../../runtime/ports.ts'
import type { OutputRecord, RecordSink } from '../../stages/records.ts'
import type { Cluster } from './cluster.ts'
import type { Compression } from './compression.ts'
import { OutputSet } from './output-set.ts'
import { produceRounds } from './producer.ts'
import type { TopicLimits } from './topic-limits.ts'
import { settle, type TransactionalId } from './transactional-id.ts'

export interface TransactionsOptions {
  readonly group: string
  readonly topic: string
  readonly cluster: Cluster
  readonly clock: Clock
  readonly compression: Compression
  readonly limits: TopicLimits
  readonly transactionTimeoutMs: number
  /** 2 where partitions and offsets join a transaction by being written. */
  readonly transactionVersion: () => 1 | 2
}

/** What a transaction is made of: an id to commit under, and the memory it is filled in. */
interface Turn {
  readonly id: TransactionalId
  readonly outputs: OutputSet
}

const requestVersions = { 1: { produce: 11, offsets: 4, end: 4 }, 2: { produce: 12, offsets: 5, end: 5 } } as const

/** Everything that one share writes. */
export class Transactions implements TransactionWriter {
  readonly #options: TransactionsOptions
  readonly #ids: readonly TransactionalId[]
  readonly #duty: CommitDuty
  /** Free ones, the longest unused first: the broker may still be writing the markers of the other. */
  readonly #free: Turn[]
  /** Ends when the commit before has ended. */
  #queue: Promise<void> = Promise.resolve()
  /** Why nothing more can be committed. */
  #over: Error | null = null
  readonly #fenced = new AbortController()

  /** The memory is this share's own: whoever holds on to a sink of an earlier one writes into nothing. */
  constructor(ids: readonly TransactionalId[], options: TransactionsOptions, duty: CommitDuty) {
    this.#ids = ids
    this.#free = ids.map((id) => ({ id, outputs: new OutputSet(options.limits.of, true) }))
    this.#options = options
    this.#duty = duty
  }

  begin(): Transaction {
    if (this.#over !== null) throw this.#over
    const turn = this.#free.shift()
    if (turn === undefined)
      throw new Error('at most two transactions may be open: one that is filled and one that commits')
    return new OpenTransaction(
      turn.outputs,
      (next) => this.#commit(turn, next),
      () => this.#release(turn, true),
    )
  }

  /** Commits from now on are refused: the share is over. */
  fence(error: Error): void {
    this.#over ??= error
    this.#fenced.abort()
  }

  /** Resolves when no commit is under way. */
  async settled(): Promise<void> {
    await this.#queue
  }

  #release(turn: Turn, keepMemory: boolean): void {
    turn.outputs.reset(keepMemory)
    this.#free.push(turn)
  }

  /** In the order of the calls, with the positions as they are now. */
  #commit(turn: Turn, next: Positions): Promise<void> {
    const before = this.#queue
    this.#duty.began()
    const ended = this.#commitAfter(before, turn, new Map(next))
    this.#queue = ended.catch(() => undefined)
    return ended
  }

  async #commitAfter(before: Promise<void>, turn: Turn, next: Positions): Promise<void> {
    const { cluster, clock, compression, limits } = this.#options
    let sent = false
    try {
      // Compression proceeds while the transaction before commits.
      await Promise.all([before, turn.outputs.finish(compression)])
      // A transaction that is open while a quota holds its records back would time out for no work.
      const restMs = cluster.restMs(turn.outputs.partitions())
      if (restMs > 0) await clock.sleep(restMs, this.#fenced.signal)
      if (this.#over !== null) throw this.#over
      await limits.hold(turn.outputs)
      sent = true
      await this.#steps(turn, next)
      this.#release(turn, true)
      this.#duty.ended(next, null)
    } catch (error) {
      const failure =
        error instanceof ShoalError
          ? error
          : new ShoalError('log.unavailable', 'a transaction failed', { cause: error })
      // Nothing may go on from here: neither the transaction that is being filled, nor any later one of this share.
      this.fence(failure)
      if (sent) {
        limits.forget(turn.outputs.partitions().keys())
        await this.#undo(turn.id)
      }
      this.#release(turn, false)
      this.#duty.ended(next, failure)
      throw failure
    }
  }

  /** Nothing of this transaction is sent before the one before has ended: their order in the log is their order here. */
  async #steps({ id, outputs }: Turn, next: Positions): Promise<void> {
    const { cluster, clock, group, topic, transactionTimeoutMs } = this.#options
    const deadlineMs = clock.now() + transactionTimeoutMs
    const transactionVersion = this.#options.transactionVersion()
    const version = requestVersions[transactionVersion]
    const partitions = outputs.partitions()
    // The broker calls the commit of an empty transaction INVALID_TXN_STATE.
    if (partitions.size === 0 && next.size === 0) return
    if (!id.ready) await id.initialise(deadlineMs)
    id.begin({ partitions, group, topic, positions: next })
    // 1. Before transaction.version 2 the coordinator must know every partition first: a record written earlier
    //    would stand outside the transaction, and be seen even when it is aborted.
    if (transactionVersion === 1) {
      await both(
        partitions.size > 0 ? id.addPartitions(partitions, deadlineMs) : null,
        next.size > 0 ? id.addOffsets(group, deadlineMs) : null,
      )
    }
    // 2. Records and positions, BOTH acknowledged before the end: else positions could be committed whose records
    //    were lost. The coordinator of the group refuses here whoever is not of the present generation.
    const { who, sequences } = id
    const stage = ({ generation, memberId }: Seat) =>
      id.commitOffsets({ group, topic, generation, memberId, positions: next }, version.offsets, deadlineMs)
    const context = { cluster, clock, transactionalId: id.id, who, sequences, version: version.produce, deadlineMs }
    await both(
      partitions.size > 0 ? produceRounds(outputs.rounds(), context) : null,
      next.size > 0 ? this.#duty.stage(next, deadlineMs, stage) : null,
    )
    // 3. The end is what makes everything visible at once.
    await id.end(true, version.end, deadlineMs)
  }

  /**
   * Mechanism: a new epoch for the id, which the coordinator gives after it has ended what was open. Consequence: the
   * transaction is aborted, or completed when its commit had been accepted and only the answer was lost. Guarantee:
   * nothing of it is pending, nor of the one before, and the positions read next tell which of the two it was. When the
   * coordinator cannot be reached the id stays in doubt and is initialised before the next share begins.
   */
  async #undo(id: TransactionalId): Promise<void> {
    const { clock, transactionTimeoutMs, transactionVersion } = this.#options
    const deadlineMs = clock.now() + transactionTimeoutMs / 2
    // Fenced, the id may be another's by now, and a new epoch would fence that one in turn: only an abort in our own
    // epoch is harmless. It spares readers the wait for the transaction timeout.
    const wasFenced = isFenced(this.#over)
    const { end } = requestVersions[transactionVersion()]
    const undone = wasFenced ? id.end(false, end, deadlineMs) : settle(this.#ids, deadlineMs)
    await undone.catch(() => id.doubt())
    if (wasFenced) id.doubt()
  }
}

/** Waits for both even when one fails, so that no request of a failed transaction is still under way. */
async function both(one: Promise<void> | null, other: Promise<void> | null): Promise<void> {
  const ends = await Promise.allSettled([one, other])
  const failures = ends.filter((end) => end.status === 'rejected').map((end) => end.reason)
  // Being fenced explains the other failure.
  if (failures.length > 0) throw failures.find(isFenced) ?? failures[0]
}

class OpenTransaction implements Transaction {
  readonly #outputs: OutputSet
  readonly #commit: (next: Positions) => Promise<void>
  readonly #forget: () => void
  /** Set by the first of `commit` and `abandon`. */
  #end: Promise<void> | null = null

  constructor(outputs: OutputSet, commit: (next: Positions) => Promise<void>, forget: () => void) {
    this.#outputs = outputs
    this.#commit = commit
    this.#forget = forget
  }

  get bytes(): number {
    return this.#outputs.bytes
  }

  append(record: OutputRecord): void {
    this.#mustBeOpen()
    this.#outputs.append(record)
  }

  sink(topic: string, partition: number): RecordSink {
    this.#mustBeOpen()
    return this.#outputs.sink(topic, partition)
  }

  commit(next: Positions): Promise<void> {
    this.#mustBeOpen()
    this.#end = this.#commit(next)
    return this.#end
  }

  /** Before `commit` nothing has been sent, so there is nothing to undo; a failed commit has undone itself. */
  async abandon(): Promise<void> {
    if (this.#end === null) {
      this.#end = Promise.resolve()
      this.#forget()
    }
    await this.#end.catch(() => undefined)
  }

  #mustBeOpen(): void {
    if (this.#end !== null) throw new Error('a transaction that was committed or abandoned takes nothing more')
  }
}
