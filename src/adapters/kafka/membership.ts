/** A worker's life in a group: join, fence, learn the positions, work, and join again until it leaves. */
import { ShoalError } from '../../runtime/errors.ts'
import type { Membership, Positions, Share } from '../../runtime/ports.ts'
import { Fetcher } from './fetcher.ts'
import { GroupMember } from './group.ts'
import { keepAlive } from './heartbeat.ts'
import { brokerErrorInside } from './kafka-errors.ts'
import type { Asking } from './offsets.ts'
import type { Settings } from './options.ts'
import { persist } from './persistence.ts'
import { GroupShare } from './share.ts'
import { type Takeover, takeOver, whenStable } from './takeover.ts'
import { type Generation, Transactions, type TransactionsOptions } from './transaction.ts'
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
      const transactionVersion = await unless(this.#leaving.signal, async () => {
        await ensureTopic()
        await cluster.connect([topic], this.#asking().deadlineMs)
        return this.#transactionVersion()
      })
      if (transactionVersion === null) return
      while (!this.#leaving.signal.aborted) await this.#generation(member, transactionVersion)
    } finally {
      // The others take over at once; when this fails they wait for the session timeout instead.
      await member.leave().catch((error) => log.warn('Leaving the group failed', { group, error: String(error) }))
      await cluster.close()
    }
  }

  async #generation(member: GroupMember, transactionVersion: 1 | 2): Promise<void> {
    const { log, group, topic } = this.#options
    const partitions = await unless(this.#leaving.signal, () => this.#join(member))
    if (partitions === null) return
    const generation = { group, topic, generation: member.generation, memberId: member.memberId }
    const ended = new AbortController()
    const end = (): void => ended.abort()
    this.#leaving.signal.addEventListener('abort', end)
    if (this.#leaving.signal.aborted) end()
    const beating = keepAlive(member, ended, this.#options)
    try {
      // Once for the partitions that nobody holds back, and once more for all when the rest have come free.
      for (let isWhole = false; !isWhole && !ended.signal.aborted; ) {
        const asking = this.#asking(ended.signal)
        const takeover = await unless(ended.signal, () => takeOver({ ...this.#options, partitions }, asking))
        if (takeover === null) return
        log.info('A share of the topic was taken over', { ...generation, partitions, waitingFor: takeover.pending })
        isWhole = takeover.pending.length === 0
        await this.#share(generation, takeover, ended, transactionVersion)
      }
    } catch (error) {
      // A newer generation exists, or this one was found stale: what it had not committed is read again.
      if (!(error instanceof ShoalError && error.code === 'log.fenced')) throw error
    } finally {
      end()
      await beating.stop()
      this.#leaving.signal.removeEventListener('abort', end)
    }
  }

  /** Works on what was taken over until the generation ends, or until the partitions that are waited for come free. */
  async #share(
    generation: Generation,
    { positions, pending }: Takeover,
    ended: AbortController,
    transactionVersion: 1 | 2,
  ): Promise<void> {
    const { group, topic, ids } = this.#options
    const free = new AbortController()
    const over = AbortSignal.any([ended.signal, free.signal])
    const end = (): void => ended.abort()
    const transactions = new Transactions(ids, generation, { ...this.#options, transactionVersion }, end)
    const waiting = whenStable({ group, topic, partitions: pending }, () => this.#asking(), over).finally(() => {
      if (pending.length > 0) free.abort()
    })
    // Looked at below; until then it must not count as unhandled.
    waiting.catch(() => undefined)
    try {
      await this.#work(generation.generation, positions, over, transactions)
      // It returned without being asked to: it wants no more.
      if (!over.aborted) this.#leaving.abort()
    } finally {
      free.abort()
      await transactions.settled()
      transactions.fence(new ShoalError('log.fenced', `the share of generation ${generation.generation} is over`))
    }
    await waiting
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
    if (ended.aborted) begin()
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

/** Null when `work` failed for a passing reason and the signal has fired: nobody waits for its success any more. */
async function unless<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T | null> {
  try {
    return await work()
  } catch (error) {
    if (signal.aborted && error instanceof ShoalError && error.retriable) return null
    throw error
  }
}
