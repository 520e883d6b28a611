/** One transactional id: who it is to the coordinator now, and the requests that are made in its name. */
import type { Staged } from '../../runtime/membership/group-session.ts'
import type { Clock, Positions } from '../../runtime/ports.ts'
import type { Exchange } from './api.ts'
import { isOutOfDate } from './broker-errors.ts'
import type { Cluster } from './cluster.ts'
import { lane } from './connection.ts'
import { committedNow } from './offsets.ts'
import { persist } from './persistence.ts'
import { Sequences } from './sequences.ts'
import {
  addOffsetsToTxn,
  addPartitionsToTxn,
  type ErrorAnswer,
  endTxn,
  initProducerId,
  type OffsetCommit,
  type PartitionsByTopic,
  type ProducerIdentity,
  txnOffsetCommit,
} from './transaction-requests.ts'

/** What a transaction writes to: where it must end. */
export interface Reach {
  readonly partitions: PartitionsByTopic
  readonly group: string
  readonly topic: string
  /** Next offset by partition of the topic. */
  readonly positions: Positions
}

/** Of EndTxn: an answer that leaves the epoch as it is, which every broker gives. */
const endVersion = 4

export class TransactionalId {
  readonly id: string
  readonly sequences = new Sequences()
  readonly #cluster: Cluster
  readonly #clock: Clock
  readonly #timeoutMs: number
  #who: ProducerIdentity | null = null
  /** A request was sent whose answer never came: it may still arrive. */
  #isUnanswered = false
  /** Of the transaction whose end is not known. */
  #reach: Reach | null = null
  #isCommitAsked = false

  constructor(id: string, cluster: Cluster, clock: Clock, timeoutMs: number) {
    this.id = id
    this.#cluster = cluster
    this.#clock = clock
    this.#timeoutMs = timeoutMs
  }

  /** False before the first `initialise`, and after `doubt`. */
  get ready(): boolean {
    return this.#who !== null
  }

  get who(): ProducerIdentity {
    if (this.#who === null) throw new Error(`transactional id ${this.id} must be initialised before it is used`)
    return this.#who
  }

  /** What became of a transaction of this id is not known: it must be initialised before it is used again. */
  doubt(): void {
    this.#who = null
  }

  /**
   * Mechanism: InitProducerId raises the epoch, and the coordinator ends whatever transaction the id had open.
   * Consequence: an earlier life of this worker, and its requests still under way, are refused from now on.
   * Guarantee: when this returns, nothing of this id is pending, and no positions are either.
   */
  async initialise(deadlineMs: number): Promise<void> {
    const { producerId, epoch } = await this.#ask('initialising', initProducerId(this.id, this.#timeoutMs), deadlineMs)
    this.#who = { producerId, epoch }
    this.#isUnanswered = false
    this.sequences.restart()
    await this.#abortAgain(deadlineMs).catch((error: unknown) => {
      this.doubt()
      throw error
    })
  }

  /** To be called before anything of a transaction is sent. */
  begin(reach: Reach): void {
    this.#reach = reach
    this.#isCommitAsked = false
  }

  async addPartitions(partitions: PartitionsByTopic, deadlineMs: number): Promise<void> {
    await this.#ask(
      'adding partitions to the transaction of',
      addPartitionsToTxn(this.id, this.who, partitions),
      deadlineMs,
    )
  }

  async addOffsets(group: string, deadlineMs: number): Promise<void> {
    await this.#ask('adding offsets to the transaction of', addOffsetsToTxn(this.id, this.who, group), deadlineMs)
  }

  /** Goes to the group's coordinator, which takes positions from the present generation only (KIP-447). */
  async commitOffsets(commit: OffsetCommit, version: number, deadlineMs: number): Promise<Staged> {
    const request = txnOffsetCommit(this.id, this.who, commit, version)
    const attempt = async () => {
      const coordinator = await this.#cluster.coordinator('group', commit.group)
      const { error } = await this.#heard(this.#cluster.send(coordinator, lane.requests, request))
      return isOutOfDate(error) ? { error: 0, staged: 'stale' as const } : { error, staged: 'staged' as const }
    }
    const outcome = await persist(`committing offsets of group ${commit.group}`, attempt, {
      clock: this.#clock,
      deadlineMs,
      lookUp: async () => this.#cluster.forgetCoordinator('group', commit.group),
    })
    return outcome.staged
  }

  /**
   * Mechanism: asked again under the same epoch when the answer was lost. Consequence: the coordinator says
   * CONCURRENT_TRANSACTIONS while it writes the markers, then that it is done; with version 5 the answer to the
   * old epoch carries the new one. Guarantee: success means that this transaction ended as asked, once.
   */
  async end(commit: boolean, version: number, deadlineMs: number): Promise<void> {
    const before = this.who
    this.#isCommitAsked ||= commit
    const after = await this.#ask(
      commit ? 'committing' : 'aborting',
      endTxn(this.id, before, commit, version),
      deadlineMs,
    )
    this.#reach = null
    if (after.epoch === before.epoch && after.producerId === before.producerId) {
      // The next transaction would have the same epoch, and what arrives late of this one would count for that.
      if (this.#isUnanswered) this.doubt()
      return
    }
    this.#isUnanswered = false
    this.#who = { producerId: after.producerId, epoch: after.epoch }
    this.sequences.restart()
  }

  /**
   * Mechanism: one more transaction over all that the one in doubt had reached, with nothing in it, aborted. A coordinator
   * that has just started may take a partition for deleted that has no leader yet, and call a transaction ended which it
   * has not ended there. Consequence: the marker of this one ends that one, too. Guarantee: no later commit of this id makes
   * visible what was aborted. What was committed, as the positions tell, is left as it is.
   */
  async #abortAgain(deadlineMs: number): Promise<void> {
    const reach = this.#reach
    if (reach === null) return
    if (!(this.#isCommitAsked && (await this.#hasMoved(reach, deadlineMs)))) {
      if (reach.partitions.size > 0) await this.addPartitions(reach.partitions, deadlineMs)
      if (reach.positions.size > 0) await this.addOffsets(reach.group, deadlineMs)
      await this.end(false, endVersion, deadlineMs)
    }
    this.#reach = null
  }

  /** Whether the group's positions are where the transaction puts them. Where none tells, it may be so only if it has none. */
  async #hasMoved({ group, topic, positions }: Reach, deadlineMs: number): Promise<boolean> {
    const asking = { cluster: this.#cluster, clock: this.#clock, deadlineMs }
    const { positions: now, pending } = await committedNow(group, topic, [...positions.keys()], asking)
    const settled = [...positions].filter(([partition]) => !pending.includes(partition))
    if (settled.length === 0) return positions.size === 0
    return settled.every(([partition, next]) => (now.get(partition) ?? -1) >= next)
  }

  #ask<T extends ErrorAnswer>(what: string, request: Exchange<T>, deadlineMs: number): Promise<T> {
    const attempt = async () => {
      const coordinator = await this.#cluster.coordinator('transaction', this.id)
      return this.#heard(this.#cluster.send(coordinator, lane.requests, request))
    }
    return persist(`${what} transactional id ${this.id}`, attempt, {
      clock: this.#clock,
      deadlineMs,
      lookUp: async () => this.#cluster.forgetCoordinator('transaction', this.id),
    })
  }

  async #heard<T>(answer: Promise<T>): Promise<T> {
    try {
      return await answer
    } catch (error) {
      this.#isUnanswered = true
      throw error
    }
  }
}
