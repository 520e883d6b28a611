/** A worker's life in a group: join, fence, learn the positions, work, and join again until it leaves. */
import { ShoalError } from '../../runtime/errors.ts'
import type { Clock, Log, Membership, Positions, Share } from '../../runtime/ports.ts'
import { brokerError } from './broker-errors.ts'
import type { Cluster } from './cluster.ts'
import { lane } from './connection.ts'
import { Fetcher } from './fetcher.ts'
import { GroupMember } from './group.ts'
import { brokerErrorInside, codeInside } from './kafka-errors.ts'
import type { RetryOptions } from './kafkajs-internals.ts'
import { earliest, listOffsets, offsetFetch } from './offset-requests.ts'
import { persist } from './persistence.ts'
import { GroupShare } from './share.ts'
import { Transactions, type TransactionsOptions } from './transaction.ts'
import type { TransactionalId } from './transactional-id.ts'

export interface MembershipOptions extends Omit<TransactionsOptions, 'transactionVersion'> {
  readonly log: Log
  readonly group: string
  readonly topic: string
  readonly ids: readonly TransactionalId[]
  readonly sessionTimeoutMs: number
  readonly rebalanceTimeoutMs: number
  readonly heartbeatIntervalMs: number
  /** How long the brokers may be out of reach before the membership ends. */
  readonly patienceMs: number
  readonly partitionBytes: number
  readonly totalBytes: number
  readonly retry: RetryOptions
}

const unknownMember = 25

export class GroupMembership implements Membership {
  readonly done: Promise<void>
  readonly #options: MembershipOptions
  readonly #run: (share: Share) => Promise<void>
  readonly #leaving = new AbortController()

  constructor(options: MembershipOptions, run: (share: Share) => Promise<void>) {
    this.#options = options
    this.#run = run
    this.done = this.#live()
    // Whoever only calls `leave` must not be ended by a rejection that nobody looks at.
    this.done.catch(() => undefined)
  }

  async leave(): Promise<void> {
    this.#leaving.abort()
    await this.done.catch(() => undefined)
  }

  async #live(): Promise<void> {
    const { cluster, group, topic, retry } = this.#options
    const member = new GroupMember(cluster, group, topic, this.#options, retry)
    try {
      await cluster.connect([topic], this.#patience())
      const transactionVersion = await this.#transactionVersion()
      while (!this.#leaving.signal.aborted) await this.#generation(member, transactionVersion)
    } finally {
      // The others take over at once; when this fails they wait for the session timeout instead.
      await member
        .leave()
        .catch((error: unknown) => this.#options.log.warn('Leaving the group failed', { group, error: String(error) }))
      await cluster.close()
    }
  }

  async #generation(member: GroupMember, transactionVersion: 1 | 2): Promise<void> {
    const { cluster, clock, log, group, topic, ids } = this.#options
    const partitions = await this.#join(member)
    const generation = { group, topic, generation: member.generation, memberId: member.memberId }
    const ended = new AbortController()
    const end = (): void => ended.abort()
    this.#leaving.signal.addEventListener('abort', end)
    const stopBeating = new AbortController()
    const beating = this.#heartbeats(member, ended, stopBeating.signal)
    const transactions = new Transactions(ids, generation, { ...this.#options, transactionVersion }, (error) => {
      if (error.code === 'log.fenced') end()
    })
    let fetcher: Fetcher | null = null
    try {
      const positions = await this.#restore(partitions, ended.signal)
      if (positions === null) return
      log.info('A share of the topic was taken over', { topic, group, generation: generation.generation, partitions })
      const { partitionBytes, totalBytes } = this.#options
      fetcher = new Fetcher({ cluster, clock, log, topic, positions, partitionBytes, totalBytes, belowStart: 'refuse' })
      ended.signal.addEventListener('abort', () => fetcher?.close())
      fetcher.start()
      const running = this.#run(new GroupShare(generation.generation, positions, ended.signal, fetcher, transactions))
      await this.#bounded(running, ended.signal, transactions)
      // It returned without being asked to: it wants no more.
      if (!ended.signal.aborted) this.#leaving.abort()
    } catch (error) {
      // A newer generation exists, or this one was found stale: what it had not committed is read again.
      if (!(error instanceof ShoalError && error.code === 'log.fenced')) throw error
    } finally {
      end()
      fetcher?.close()
      await transactions.settled()
      stopBeating.abort()
      await beating
      this.#leaving.signal.removeEventListener('abort', end)
    }
  }

  /** The worker must be back within the rebalance timeout; after it, its commits are refused here as they would be by the broker. */
  async #bounded(running: Promise<void>, ended: AbortSignal, transactions: Transactions): Promise<void> {
    const { clock, rebalanceTimeoutMs } = this.#options
    const returned = new AbortController()
    const fence = (): void => {
      void clock.sleep(rebalanceTimeoutMs, returned.signal).then(() => {
        transactions.fence(
          new ShoalError(
            'log.fenced',
            `a worker must return within ${rebalanceTimeoutMs} ms of a rebalance: it has not`,
          ),
        )
      })
    }
    ended.addEventListener('abort', fence)
    try {
      await running
    } finally {
      returned.abort()
      ended.removeEventListener('abort', fence)
    }
  }

  async #join(member: GroupMember): Promise<readonly number[]> {
    const { clock, group } = this.#options
    let partitions: readonly number[] = []
    await persist(
      `joining group ${group}`,
      async () => {
        try {
          partitions = await member.join()
          return { error: 0 }
        } catch (error) {
          // Being late for a generation is the ordinary course of a rebalance, not the end of the membership.
          if (brokerErrorInside(error)?.transaction === 'fenced') return { error: 7 }
          throw error
        }
      },
      { clock, deadlineMs: this.#patience(), signal: this.#leaving.signal },
    )
    return partitions
  }

  /**
   * Mechanism: ids that are in doubt (both, at the beginning of this life) are initialised, and only then are
   * positions asked for, as stable ones. Consequence: what an earlier owner left open has ended, by its own commit,
   * by its fencing, or by the transaction timeout. Guarantee: no record before these positions is read again and
   * none behind them was committed by anyone.
   */
  async #restore(partitions: readonly number[], ended: AbortSignal): Promise<Positions | null> {
    const { ids } = this.#options
    try {
      await Promise.all(ids.filter((id) => !id.ready).map((id) => id.initialise(this.#patience())))
      return await this.#positions(partitions, ended)
    } catch (error) {
      // The share has ended meanwhile: another follows.
      if (ended.aborted) return null
      throw error
    }
  }

  async #positions(partitions: readonly number[], ended: AbortSignal): Promise<Positions> {
    const { cluster, clock, group, topic } = this.#options
    if (partitions.length === 0) return new Map()
    const { offsets } = await persist(
      `reading the positions of group ${group}`,
      async () =>
        cluster.send(await cluster.coordinator('group', group), lane.requests, offsetFetch(group, topic, partitions)),
      {
        clock,
        deadlineMs: this.#patience(),
        signal: ended,
        lookUp: async () => cluster.forgetCoordinator('group', group),
      },
    )
    const positions = new Map(
      offsets.filter(({ offset }) => offset >= 0).map(({ partition, offset }) => [partition, offset]),
    )
    const fresh = partitions.filter((partition) => !positions.has(partition))
    const starts = await logStarts(cluster, clock, topic, fresh, this.#patience(), ended)
    return new Map(partitions.map((partition) => [partition, positions.get(partition) ?? starts.get(partition)!]))
  }

  /** Beats until told to stop, also while the worker finishes its transaction: the coordinator counts these as life. */
  async #heartbeats(member: GroupMember, ended: AbortController, stop: AbortSignal): Promise<void> {
    const { clock, heartbeatIntervalMs, sessionTimeoutMs } = this.#options
    let lastMs = clock.now()
    while (!stop.aborted) {
      await clock.sleep(heartbeatIntervalMs, stop)
      if (stop.aborted) return
      try {
        await member.heartbeat()
        lastMs = clock.now()
      } catch (error) {
        const known = brokerErrorInside(error)
        if (known?.transaction === 'fenced') {
          ended.abort()
          // There is nothing left to keep alive.
          if (codeInside(error) === unknownMember) return
        } else {
          // The coordinator moved or is out of reach. The membership holds until the session would have run out.
          if (clock.now() - lastMs > sessionTimeoutMs || known?.again === 'never') ended.abort()
          await member.findCoordinator().catch(() => undefined)
        }
      }
    }
  }

  async #transactionVersion(): Promise<1 | 2> {
    const { cluster, clock } = this.#options
    const { version } = await persist(
      'asking for the features of the cluster',
      async () => ({ error: 0, version: await cluster.transactionVersion() }),
      {
        clock,
        deadlineMs: this.#patience(),
        signal: this.#leaving.signal,
      },
    )
    return version
  }

  #patience(): number {
    return this.#options.clock.now() + this.#options.patienceMs
  }
}

/** The first offset of each partition. */
export async function logStarts(
  cluster: Cluster,
  clock: Clock,
  topic: string,
  partitions: readonly number[],
  deadlineMs: number,
  signal?: AbortSignal,
): Promise<ReadonlyMap<number, number>> {
  return offsetsAt(cluster, clock, topic, partitions, earliest, deadlineMs, signal)
}

/** ListOffsets of every partition, from its leader. */
export async function offsetsAt(
  cluster: Cluster,
  clock: Clock,
  topic: string,
  partitions: readonly number[],
  time: number,
  deadlineMs: number,
  signal?: AbortSignal,
): Promise<ReadonlyMap<number, number>> {
  const found = new Map<number, number>()
  await persist(
    `asking for offsets of ${topic}`,
    async () => {
      const left = partitions.filter((partition) => !found.has(partition))
      const byNode = Map.groupBy(left, (partition) => cluster.leader(topic, partition))
      let error = 0
      for (const [node, some] of byNode) {
        if (node === null)
          throw new ShoalError('log.unavailable', `partitions ${some.join(', ')} of ${topic} have no leader`)
        const { offsets } = await cluster.send(node, lane.requests, listOffsets(topic, some, time))
        for (const listed of offsets) {
          if (listed.error === 0) found.set(listed.partition, listed.offset)
          else if (error === 0 || brokerError(listed.error).again === 'never') error = listed.error
        }
      }
      return { error }
    },
    { clock, deadlineMs, lookUp: () => cluster.refresh(), ...(signal === undefined ? {} : { signal }) },
  )
  return found
}
