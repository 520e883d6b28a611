/** Offsets of a topic's partitions: where the log begins and ends, and what a group has committed. */
import { ShoalError } from '../../runtime/errors.ts'
import type { Positions } from '../../runtime/ports.ts'
import { type Asking, askCoordinator } from './asking.ts'
import { brokerError, leaderless } from './broker-errors.ts'
import { lane } from './connection.ts'
import { describeGroup } from './group-requests.ts'
import { listOffsets, offsetFetch, type Sought, unstableOffsetCommit } from './offset-requests.ts'
import { persist } from './persistence.ts'

const stablePauseMs = 20

/** Where each partition begins or ends, from its leader. */
export async function offsetsAt(
  topic: string,
  partitions: readonly number[],
  sought: Sought,
  asking: Asking,
): Promise<Positions> {
  const { cluster } = asking
  const found = new Map<number, number>()
  const attempt = async (): Promise<{ readonly error: number }> => {
    const left = partitions.filter((partition) => !found.has(partition))
    let error = 0
    for (const [node, some] of Map.groupBy(left, (partition) => cluster.leader(topic, partition))) {
      if (node === null) throw leaderless(topic, some)
      const { offsets } = await cluster.send(node, lane.requests, listOffsets(topic, some, sought))
      for (const listed of offsets) {
        if (listed.error === 0) found.set(listed.partition, listed.offset)
        else if (error === 0 || brokerError(listed.error).again === 'never') error = listed.error
      }
    }
    return { error }
  }
  await persist(`asking for offsets of ${topic}`, attempt, { ...asking, lookUp: () => cluster.refresh() })
  return found
}

/** What a group has committed, as far as it can be known now. */
export interface Committed {
  /** By partition; one that has none is left out. */
  readonly positions: Positions
  /** Partitions on whose position an earlier owner's transaction is pending. */
  readonly pending: readonly number[]
}

/**
 * Mechanism: the coordinator answers UNSTABLE_OFFSET_COMMIT for a partition while a transaction that moves its
 * position is pending. Guarantee: no commit that was accepted before the answer changes a position that is given. Without
 * `isStable` such a position is given as it was before that transaction, and there is no guarantee.
 */
export async function committedNow(
  group: string,
  topic: string,
  partitions: readonly number[],
  asking: Asking,
  isStable = true,
): Promise<Committed> {
  if (partitions.length === 0) return { positions: new Map(), pending: [] }
  const request = offsetFetch(group, topic, partitions, isStable)
  const { offsets } = await askCoordinator(`reading the positions of group ${group}`, group, request, asking)
  const settled = offsets.filter(({ error, offset }) => error === 0 && offset >= 0)
  return {
    positions: new Map(settled.map(({ partition, offset }) => [partition, offset])),
    pending: offsets.filter(({ error }) => error === unstableOffsetCommit).map(({ partition }) => partition),
  }
}

function stillPending(group: string, topic: string, partitions: readonly number[]): ShoalError {
  const where = `partitions ${partitions.join(', ')} of ${topic} in group ${group}`
  return new ShoalError('log.unavailable', `a transaction on the positions of ${where} must end first: it is pending`)
}

/** As `committedNow`, when no transaction on these positions is pending any more. */
export async function committedStable(
  group: string,
  topic: string,
  partitions: readonly number[],
  asking: Asking,
): Promise<Positions> {
  const { clock, deadlineMs, signal } = asking
  for (;;) {
    const { positions, pending } = await committedNow(group, topic, partitions, asking)
    if (pending.length === 0) return positions
    if (signal?.aborted || clock.now() >= deadlineMs) throw stillPending(group, topic, pending)
    await clock.sleep(stablePauseMs, signal)
  }
}

/** How many members a group has. */
export async function membersOf(group: string, asking: Asking): Promise<number> {
  return (await askCoordinator(`describing group ${group}`, group, describeGroup(group), asking)).members
}
