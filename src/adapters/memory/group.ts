import { ShoalError } from '../../runtime/errors.ts'
import type { Clock, Log, Positions } from '../../runtime/ports.ts'
import { shareOut } from './sticky.ts'
import { Wakeup, whenAny } from './wakeup.ts'

/** A member's place in one generation. */
export interface Seat {
  readonly member: Member
  readonly generation: number
  readonly partitions: readonly number[]
  readonly ended: AbortSignal
}

/** Who takes part in a group. The group keeps its state here; a member only reads. */
export class Member {
  owned: readonly number[] = []
  /** Ends the present share. */
  ended = new AbortController()
  /** Answers the join that waits for the next generation. */
  waiting: ((seat: Seat | null) => void) | null = null
  /** While true the member hears nothing of the group, and the group nothing of it. */
  silent = false

  /** Waits for no seat any more. */
  giveUp(): void {
    this.waiting?.(null)
    this.waiting = null
  }

  /** Ends the share, when the member can hear it. */
  notify(): void {
    if (!this.silent) this.ended.abort()
  }
}

/**
 * Who owns which partition, and how far each is done. A generation ends when a member joins or leaves: all shares are
 * ended, and once every member has asked for a seat again (or the bound has passed and the rest are thrown out)
 * the next one begins. Commits are accepted from the present generation only.
 */
export class Group {
  readonly #name: string
  readonly #partitions: number
  readonly #clock: Clock
  readonly #rebalanceMs: number
  readonly #log: Log | undefined
  readonly #members = new Set<Member>()
  #generation = 0
  /** Fires when the next generation has begun; null while the present one lasts. */
  #rebalancing: AbortController | null = null
  readonly #committed = new Map<number, number>()
  /** Partitions whose position hangs on an open transaction. */
  readonly #held = new Map<object, ReadonlySet<number>>()
  readonly #released = new Wakeup()

  constructor(name: string, partitions: number, clock: Clock, rebalanceMs: number, log: Log | undefined) {
    this.#name = name
    this.#partitions = partitions
    this.#clock = clock
    this.#rebalanceMs = rebalanceMs
    this.#log = log
  }

  /** A seat in the next generation, or null when the member was removed while it waited. */
  join(member: Member): Promise<Seat | null> {
    member.silent = false // Whoever asks has been heard.
    if (!this.#members.has(member)) {
      member.owned = []
      this.#members.add(member)
    }
    return new Promise((resolve) => {
      member.waiting = resolve
      this.#rebalance()
    })
  }

  /** Leaving and being thrown out are one to the group. A share that the member still holds is fenced from now on. */
  remove(member: Member): void {
    if (!this.#members.delete(member)) return
    member.notify()
    member.giveUp()
    this.#rebalance()
  }

  /** What a member that was silent finds out when it is heard again. */
  heardAgain(member: Member): void {
    member.silent = false
    if (!this.#members.has(member) || this.#rebalancing !== null) member.notify()
  }

  refuseUnlessSeated(seat: Seat): void {
    if (this.#members.has(seat.member) && seat.generation === this.#generation) return
    throw new ShoalError(
      'log.fenced',
      `a commit to group ${this.#name} must come from its present generation ${this.#generation}: ` +
        `it came from generation ${seat.generation}`,
    )
  }

  /** The positions of `partitions` are pending until `release`. */
  hold(transaction: object, partitions: Iterable<number>): void {
    this.#held.set(transaction, new Set(partitions))
  }

  release(transaction: object, next: Positions): void {
    this.#held.delete(transaction)
    for (const [partition, offset] of next) this.#committed.set(partition, offset)
    this.#released.wake()
  }

  /** Committed positions of `partitions` once none is pending; null when the signal fires first. */
  async stablePositions(partitions: readonly number[], signal: AbortSignal): Promise<Positions | null> {
    while (this.#isHeld(partitions)) {
      if (signal.aborted) return null
      await whenAny([this.#released], signal)
    }
    return new Map([...this.#committed].filter(([partition]) => partitions.includes(partition)))
  }

  #isHeld(partitions: readonly number[]): boolean {
    return [...this.#held.values()].some((held) => partitions.some((partition) => held.has(partition)))
  }

  /** Ends every share and waits for the members; at once when all are here. */
  #rebalance(): void {
    if (this.#rebalancing === null) {
      const rebalancing = new AbortController()
      this.#rebalancing = rebalancing
      for (const member of this.#members) member.notify()
      void this.#clock.sleep(this.#rebalanceMs, rebalancing.signal).then(() => {
        if (this.#rebalancing === rebalancing) this.#throwOutTheAbsent()
      })
    }
    this.#beginWhenComplete()
  }

  #throwOutTheAbsent(): void {
    for (const member of this.#members) {
      if (member.waiting !== null) continue
      this.#log?.warn('a member did not give its share back in time and is thrown out of the group', {
        group: this.#name,
        generation: this.#generation,
        timeoutMs: this.#rebalanceMs,
      })
      this.#members.delete(member)
    }
    this.#beginWhenComplete()
  }

  #beginWhenComplete(): void {
    const members = [...this.#members]
    if (members.some((member) => member.waiting === null)) return
    this.#rebalancing?.abort()
    this.#rebalancing = null
    this.#generation++
    if (members.length === 0) return
    const shares = shareOut(
      this.#partitions,
      members.map((member) => member.owned),
    )
    members.forEach((member, i) => {
      this.#seat(member, shares[i])
    })
  }

  #seat(member: Member, partitions: readonly number[]): void {
    const answer = member.waiting
    member.owned = partitions
    member.ended = new AbortController()
    member.waiting = null
    answer?.({ member, generation: this.#generation, partitions, ended: member.ended.signal })
  }
}
