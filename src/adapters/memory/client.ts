import { ShoalError } from '../../runtime/errors.ts'
import { GroupMembership } from '../../runtime/membership/group-membership.ts'
import type { CommitDuty } from '../../runtime/membership/group-session.ts'
import { outOfRange } from '../../runtime/out-of-range.ts'
import type {
  Bounds,
  EventLog,
  ExpiredRange,
  Membership,
  Positions,
  Share,
  TopicFacts,
  TopicPartition,
  TopicSpec,
} from '../../runtime/ports.ts'
import type { Outputs, RecordBatch } from '../../stages/records.ts'
import type { MemoryCluster } from './cluster.ts'
import { OutputColumns } from './outputs.ts'
import type { PartitionLog } from './partition-log.ts'
import { prepareTopics } from './prepare.ts'
import { MemoryReader } from './reader.ts'
import { MemorySession } from './session.ts'
import { whenAny } from './wakeup.ts'
import type { Wire } from './wire.ts'
import { MemoryWriter } from './writer.ts'

/** Records that a follower is given at most at once. */
const followEvents = 4096
const followBytes = 1 << 20

/** A partition that is followed, and what to read next of it. */
interface Place {
  readonly log: PartitionLog
  readonly next: number
}

/** One process's way into the cluster. */
export class MemoryClient implements EventLog {
  readonly #cluster: MemoryCluster
  readonly #wire: Wire
  readonly #memberships = new Map<Membership, MemorySession>()
  readonly #closed = new AbortController()

  constructor(cluster: MemoryCluster, wire: Wire) {
    this.#cluster = cluster
    this.#wire = wire
  }

  join(
    group: string,
    topic: string,
    run: (share: Share) => Promise<void>,
    onExpired: ((range: ExpiredRange) => void) | null = null,
  ): Membership {
    this.#refuseWhenClosed()
    const cluster = this.#cluster
    const wire = this.#wire
    const { clock, sessionTimeoutMs } = cluster
    const session = new MemorySession(cluster, wire, group, topic)
    const parts = {
      ...{ group, topic, session, clock, log: cluster.log, rebalanceTimeoutMs: sessionTimeoutMs },
      reader: () => new MemoryReader(cluster, wire, topic, onExpired),
      writer: (duty: CommitDuty) => new MemoryWriter(cluster, wire, () => cluster.group(group, topic), duty),
    }
    const membership = new GroupMembership(parts, run)
    this.#memberships.set(membership, session)
    const forget = () => this.#memberships.delete(membership)
    membership.done.then(forget, forget)
    return membership
  }

  async *follow(topic: string, from: Positions, signal: AbortSignal): AsyncIterable<RecordBatch> {
    const stop = AbortSignal.any([signal, this.#closed.signal])
    const next = new Map(from)
    while (!stop.aborted) {
      const batch = await this.#wire('fetch', () => nextBatch(this.#places(topic, next), stop))
      if (batch === null) return
      // Behind all others, so that it keeps none of them waiting.
      next.delete(batch.partition)
      next.set(batch.partition, batch.nextOffset)
      yield batch
    }
  }

  async boundsOf(topic: string, partitions: readonly number[]): Promise<ReadonlyMap<number, Bounds>> {
    const found = new Map<number, Bounds>()
    for (const partition of partitions) found.set(partition, await this.bounds({ topic, partition }))
    return found
  }

  bounds(at: TopicPartition): Promise<Bounds> {
    return this.#wire('bounds', () => {
      const partition = this.#cluster.partition(at)
      return { start: partition.start, end: partition.stableEnd }
    })
  }

  written(at: TopicPartition): Promise<number> {
    return this.#wire('bounds', () => this.#cluster.partition(at).end)
  }

  describe(topic: string): Promise<TopicFacts | null> {
    return this.#wire('describe', () => {
      const found = this.#cluster.topic(topic)
      return found
        ? { partitions: found.partitions.length, maxMessageBytes: found.maxMessageBytes, aheadMs: null }
        : null
    })
  }

  prepare(topics: readonly TopicSpec[], create: boolean): Promise<void> {
    return this.#wire('prepare', () => prepareTopics(this.#cluster, topics, create))
  }

  async committed(group: string, topic: string): Promise<Positions> {
    const positions = await this.#wire('positions', () => {
      const all = this.#cluster.existing(topic).partitions.map((each) => each.partition)
      return this.#cluster.group(group, topic).stablePositions(all, this.#closed.signal)
    })
    if (positions === null) throw closedError()
    return positions
  }

  lastCommitted(group: string, topic: string): Promise<Positions> {
    return this.#wire('positions', () => this.#cluster.group(group, topic).lastCommitted)
  }

  members(group: string, topic: string): Promise<number> {
    return this.#wire('describe', () => this.#cluster.group(group, topic).members)
  }

  async publish(write: (outputs: Outputs) => void): Promise<void> {
    this.#refuseWhenClosed()
    const outputs = new OutputColumns()
    write(outputs)
    await this.#wire('publish', () => this.#cluster.accept(outputs, (partition, records) => partition.append(records)))
  }

  /**
   * From now until the returned function is called, the cluster hears nothing of this client's members and they
   * nothing of it, as when a process hangs: after the session timeout they are zombies.
   */
  fallSilent(): () => void {
    const heardAgain = [...this.#memberships.values()].map((session) => session.fallSilent())
    return () => {
      for (const speak of heardAgain) speak()
    }
  }

  async close(): Promise<void> {
    this.#closed.abort()
    await Promise.all([...this.#memberships.keys()].map((membership) => membership.leave()))
  }

  #places(topic: string, from: Positions): readonly Place[] {
    return [...from].map(([partition, next]) => ({ log: this.#cluster.partition({ topic, partition }), next }))
  }

  #refuseWhenClosed(): void {
    if (this.#closed.signal.aborted) throw closedError()
  }
}

/** The next batch of the first partition that has one, once there is one; null when the signal fires first. */
async function nextBatch(places: readonly Place[], signal: AbortSignal): Promise<RecordBatch | null> {
  for (const { log, next } of places) if (next > log.end) throw outOfRange(log, next, log.start, log.end)
  for (;;) {
    if (signal.aborted) return null
    for (const { log, next } of places) {
      const batch = log.read(Math.max(next, log.start), followEvents, followBytes, true)
      if (batch !== null) return batch
    }
    await whenAny(
      places.map(({ log }) => log.advanced),
      signal,
    )
  }
}

function closedError(): ShoalError {
  return new ShoalError('log.refused', 'the log must be open: this client has been closed')
}
