/** A member's time in its group from a join on, until it leaves or has lost what it was working on. */
import { ShoalError } from '../errors.ts'
import { unlessAborted, unlessInterrupted } from '../interruption.ts'
import type { Clock, Log, Positions, Share } from '../ports.ts'
import { CommitRight } from './commit-right.ts'
import type { Group, PartitionReader, Seat, TransactionWriter } from './group-session.ts'
import { HeldShare } from './held-share.ts'
import { Holdings } from './holdings.ts'

export interface TenureOptions extends Group {
  readonly clock: Clock
  /** Undefined: nobody listens. */
  readonly log: Log | undefined
  /** What is given up must be finished within it, and a worker must be back. */
  readonly rebalanceTimeoutMs: number
}

/** A position that is pending is asked for again after so long. */
const pauseMs = 10
/** A commit is acknowledged before its markers are written; long before so much has passed they are. */
const markersMs = 500

export class Tenure {
  readonly #options: TenureOptions
  readonly #holdings = new Holdings()
  readonly #right: CommitRight
  readonly #reader: PartitionReader
  readonly #share: HeldShare
  readonly #ended = new AbortController()
  readonly writer: TransactionWriter
  /** Fires when it is time to join again. */
  #round = new AbortController()
  #failure: Error | null = null
  /** What the present seat says must go, whether it is held or was only claimed. */
  #going: readonly number[] = []
  /** Transactions that are being committed. */
  #committing = 0

  constructor(options: TenureOptions) {
    this.#options = options
    this.#right = new CommitRight(this.#holdings, options.clock, () => this.#stale())
    this.#reader = options.reader()
    this.writer = options.writer({
      began: () => {
        this.#committing++
      },
      stage: (next, deadlineMs, attempt) => this.#right.stage(next, deadlineMs, attempt),
      ended: (next, error) => this.#transactionEnded(next, error),
    })
    this.#share = new HeldShare(this.#holdings, this.#reader, this.writer, this.#ended.signal, () =>
      this.#releaseFinished(),
    )
  }

  get share(): Share {
    return this.#share
  }

  get ended(): AbortSignal {
    return this.#ended.signal
  }

  /** Why it ended, when it was not asked to. */
  get failure(): Error | null {
    return this.#failure
  }

  /** The worker is to finish and return. */
  end(): void {
    this.#ended.abort()
    this.#round.abort()
  }

  /** Nothing more can be committed. */
  lose(error: Error): void {
    this.#failure ??= error
    this.#right.end(error)
    this.writer.fence(error)
    this.end()
  }

  /** Takes up one seat after the other until `over` fires; what it throws ends the membership. */
  async tend(first: Seat, over: AbortSignal): Promise<void> {
    const { session, clock } = this.#options
    for (let seat: Seat | null = first; seat !== null; ) {
      const round = new AbortController()
      this.#round = round
      // From the first moment on: while positions are waited for, too.
      const kept = session.keep(round.signal)
      try {
        // Also when it is leaving: a transaction in flight may be waiting for this seat.
        await this.#adopt(seat, over)
        await this.#serve(seat, round, kept)
      } finally {
        round.abort()
      }
      seat = this.#ended.signal.aborted ? null : await session.join(this.#claimed(seat), this.#ended.signal)
    }
    // Whoever leaves joins no newer generation: what cannot be committed in this one is another's to do.
    this.#right.endUnlessGranted(generationOver())
    // The worker is finishing: it must not be taken for dead meanwhile.
    while (!over.aborted) {
      await session.keep(over)
      await clock.sleep(pauseMs, over)
    }
  }

  /** What it holds, and what it was assigned and still waits for. */
  #claimed({ assignment }: Seat): readonly number[] {
    return [...new Set([...assignment.partitions, ...this.#holdings.all])].sort((a, b) => a - b)
  }

  /**
   * Mechanism: the positions of all that is held are read again, stable ones, while nothing can be staged.
   * Consequence: a partition that another member has worked on meanwhile is found out, however that came about.
   * Guarantee: what is kept goes on where it was, and is this member's in the new generation.
   */
  async #adopt(seat: Seat, over: AbortSignal): Promise<void> {
    const { partitions, givingUp } = seat.assignment
    await this.#right.suspend()
    for (const partition of this.#holdings.all) {
      if (!partitions.includes(partition) && !givingUp.includes(partition)) this.#drop(partition, seat)
    }
    const committed = await this.#settledPositions(over)
    if (committed === null) return
    for (const partition of this.#holdings.all) {
      if (!this.#holdings.isWhereLeft(partition, committed.get(partition))) this.#drop(partition, seat)
    }
    // A position that has not moved does not say that nobody had it: another may have handed it to somebody else.
    if (this.#holdings.all.length > 0 && !(await this.#share.stands(over))) {
      if (!over.aborted) this.lose(new ShoalError('log.fenced', 'what a member holds must be its own: another had it'))
      return
    }
    this.#going = givingUp
    for (const partition of givingUp) {
      if (!this.#holdings.has(partition)) continue
      this.#reader.remove(partition)
      this.#holdings.giveUp(partition)
    }
    this.#right.grant(seat)
    this.#share.tellChange()
  }

  /** Of what is held; null when it was lost, or is no longer needed. */
  async #settledPositions(over: AbortSignal): Promise<Positions | null> {
    const { session, clock } = this.#options
    const held = this.#holdings.all
    if (held.length === 0) return new Map()
    const markedMs = clock.now() + markersMs
    while (!over.aborted && this.#failure === null) {
      const found = await unlessAborted(over, session.committed(held, over))
      if (found === null) return null
      const { positions, pending } = found
      if (pending.length === 0) return positions
      // A transaction of its own, which is about to end, or has ended a moment ago: unless it is the one that waits for
      // this, because what was called stale had been staged by an attempt whose answer was lost.
      if (this.#right.isRestaging && clock.now() >= markedMs) {
        this.lose(generationOver())
        return null
      }
      await clock.sleep(pauseMs, over)
    }
    return null
  }

  /** Until it is time to join again. */
  async #serve(seat: Seat, round: AbortController, kept: Promise<void>): Promise<void> {
    if (this.#ended.signal.aborted) return
    this.#releaseFinished()
    const fresh = seat.assignment.partitions.filter((partition) => !this.#holdings.has(partition))
    const takingOver = unlessInterrupted(round.signal, this.#takeOver(fresh, seat, round.signal))
    const all = [kept, takingOver, this.#inTime(round.signal)]
    try {
      // Either ends the round: a newer generation, or a failure.
      await Promise.race([kept, Promise.all(all)])
    } finally {
      round.abort()
      await Promise.allSettled(all)
    }
    await Promise.all(all)
  }

  /** Each partition as soon as its position can be relied upon: an earlier owner's transaction may be pending. */
  async #takeOver(partitions: readonly number[], seat: Seat, signal: AbortSignal): Promise<void> {
    const { session, clock } = this.#options
    for (let left = partitions; left.length > 0 && !signal.aborted; ) {
      const found = await unlessAborted(signal, session.committed(left, signal))
      if (found === null) return
      this.#take(found.positions, seat, true)
      const fresh = left.filter((each) => !found.pending.includes(each) && !found.positions.has(each))
      // One without a leader must not hold up those that have one.
      const starts = fresh.length === 0 ? found.positions : await this.#startsOf(fresh, signal)
      if (signal.aborted) return
      if (starts !== null && fresh.length > 0) this.#take(starts, seat, false)
      left = left.filter((partition) => !this.#holdings.has(partition))
      if (left.length > 0) await clock.sleep(pauseMs, signal)
    }
  }

  /** Null when they cannot be had now. */
  async #startsOf(partitions: readonly number[], signal: AbortSignal): Promise<Positions | null> {
    const { session, log, group, topic } = this.#options
    try {
      return await unlessAborted(signal, session.starts(partitions, signal))
    } catch (error) {
      if (!(error instanceof ShoalError && error.retriable)) throw error
      log?.warn('Partitions wait for a leader', { group, topic, partitions, error: error.message })
      return null
    }
  }

  #take(from: Positions, { generation }: Seat, isCommitted: boolean): void {
    const { log, group, topic } = this.#options
    if (from.size === 0) return
    for (const [partition, position] of from) this.#holdings.add(partition, position, isCommitted)
    this.#reader.add(from)
    log?.info('Partitions were taken over', { group, topic, generation, positions: Object.fromEntries(from) })
    this.#share.tellChange()
  }

  async #inTime(signal: AbortSignal): Promise<void> {
    const { clock, rebalanceTimeoutMs } = this.#options
    if (this.#holdings.givenUp.length === 0) return
    await clock.sleep(rebalanceTimeoutMs, signal)
    if (signal.aborted) return
    const rule = `what is given up must be committed within ${rebalanceTimeoutMs} ms`
    this.lose(new ShoalError('log.fenced', `${rule}: it has not been`))
  }

  #drop(partition: number, { generation }: Seat): void {
    const { log, group, topic } = this.#options
    this.#reader.remove(partition)
    this.#holdings.drop(partition)
    log?.info('A partition went to another member', { group, topic, generation, partition })
    // All of it, though nothing of this partition was under way: what was begun for it must not find it again later.
    this.lose(new ShoalError('log.fenced', `partition ${partition} of ${topic} must be this member's: another has it`))
  }

  #transactionEnded(next: Positions, error: Error | null): void {
    this.#committing--
    this.#holdings.unstage()
    if (error === null) {
      this.#holdings.commit(next)
      this.#releaseFinished()
    } else this.lose(error)
  }

  /** Once all that is given up is finished, the next generation can give it to others. */
  #releaseFinished(): void {
    const { givenUp } = this.#holdings
    if (this.#committing > 0 || this.#going.length + givenUp.length === 0) return
    if (givenUp.some((partition) => this.#holdings.isUnfinished(partition))) return
    for (const partition of givenUp) this.#holdings.drop(partition)
    this.#going = []
    this.#round.abort()
  }

  #stale(): void {
    if (this.#ended.signal.aborted) this.#right.end(generationOver())
    this.#round.abort()
  }
}

function generationOver(): ShoalError {
  return new ShoalError('log.fenced', 'a commit must come from the present generation: it is over')
}
