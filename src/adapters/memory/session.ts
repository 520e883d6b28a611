import type { Committed, GroupSession, Seat } from '../../runtime/membership/group-session.ts'
import type { Positions } from '../../runtime/ports.ts'
import type { MemoryCluster } from './cluster.ts'
import type { Group } from './group.ts'
import type { Wire } from './wire.ts'

/** One member's dealings with its group, over a wire. */
export class MemorySession implements GroupSession {
  readonly #cluster: MemoryCluster
  readonly #wire: Wire
  readonly #name: string
  readonly #topic: string
  #seat: Seat | null = null

  constructor(cluster: MemoryCluster, wire: Wire, name: string, topic: string) {
    this.#cluster = cluster
    this.#wire = wire
    this.#name = name
    this.#topic = topic
  }

  async open(): Promise<void> {
    this.#cluster.existing(this.#topic)
  }

  async ready(): Promise<void> {}

  async join(held: readonly number[], signal: AbortSignal): Promise<Seat | null> {
    const { memberId, generation } = this.#seat ?? { memberId: null, generation: 0 }
    const abandoned = Promise.withResolvers<null>()
    const abandon = () => abandoned.resolve(null)
    signal.addEventListener('abort', abandon)
    if (signal.aborted) abandon()
    const joining = this.#wire('join', async () => {
      if (signal.aborted) return null
      const seat = await this.#group.join(memberId, held, generation)
      // Whoever gave up waiting must not stay a member that others wait for.
      if (seat !== null && signal.aborted && memberId === null) this.#group.remove(seat.memberId)
      return seat
    })
    try {
      const seat = await Promise.race([joining, abandoned.promise])
      if (seat !== null) this.#seat = seat
      return seat
    } finally {
      joining.catch(() => undefined)
      signal.removeEventListener('abort', abandon)
    }
  }

  async keep(signal: AbortSignal): Promise<void> {
    if (this.#seat !== null) await this.#group.outdated(this.#seat, signal)
  }

  committed(partitions: readonly number[]): Promise<Committed> {
    return this.#wire('positions', () => this.#group.committedNow(partitions))
  }

  async starts(partitions: readonly number[]): Promise<Positions> {
    return this.#wire('bounds', () => {
      const logs = this.#cluster.existing(this.#topic).partitions
      return new Map(partitions.map((each) => [each, logs[each].start]))
    })
  }

  /** A group that the leave cannot reach notices the silence instead. */
  async leave(): Promise<void> {
    if (this.#seat === null) return
    const { memberId } = this.#seat
    this.#seat = null
    try {
      await this.#wire('leave', () => this.#group.remove(memberId))
    } catch (error) {
      this.#cluster.log?.warn('the group could not be left and waits for the session timeout', {
        group: this.#name,
        error,
      })
      void this.#cluster.clock.sleep(this.#cluster.sessionTimeoutMs).then(() => this.#group.remove(memberId))
    }
  }

  async close(): Promise<void> {}

  /** Stops heartbeats; the returned function takes them up again. */
  fallSilent(): () => void {
    if (this.#seat === null) return () => undefined
    return this.#group.fallSilent(this.#seat.memberId, this.#cluster.sessionTimeoutMs)
  }

  get #group(): Group {
    return this.#cluster.group(this.#name, this.#topic)
  }
}
