import { assignSticky, type Claim } from '../../runtime/membership/assignment.ts'
import type { Committed, Seat } from '../../runtime/membership/group-session.ts'
import type { Clock, Log, Positions } from '../../runtime/ports.ts'
import { Wakeup, whenAny } from './wakeup.ts'

/** Who takes part, as the group knows it. */
interface Member {
  readonly id: string
  /** What it said when it last joined. */
  claim: Claim
  /** Answers the join that waits for the next generation; null once it is answered. */
  answer: ((seat: Seat | null) => void) | null
}

/**
 * Who has which partition, and how far each is done: what Kafka's coordinator is. A generation ends when a member
 * joins or goes, or the topic grows; the next begins once every member has joined again, or when the bound has passed and
 * the rest are thrown out. Until then the present one may commit.
 */
export class Group {
  readonly #name: string
  readonly #partitions: () => number
  readonly #clock: Clock
  readonly #rebalanceMs: number
  readonly #log: Log | undefined
  readonly #members = new Map<string, Member>()
  /** Ids of whom the group hears nothing, and who hear nothing of the group, not even that they are members no more. */
  readonly #silent = new Set<string>()
  #named = 0
  #generation = 0
  /** Fires when the next generation has begun; null while the present one lasts. */
  #forming: AbortController | null = null
  readonly #committed = new Map<number, number>()
  /** Partitions whose position hangs on an open transaction. */
  readonly #held = new Map<object, ReadonlySet<number>>()
  /** Wakes when a seat may be out of date. */
  readonly #news = new Wakeup()

  constructor(name: string, partitions: () => number, clock: Clock, rebalanceMs: number, log: Log | undefined) {
    this.#name = name
    this.#partitions = partitions
    this.#clock = clock
    this.#rebalanceMs = rebalanceMs
    this.#log = log
  }

  /** A seat in the next generation; null when the member was removed while it waited. Who is not known gets a new id. */
  join(id: string | null, partitions: readonly number[], generation: number): Promise<Seat | null> {
    const known = id === null ? undefined : this.#members.get(id)
    const memberId = known?.id ?? `${this.#name}-${++this.#named}`
    const claim = { memberId, partitions, generation, keeps: true }
    const member: Member = known ?? { id: memberId, claim, answer: null }
    member.claim = claim
    if (id !== null) this.#silent.delete(id) // Whoever asks has been heard.
    member.answer?.(null) // Asked again before the answer: the earlier question is nobody's.
    this.#members.set(memberId, member)
    return new Promise((resolve) => {
      member.answer = resolve
      this.#form()
    })
  }

  /** Leaving and being thrown out are one to the group. */
  remove(id: string): void {
    const member = this.#members.get(id)
    if (!this.#members.delete(id)) return
    member?.answer?.(null)
    this.#form()
  }

  /** Resolves when the seat is out of date and its member can hear it, or the signal fires. */
  async outdated({ memberId, generation }: Seat, signal: AbortSignal): Promise<void> {
    const isPresent = (): boolean =>
      this.#silent.has(memberId) ||
      (this.#members.has(memberId) && this.#forming === null && generation === this.#generation)
    while (!signal.aborted && isPresent()) await whenAny([this.#news], signal)
  }

  /** From now on nothing is heard of the member; after the session timeout it is removed. */
  fallSilent(id: string, sessionTimeoutMs: number): () => void {
    const heard = new AbortController()
    this.#silent.add(id)
    void this.#clock.sleep(sessionTimeoutMs, heard.signal).then(() => {
      if (!heard.signal.aborted && this.#silent.has(id)) this.remove(id)
    })
    return () => {
      heard.abort()
      this.#silent.delete(id)
      this.#news.wake()
    }
  }

  /** The topic has more partitions than the generation knows. */
  grown(): void {
    if (this.#members.size > 0) this.#form()
  }

  isSeated({ memberId, generation }: Seat): boolean {
    return this.#members.has(memberId) && generation === this.#generation
  }

  /** The positions of `partitions` are pending until `release`. */
  hold(transaction: object, partitions: Iterable<number>): void {
    this.#held.set(transaction, new Set(partitions))
  }

  release(transaction: object, next: Positions): void {
    this.#held.delete(transaction)
    for (const [partition, offset] of next) this.#committed.set(partition, offset)
    this.#news.wake()
  }

  get members(): number {
    return this.#members.size
  }

  /** Whatever is pending. */
  get lastCommitted(): Positions {
    return new Map(this.#committed)
  }

  /** Positions of `partitions`, but of those on which a transaction is pending. */
  committedNow(partitions: readonly number[]): Committed {
    const pending = partitions.filter((each) => [...this.#held.values()].some((held) => held.has(each)))
    const settled = partitions.filter((each) => this.#committed.has(each) && !pending.includes(each))
    return { positions: new Map(settled.map((each) => [each, this.#committed.get(each)!])), pending }
  }

  /** Committed positions of `partitions` once none is pending; null when the signal fires first. */
  async stablePositions(partitions: readonly number[], signal: AbortSignal): Promise<Positions | null> {
    for (;;) {
      const { positions, pending } = this.committedNow(partitions)
      if (pending.length === 0) return positions
      if (signal.aborted) return null
      await whenAny([this.#news], signal)
    }
  }

  /** Calls the members together; at once when all are here. */
  #form(): void {
    if (this.#forming === null) {
      const forming = new AbortController()
      this.#forming = forming
      this.#news.wake()
      void this.#clock.sleep(this.#rebalanceMs, forming.signal).then(() => {
        if (this.#forming === forming) this.#throwOutTheAbsent()
      })
    }
    this.#beginWhenComplete()
  }

  #throwOutTheAbsent(): void {
    for (const member of this.#members.values()) {
      if (member.answer !== null) continue
      this.#log?.warn('a member did not join the next generation in time and is thrown out of the group', {
        group: this.#name,
        generation: this.#generation,
        timeoutMs: this.#rebalanceMs,
      })
      this.#members.delete(member.id)
    }
    this.#beginWhenComplete()
  }

  #beginWhenComplete(): void {
    const members = [...this.#members.values()]
    if (members.some((member) => member.answer === null)) return
    this.#forming?.abort()
    this.#forming = null
    this.#generation++
    const all = Array.from({ length: this.#partitions() }, (_, partition) => partition)
    const claims = members.map(({ claim }) => claim)
    const assignments = assignSticky(claims, all)
    for (const member of members) {
      const { answer, id } = member
      member.answer = null
      answer?.({ generation: this.#generation, memberId: id, assignment: assignments.get(id)! })
    }
  }
}
