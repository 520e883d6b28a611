/** The right to commit positions: whose partitions, and under which seat. */
import { ShoalError } from '../errors.ts'
import type { Clock, Positions } from '../ports.ts'
import type { Seat, Staged } from './group-session.ts'
import type { Holdings } from './holdings.ts'

/**
 * Mechanism: positions are staged under the present seat. A coordinator that calls it stale has formed a newer
 * generation; once this member has its seat there, and has found by the committed positions that its partitions
 * never left it, the same positions are staged under the new seat. Consequence: a rebalance ends no transaction of
 * partitions that stay. Guarantee: nothing is staged for a partition that is not this member's in that seat.
 */
export class CommitRight {
  readonly #holdings: Holdings
  readonly #clock: Clock
  /** Null while a newer generation forms. */
  #seat: Seat | null = null
  #over: Error | null = null
  /** What was called stale waits to be staged again. */
  #isRestaging = false
  /** Fires when the seat or the end of it all has changed. */
  #changed = new AbortController()
  readonly #onStale: () => void
  /** Ends when no attempt is under way. */
  #attempt: Promise<unknown> = Promise.resolve()

  constructor(holdings: Holdings, clock: Clock, onStale: () => void) {
    this.#holdings = holdings
    this.#clock = clock
    this.#onStale = onStale
  }

  /** Stages `next`; throws `log.fenced` when it may not, and `log.unavailable` after the deadline. */
  async stage(next: Positions, deadlineMs: number, attempt: (seat: Seat) => Promise<Staged>): Promise<void> {
    for (;;) {
      const seat = await this.#seatBefore(deadlineMs)
      // Suspended between the two: what is staged from now on would escape `suspend`.
      if (seat !== this.#seat) continue
      const foreign = [...next.keys()].filter((partition) => !this.#holdings.has(partition))
      if (foreign.length > 0) throw notHeld(foreign)
      this.#holdings.stage(next)
      const attempting = attempt(seat)
      this.#attempt = attempting.catch(() => undefined)
      this.#isRestaging = (await attempting) === 'stale'
      if (!this.#isRestaging) return
      this.#holdings.unstage()
      this.#outdate(seat)
    }
  }

  /** A transaction waits for the next `grant` that may have staged its positions already, though it was told otherwise. */
  get isRestaging(): boolean {
    return this.#isRestaging
  }

  /** From now on positions are staged under this seat. */
  grant(seat: Seat): void {
    this.#seat = seat
    this.#wake()
  }

  /** Until the next `grant` nothing is staged. Resolves when what was being staged has been taken or refused. */
  async suspend(): Promise<void> {
    this.#seat = null
    await this.#attempt
  }

  /** Nothing is staged any more. */
  end(error: Error): void {
    this.#over ??= error
    this.#wake()
  }

  /** Whoever has no seat now will have none. */
  endUnlessGranted(error: Error): void {
    if (this.#seat === null) this.end(error)
  }

  #outdate(seat: Seat): void {
    if (this.#seat !== seat) return
    this.#seat = null
    this.#onStale()
  }

  async #seatBefore(deadlineMs: number): Promise<Seat> {
    for (;;) {
      if (this.#over !== null) throw this.#over
      if (this.#seat !== null) return this.#seat
      const waitMs = deadlineMs - this.#clock.now()
      if (waitMs <= 0)
        throw new ShoalError('log.unavailable', 'positions must be committed in time: the group forms no generation')
      await this.#clock.sleep(waitMs, this.#changed.signal)
    }
  }

  #wake(): void {
    this.#changed.abort()
    this.#changed = new AbortController()
  }
}

function notHeld(partitions: readonly number[]): ShoalError {
  return new ShoalError(
    'log.fenced',
    `positions must be of partitions that the member holds: ${partitions.join(', ')} went to others`,
  )
}
