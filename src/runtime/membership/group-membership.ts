/** A worker's life in a group: one tenure after the other until it leaves. */
import { Backoff } from '../backoff.ts'
import { isFenced, ShoalError } from '../errors.ts'
import { unlessInterrupted } from '../interruption.ts'
import type { Membership, Share } from '../ports.ts'
import { Tenure, type TenureOptions } from './tenure.ts'

/** A tenure that lasted so long did not fail at its start. */
const soundMs = 1_000

export class GroupMembership implements Membership {
  readonly done: Promise<void>
  readonly #options: TenureOptions
  readonly #run: (share: Share) => Promise<void>
  readonly #leaving = new AbortController()

  constructor(options: TenureOptions, run: (share: Share) => Promise<void>) {
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
    const { session, clock } = this.#options
    const leaving = this.#leaving.signal
    const backoff = new Backoff(clock)
    try {
      await session.open(leaving)
      while (!leaving.aborted) {
        const sinceMs = clock.now()
        await this.#tenure()
        // Whoever is fenced at every start must not keep the group from coming to rest.
        if (clock.now() - sinceMs > soundMs) backoff.reset()
        else if (!leaving.aborted) await backoff.wait(leaving)
      }
    } finally {
      await session.leave()
      await session.close()
    }
  }

  async #tenure(): Promise<void> {
    const { session } = this.#options
    const leaving = this.#leaving.signal
    await unlessInterrupted(leaving, session.ready(leaving))
    const seat = await session.join([], leaving)
    if (seat === null) return
    const tenure = new Tenure(this.#options)
    const over = new AbortController()
    const end = () => tenure.end()
    leaving.addEventListener('abort', end)
    if (leaving.aborted) end()
    const tending = tenure.tend(seat, over.signal).catch((error: Error) => tenure.lose(error))
    try {
      await this.#work(tenure)
      // It returned without being asked to: it wants no more.
      if (!tenure.ended.aborted) this.#leaving.abort()
    } catch (error) {
      // It lost its place: what it had not committed is read again.
      if (!isFenced(error)) throw error
    } finally {
      tenure.end()
      await tenure.writer.settled()
      tenure.writer.fence(new ShoalError('log.fenced', 'a commit must come before the end of its share: it is over'))
      over.abort()
      await tending
      leaving.removeEventListener('abort', end)
    }
    if (tenure.failure !== null && !isFenced(tenure.failure)) throw tenure.failure
  }

  /** A worker that does not return in time leaves the group: others must not wait for it. */
  async #work(tenure: Tenure): Promise<void> {
    const { clock, rebalanceTimeoutMs, session, log, group } = this.#options
    const returned = new AbortController()
    const leaveWhenLate = async (): Promise<void> => {
      await clock.sleep(rebalanceTimeoutMs, returned.signal)
      if (returned.signal.aborted) return
      const rule = `a worker must return within ${rebalanceTimeoutMs} ms of the end of its share`
      log?.warn(`${rule}: its partitions go to others`, { group })
      tenure.lose(new ShoalError('log.fenced', `${rule}: this one has not`))
      await session.leave()
    }
    const begin = () => void leaveWhenLate()
    tenure.ended.addEventListener('abort', begin)
    if (tenure.ended.aborted) begin()
    try {
      await this.#run(tenure.share)
    } finally {
      returned.abort()
      tenure.ended.removeEventListener('abort', begin)
    }
  }
}
