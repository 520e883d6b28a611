/** What a generation begins with: the positions of its partitions, as soon as they can be relied upon. */
import { ShoalError } from '../../runtime/errors.ts'
import type { Positions } from '../../runtime/ports.ts'
import { earliest } from './offset-requests.ts'
import { type Asking, committedNow, committedStable, offsetsAt, stillPending } from './offsets.ts'
import type { TransactionalId } from './transactional-id.ts'

/** Owners that leave in order are still finishing for so long: a share that begins a moment later begins whole. */
const orderlyMs = 250
const pauseMs = 10

export interface Takeover {
  readonly positions: Positions
  /** Partitions whose earlier owner vanished with a transaction open. */
  readonly pending: readonly number[]
}

export interface TakeoverOptions {
  readonly group: string
  readonly topic: string
  readonly partitions: readonly number[]
  readonly ids: readonly TransactionalId[]
}

/**
 * Mechanism: ids that are in doubt (both, at the beginning of a life) are initialised, and only then are positions
 * asked for, as stable ones. Consequence: what this worker's former self left open has ended; what another owner left
 * open ends by its commit, or by the transaction timeout, and only its partitions wait for that. Guarantee: nothing
 * before a position that is given is read again, and nothing behind it was committed by anyone.
 */
export async function takeOver({ group, topic, partitions, ids }: TakeoverOptions, asking: Asking): Promise<Takeover> {
  const { clock, signal } = asking
  await Promise.all(ids.filter((id) => !id.ready).map((id) => id.initialise(asking.deadlineMs)))
  const orderlyUntilMs = clock.now() + orderlyMs
  for (;;) {
    const { positions, pending } = await committedNow(group, topic, partitions, asking)
    const isWorth = pending.length < partitions.length && clock.now() >= orderlyUntilMs
    if (pending.length === 0 || isWorth) {
      const stable = partitions.filter((partition) => !pending.includes(partition))
      return { positions: await withStarts(topic, stable, positions, asking), pending }
    }
    if (signal?.aborted || clock.now() >= asking.deadlineMs) throw stillPending(group, topic, pending)
    await clock.sleep(pauseMs, signal)
  }
}

/** Resolves when no transaction on these positions is pending any more, or the signal has fired. */
export async function whenStable(
  { group, topic, partitions }: Omit<TakeoverOptions, 'ids'>,
  ask: () => Asking,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await committedStable(group, topic, partitions, { ...ask(), signal })
      return
    } catch (error) {
      if (!(error instanceof ShoalError && error.retriable)) throw error
    }
  }
}

/** A partition that the group has committed nothing of begins where the log does. */
async function withStarts(
  topic: string,
  partitions: readonly number[],
  committed: Positions,
  asking: Asking,
): Promise<Positions> {
  const fresh = partitions.filter((partition) => !committed.has(partition))
  const starts = fresh.length === 0 ? committed : await offsetsAt(topic, fresh, earliest, asking)
  return new Map(partitions.map((partition) => [partition, committed.get(partition) ?? starts.get(partition)!]))
}
