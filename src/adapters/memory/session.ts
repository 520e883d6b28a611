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
  /** The ids that the group gave it, some of which it may know still. */
  readonly #ids = new Set<string>()
  /** Nothing passes between it and the group; what to call when it does again. */
  #silence: (() => void)[] | null = null

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
    const given: string[] = []
    let isOver = false
    const joining = this.#wire('join', async () => {
      if (signal.aborted) return null
      const seat = await this.#group.join(memberId, held, generation)
      if (seat === null) return null
      this.#ids.add(seat.memberId)
      if (this.#silence !== null) this.#hush(seat.memberId)
      // Whoever gave up waiting must not stay a member that others wait for.
      if (signal.aborted && seat.memberId !== memberId) this.#group.remove(seat.memberId)
      if (isOver) this.#missUnlessTaken(seat.memberId)
      else given.push(seat.memberId)
      return seat
    })
    try {
      const seat = await Promise.race([joining, abandoned.promise])
      if (seat !== null) this.#seat = seat
      return seat
    } finally {
      isOver = true
      for (const id of given) this.#missUnlessTaken(id)
      joining.catch(() => undefined)
      signal.removeEventListener('abort', abandon)
    }
  }

  async keep(signal: AbortSignal): Promise<void> {
    const seat = this.#seat
    if (seat !== null) await this.#wire('heartbeat', () => this.#group.outdated(seat, signal))
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

  /** Stops heartbeats; the returned function takes them up again. Also a member that is just joining, or leaving, is missed. */
  fallSilent(): () => void {
    this.#silence ??= []
    for (const id of this.#ids) this.#hush(id)
    return () => {
      for (const speak of this.#silence?.splice(0) ?? []) speak()
      this.#silence = null
    }
  }

  #hush(id: string): void {
    this.#silence?.push(this.#group.fallSilent(id, this.#cluster.sessionTimeoutMs))
  }

  /** Nobody speaks for a seat whose answer was lost, or came too late, or was the second of one that arrived twice. */
  #missUnlessTaken(id: string): void {
    if (id !== this.#seat?.memberId) this.#group.fallSilent(id, this.#cluster.sessionTimeoutMs)
  }

  get #group(): Group {
    return this.#cluster.group(this.#name, this.#topic)
  }
}
