/** What a member holds of its topic, and how far it is with each partition. */
import type { Positions } from '../ports.ts'

interface Holding {
  /** Where its reading began. */
  readonly from: number
  /** Handed to the worker up to here. */
  given: number
  /** The committed position, as this member found it or last moved it; undefined while the group has none. */
  committed: number | undefined
  /** It is to be finished, and then held no longer. */
  isGivenUp: boolean
  isPaused: boolean
  readonly lost: AbortController
}

export class Holdings {
  readonly #all = new Map<number, Holding>()
  /** Of those that are read: asked for with every transaction and partition, and made anew only when one comes or goes. */
  #positions: Positions | null = null
  /** Positions whose transaction has not ended. */
  #staged: Positions = new Map()

  /** Also those that are being given up. */
  get all(): readonly number[] {
    return ascending(this.#all.keys())
  }

  /** Those that are read. */
  get positions(): Positions {
    if (this.#positions === null) {
      const kept = [...this.#all].filter(([, holding]) => !holding.isGivenUp).sort(([a], [b]) => a - b)
      this.#positions = new Map(kept.map(([partition, { from }]) => [partition, from]))
    }
    return this.#positions
  }

  has(partition: number): boolean {
    return this.#all.has(partition)
  }

  /** `isCommitted`: the group has a position of it; else `from` is where its log begins. */
  add(partition: number, from: number, isCommitted: boolean): void {
    const committed = isCommitted ? from : undefined
    const lost = new AbortController()
    this.#positions = null
    this.#all.set(partition, { from, given: from, committed, isGivenUp: false, isPaused: false, lost })
  }

  /** Fires when the partition is no longer held, or is to be given up; at once for one that is not held. */
  held(partition: number): AbortSignal {
    const holding = this.#all.get(partition)
    return holding === undefined ? AbortSignal.abort() : holding.lost.signal
  }

  giveUp(partition: number): void {
    const holding = this.#all.get(partition)!
    this.#positions = null
    holding.isGivenUp = true
    holding.lost.abort()
  }

  get givenUp(): readonly number[] {
    return this.all.filter((partition) => this.#all.get(partition)!.isGivenUp)
  }

  drop(partition: number): void {
    const holding = this.#all.get(partition)
    this.#positions = null
    this.#all.delete(partition)
    holding?.lost.abort()
  }

  give(partition: number, next: number): void {
    const holding = this.#all.get(partition)
    if (holding !== undefined) holding.given = next
  }

  /** The worker has given back what it had from this offset on. */
  pause(partition: number, from: number): void {
    const holding = this.#all.get(partition)
    if (holding === undefined) return
    holding.given = from
    holding.isPaused = true
  }

  /** Where its reading goes on; null when it is not to be read. */
  resume(partition: number): number | null {
    const holding = this.#all.get(partition)
    if (holding === undefined || !holding.isPaused || holding.isGivenUp) return null
    holding.isPaused = false
    return holding.given
  }

  stage(next: Positions): void {
    this.#staged = next
  }

  unstage(): void {
    this.#staged = new Map()
  }

  commit(next: Positions): void {
    for (const [partition, offset] of next) {
      const holding = this.#all.get(partition)
      if (holding !== undefined) holding.committed = offset
    }
  }

  /** The worker has had records of it that are in no committed transaction yet. */
  isUnfinished(partition: number): boolean {
    const holding = this.#all.get(partition)
    return holding !== undefined && holding.given > (holding.committed ?? holding.from)
  }

  /**
   * Whether the position that the group has committed says that nobody else has moved it: it is where this member
   * left it, or where a transaction of its own is about to. That there is one at all where there was none is a move, too:
   * a birth commits the position that it began from.
   */
  isWhereLeft(partition: number, committed: number | undefined): boolean {
    if (committed === this.#all.get(partition)!.committed) return true
    return committed !== undefined && committed === this.#staged.get(partition)
  }
}

const ascending = (partitions: Iterable<number>): readonly number[] => [...partitions].sort((a, b) => a - b)
