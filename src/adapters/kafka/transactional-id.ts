/** One transactional id: who it is to the coordinator now, and the requests that are made in its name. */
import type { Staged } from '../../runtime/membership/group-session.ts'
import type { Clock } from '../../runtime/ports.ts'
import type { Exchange } from './api.ts'
import { isOutOfDate } from './broker-errors.ts'
import type { Cluster } from './cluster.ts'
import { lane } from './connection.ts'
import { persist } from './persistence.ts'
import { hasTakenEffect, type Reach, reachable } from './reach.ts'
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

/** The last transaction, as far as it came. */
interface Last {
  readonly reach: Reach
  readonly end: 'open' | 'committing' | 'committed' | 'aborted'
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
  #last: Last | null = null

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

  /** Whether its last transaction has ended, as the coordinator says. */
  get isSettled(): boolean {
    return this.ready && (this.#last === null || this.#last.end === 'committed' || this.#last.end === 'aborted')
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
    await this.endAgain(deadlineMs)
  }

  /** To be called before anything of a transaction is sent. */
  begin(reach: Reach): void {
    this.#last = { reach, end: 'open' }
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
    this.#note(commit ? 'committing' : 'open')
    const after = await this.#ask(
      commit ? 'committing' : 'aborting',
      endTxn(this.id, before, commit, version),
      deadlineMs,
    )
    this.#note(commit ? 'committed' : 'aborted')
    if (after.epoch === before.epoch && after.producerId === before.producerId) {
      // The next transaction would have the same epoch, and what arrives late of this one would count for that.
      if (this.#isUnanswered) this.doubt()
      return
    }
    this.#isUnanswered = false
    this.#who = { producerId: after.producerId, epoch: after.epoch }
    this.sequences.restart()
  }

  #note(end: Last['end']): void {
    // Who asked for a commit once may have got it, whatever is asked for later.
    if (this.#last === null || (end === 'open' && this.#last.end === 'committing')) return
    this.#last = { reach: this.#last.reach, end }
  }

  /**
   * Mechanism: one more transaction over all that the last one had reached, with nothing in it, with the same end: as the
   * coordinator has said, else as the positions tell, else an abort. A coordinator that has just started may take a
   * partition for deleted that has no leader yet, and call a transaction ended which it has not ended there.
   * Consequence: the marker of this one ends that one, too. Guarantee: what was committed is seen and its positions are
   * stable, and no later commit of this id makes visible what was aborted. Once is enough.
   */
  async endAgain(deadlineMs: number): Promise<void> {
    if (this.#last === null) return
    const { reach, end } = this.#last
    try {
      const asking = { cluster: this.#cluster, clock: this.#clock, deadlineMs }
      await reachable(reach, `ending the last transaction of ${this.id} again`, asking)
      const commit = end === 'committed' || (end === 'committing' && (await hasTakenEffect(reach, asking)))
      if (reach.partitions.size > 0) await this.addPartitions(reach.partitions, deadlineMs)
      if (reach.positions.size > 0) await this.addOffsets(reach.group, deadlineMs)
      await this.end(commit, endVersion, deadlineMs)
      this.#last = null
    } catch (error) {
      this.doubt()
      throw error
    }
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

/**
 * Sees to it that nothing of these ids is open, as far as Kafka knows and where it has forgotten. First those whose end is
 * known: positions tell what became of the others only when nothing else is pending on them.
 */
export async function settle(ids: readonly TransactionalId[], deadlineMs: number): Promise<void> {
  const known = ids.filter((id) => id.isSettled)
  for (const id of known) await id.endAgain(deadlineMs)
  for (const id of ids) if (!known.includes(id)) await id.initialise(deadlineMs)
}
