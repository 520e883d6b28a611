/** A worker's life in a group: join, fence, learn the positions, work, and join again until it leaves. */
import { ShoalError } from '../../runtime/errors.ts'
import type { Membership, Positions, Share } from '../../runtime/ports.ts'
import { Fetcher } from './fetcher.ts'
import { GroupMember } from './group.ts'
import { keepAlive } from './heartbeat.ts'
import { brokerErrorInside } from './kafka-errors.ts'
import { earliest } from './offset-requests.ts'
import { type Asking, offsetsAt, stablePositions } from './offsets.ts'
import type { Settings } from './options.ts'
import { persist } from './persistence.ts'
import { GroupShare } from './share.ts'
import { Transactions, type TransactionsOptions } from './transaction.ts'
import type { TransactionalId } from './transactional-id.ts'

export interface MembershipOptions extends Settings, Omit<TransactionsOptions, 'transactionVersion'> {
  readonly group: string
  readonly topic: string
  readonly ids: readonly TransactionalId[]
  /** Throws `topics.missing`. */
  readonly ensureTopic: () => Promise<void>
}

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
    const { cluster, group, topic, log, ensureTopic } = this.#options
    const member = new GroupMember(this.#options)
    try {
      await ensureTopic()
      await cluster.connect([topic], this.#asking().deadlineMs)
      const transactionVersion = await this.#transactionVersion()
      while (!this.#leaving.signal.aborted) await this.#generation(member, transactionVersion)
    } finally {
      // The others take over at once; when this fails they wait for the session timeout instead.
      await member.leave().catch((error) => log.warn('Leaving the group failed', { group, error: String(error) }))
      await cluster.close()
    }
  }

  async #generation(member: GroupMember, transactionVersion: 1 | 2): Promise<void> {
    const { log, group, topic, ids } = this.#options
    const partitions = await this.#join(member)
    const generation = { group, topic, generation: member.generation, memberId: member.memberId }
    const ended = new AbortController()
    const end = (): void => ended.abort()
    this.#leaving.signal.addEventListener('abort', end)
    if (this.#leaving.signal.aborted) end()
    const beating = keepAlive(member, ended, this.#options)
    const transactions = new Transactions(ids, generation, { ...this.#options, transactionVersion }, end)
    try {
      const positions = await this.#restore(partitions, ended.signal)
      if (positions === null) return
      log.info('A share of the topic was taken over', { ...generation, partitions })
      await this.#work(generation.generation, positions, ended.signal, transactions)
      // It returned without being asked to: it wants no more.
      if (!ended.signal.aborted) this.#leaving.abort()
    } catch (error) {
      // A newer generation exists, or this one was found stale: what it had not committed is read again.
      if (!(error instanceof ShoalError && error.code === 'log.fenced')) throw error
    } finally {
      end()
      await transactions.settled()
      transactions.fence(new ShoalError('log.fenced', `generation ${generation.generation} of group ${group} is over`))
      await beating.stop()
      this.#leaving.signal.removeEventListener('abort', end)
    }
  }

  async #work(generation: number, positions: Positions, ended: AbortSignal, transactions: Transactions): Promise<void> {
    const fetcher = new Fetcher({ ...this.#options, positions, belowStart: 'refuse' })
    const close = (): void => fetcher.close()
    ended.addEventListener('abort', close)
    if (ended.aborted) close()
    else fetcher.start()
    try {
      const run = this.#run(new GroupShare(generation, positions, ended, fetcher, transactions))
      await this.#bounded(run, ended, transactions)
    } finally {
      close()
      ended.removeEventListener('abort', close)
    }
  }

  /** The worker must be back within the rebalance timeout; after it, its commits are refused here as the broker would. */
  async #bounded(run: Promise<void>, ended: AbortSignal, transactions: Transactions): Promise<void> {
    const { clock, rebalanceTimeoutMs } = this.#options
    const returned = new AbortController()
    const fence = async (): Promise<void> => {
      await clock.sleep(rebalanceTimeoutMs, returned.signal)
      if (returned.signal.aborted) return
      const rule = `a worker must return within ${rebalanceTimeoutMs} ms of a rebalance`
      transactions.fence(new ShoalError('log.fenced', `${rule}: this one has not`))
    }
    const begin = (): void => void fence()
    ended.addEventListener('abort', begin)
    try {
      await run
    } finally {
      returned.abort()
      ended.removeEventListener('abort', begin)
    }
  }

  /** Joins until it is joined: being late for a generation is the ordinary course of a rebalance. */
  async #join(member: GroupMember): Promise<readonly number[]> {
    const { group } = this.#options
    const attempt = async (): Promise<{ readonly error: number; readonly partitions: readonly number[] }> => {
      try {
        return { error: 0, partitions: await member.join() }
      } catch (error) {
        if (brokerErrorInside(error)?.transaction !== 'fenced') throw error
        throw new ShoalError('log.unavailable', `the group ${group} began another generation`, { cause: error })
      }
    }
    return (await persist(`joining group ${group}`, attempt, this.#asking(this.#leaving.signal))).partitions
  }

  /**
   * Mechanism: ids that are in doubt (both, at the beginning of this life) are initialised, and only then are
   * positions asked for, as stable ones. Consequence: what an earlier owner left open has ended, by its own commit,
   * by its fencing, or by the transaction timeout. Guarantee: nothing before these positions is read again, and
   * nothing behind them was committed by anyone.
   */
  async #restore(partitions: readonly number[], ended: AbortSignal): Promise<Positions | null> {
    const { group, topic, ids } = this.#options
    const asking = this.#asking(ended)
    try {
      await Promise.all(ids.filter((id) => !id.ready).map((id) => id.initialise(asking.deadlineMs)))
      const committed = await stablePositions(group, topic, partitions, asking)
      const fresh = partitions.filter((partition) => !committed.has(partition))
      const starts = fresh.length === 0 ? committed : await offsetsAt(topic, fresh, earliest, asking)
      return new Map(partitions.map((partition) => [partition, committed.get(partition) ?? starts.get(partition)!]))
    } catch (error) {
      // The share has ended meanwhile, and another follows; what no time mends is thrown all the same.
      if (ended.aborted && error instanceof ShoalError && error.retriable) return null
      throw error
    }
  }

  async #transactionVersion(): Promise<1 | 2> {
    const { cluster } = this.#options
    const attempt = async () => ({ error: 0, version: await cluster.transactionVersion() })
    const asking = this.#asking(this.#leaving.signal)
    return (await persist('asking for the features of the cluster', attempt, asking)).version
  }

  #asking(signal?: AbortSignal): Asking {
    const { cluster, clock, patienceMs } = this.#options
    const asking = { cluster, clock, deadlineMs: clock.now() + patienceMs }
    return signal === undefined ? asking : { ...asking, signal }
  }
}
