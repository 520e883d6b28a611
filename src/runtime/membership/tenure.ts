/** A member's time in its group from a join on, until it leaves or has lost what it was working on. */
import { ShoalError } from '../errors.ts'
import { unlessInterrupted } from '../interruption.ts'
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

  constructor(options: TenureOptions) {
    this.#options = options
    this.#right = new CommitRight(this.#holdings, options.clock, () => this.#stale())
    this.#reader = options.reader()
    this.writer = options.writer({
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
    for (let seat: Seat | null = first; seat !== null && !this.#ended.signal.aborted; ) {
      const round = new AbortController()
      this.#round = round
      // From the first moment on: while positions are waited for, too.
      const kept = session.keep(round.signal)
      try {
        await this.#adopt(seat)
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
  async #adopt(seat: Seat): Promise<void> {
    const { partitions, givingUp } = seat.assignment
    await this.#right.suspend()
    for (const partition of this.#holdings.all) {
      if (!partitions.includes(partition) && !givingUp.includes(partition)) this.#drop(partition, seat)
    }
    const committed = await this.#settledPositions()
    if (committed === null) return
    for (const partition of this.#holdings.all) {
      if (!this.#holdings.isWhereLeft(partition, committed.get(partition))) this.#drop(partition, seat)
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

  /** Of what is held; null when the tenure ended first. */
  async #settledPositions(): Promise<Positions | null> {
    const { session, clock } = this.#options
    const held = this.#holdings.all
    if (held.length === 0) return new Map()
    const markedMs = clock.now() + markersMs
    while (!this.#ended.signal.aborted) {
      const found = await unlessInterrupted(this.#ended.signal, session.committed(held, this.#ended.signal))
      if (found === null) return null
      const { positions, pending } = found
      if (pending.length === 0) return positions
      // A transaction of its own, which is about to end, or has ended a moment ago: unless it is the one that waits for
      // this, because what was called stale had been staged by an attempt whose answer was lost.
      if (this.#right.isRestaging && clock.now() >= markedMs) {
        this.lose(generationOver())
        return null
      }
      await clock.sleep(pauseMs, this.#ended.signal)
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
    const { session, clock, log, group, topic } = this.#options
    for (let left = partitions; left.length > 0 && !signal.aborted; ) {
      const { positions, pending } = await session.committed(left, signal)
      const stable = left.filter((partition) => !pending.includes(partition))
      const fresh = stable.filter((partition) => !positions.has(partition))
      const starts = fresh.length === 0 ? positions : await session.starts(fresh, signal)
      if (signal.aborted) return
      if (stable.length > 0) {
        const { generation } = seat
        this.#take(new Map(stable.map((each) => [each, (positions.get(each) ?? starts.get(each))!])))
        log?.info('Partitions were taken over', { group, topic, generation, partitions: stable, waitingFor: pending })
        this.#share.tellChange()
      }
      left = pending
      if (left.length > 0) await clock.sleep(pauseMs, signal)
    }
  }

  #take(from: Positions): void {
    for (const [partition, position] of from) this.#holdings.add(partition, position)
    this.#reader.add(from)
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
    const isUnfinished = this.#holdings.isUnfinished(partition)
    this.#reader.remove(partition)
    this.#holdings.drop(partition)
    log?.info('A partition went to another member', { group, topic, generation, partition })
    if (!isUnfinished) return
    this.lose(new ShoalError('log.fenced', `partition ${partition} of ${topic} must be this member's: another has it`))
  }

  #transactionEnded(next: Positions, error: Error | null): void {
    this.#holdings.unstage()
    if (error === null) {
      this.#holdings.commit(next)
      this.#releaseFinished()
    } else this.lose(error)
  }

  /** Once all that is given up is finished, the next generation can give it to others. */
  #releaseFinished(): void {
    const { givenUp } = this.#holdings
    if (this.#going.length + givenUp.length === 0) return
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
