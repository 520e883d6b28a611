import { codeOf } from '../../runtime/errors.ts'
import type { Membership, Positions, Share } from '../../runtime/ports.ts'
import type { MemoryCluster } from './cluster.ts'
import type { Seat } from './group.ts'
import { Member } from './group.ts'
import { MemoryShare } from './share.ts'
import type { Wire } from './wire.ts'

/** One member of a group, from its first join to its leave: a share per generation. */
export class MemoryMembership implements Membership {
  readonly done: Promise<void>
  readonly #cluster: MemoryCluster
  readonly #wire: Wire
  readonly #group: string
  readonly #topic: string
  readonly #run: (share: Share) => Promise<void>
  readonly #member = new Member()
  #leaving = false

  constructor(cluster: MemoryCluster, wire: Wire, group: string, topic: string, run: (share: Share) => Promise<void>) {
    this.#cluster = cluster
    this.#wire = wire
    this.#group = group
    this.#topic = topic
    this.#run = run
    this.done = this.#takePart()
  }

  /** How the membership ended is for `done` to say. */
  async leave(): Promise<void> {
    this.#leaving = true
    this.#member.ended.abort()
    this.#member.giveUp()
    await this.done.catch(() => undefined)
  }

  /** Stops heartbeats; the returned function takes them up again. */
  fallSilent(): () => void {
    const { clock, sessionTimeoutMs } = this.#cluster
    const group = this.#cluster.group(this.#group, this.#topic)
    const heard = new AbortController()
    this.#member.silent = true
    void clock.sleep(sessionTimeoutMs, heard.signal).then(() => {
      if (!heard.signal.aborted && this.#member.silent) group.remove(this.#member)
    })
    return () => {
      heard.abort()
      group.heardAgain(this.#member)
    }
  }

  async #takePart(): Promise<void> {
    try {
      while (!this.#leaving) {
        const seat = await this.#wire('join', () => this.#join())
        const positions = seat && (await this.#positionsOf(seat))
        if (seat !== null && positions !== null && !seat.ended.aborted) await this.#runShare(seat, positions)
      }
    } finally {
      await this.#leaveGroup()
    }
  }

  /** Null when this member leaves. */
  #join(): Promise<Seat | null> | null {
    return this.#leaving ? null : this.#cluster.group(this.#group, this.#topic).join(this.#member)
  }

  /** Null when the generation ends while an earlier owner's transaction is still pending. */
  #positionsOf(seat: Seat): Promise<Positions | null> {
    return this.#wire('positions', async () => {
      const group = this.#cluster.group(this.#group, this.#topic)
      const committed = await group.stablePositions(seat.partitions, seat.ended)
      const logs = this.#cluster.existing(this.#topic).partitions
      return committed && new Map(seat.partitions.map((each) => [each, committed.get(each) ?? logs[each].start]))
    })
  }

  async #runShare(seat: Seat, positions: Positions): Promise<void> {
    const share = new MemoryShare(this.#cluster, this.#wire, this.#group, this.#topic, seat, positions)
    try {
      await this.#run(share)
      // It returned without being asked to: it wants no more.
      if (!seat.ended.aborted) this.#leaving = true
    } catch (error) {
      if (codeOf(error) !== 'log.fenced') throw error
    } finally {
      await share.close()
    }
  }

  /** A group that the leave cannot reach notices the silence instead. */
  async #leaveGroup(): Promise<void> {
    if (this.#cluster.topic(this.#topic) === undefined) return
    const group = this.#cluster.group(this.#group, this.#topic)
    try {
      await this.#wire('leave', () => group.remove(this.#member))
    } catch (error) {
      this.#cluster.log?.warn('the group could not be left and waits for the session timeout', {
        group: this.#group,
        error,
      })
      void this.#cluster.clock.sleep(this.#cluster.sessionTimeoutMs).then(() => group.remove(this.#member))
    }
  }
}
