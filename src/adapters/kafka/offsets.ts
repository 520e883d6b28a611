/** Offsets of a topic's partitions: where the log begins and ends, and what a group has committed. */
import { ShoalError } from '../../runtime/errors.ts'
import type { Clock, Positions } from '../../runtime/ports.ts'
import { brokerError } from './broker-errors.ts'
import type { Cluster } from './cluster.ts'
import { lane } from './connection.ts'
import { listOffsets, offsetFetch, type Sought } from './offset-requests.ts'
import { persist } from './persistence.ts'

export interface Asking {
  readonly cluster: Cluster
  readonly clock: Clock
  readonly deadlineMs: number
  readonly signal?: AbortSignal
}

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
      if (node === null)
        throw new ShoalError('log.unavailable', `partitions ${some.join(', ')} of ${topic} have no leader`)
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

/**
 * What the group has committed, by partition; one without is left out. Mechanism: the coordinator answers
 * UNSTABLE_OFFSET_COMMIT while a transaction that moves a position is pending, and is asked again. Guarantee: no
 * commit that was accepted before the answer changes it afterwards.
 */
export async function stablePositions(
  group: string,
  topic: string,
  partitions: readonly number[],
  asking: Asking,
): Promise<Positions> {
  const { cluster } = asking
  if (partitions.length === 0) return new Map()
  const attempt = async () => {
    const coordinator = await cluster.coordinator('group', group)
    return cluster.send(coordinator, lane.requests, offsetFetch(group, topic, partitions))
  }
  const lookUp = async () => cluster.forgetCoordinator('group', group)
  const { offsets } = await persist(`reading the positions of group ${group}`, attempt, { ...asking, lookUp })
  return new Map(offsets.filter(({ offset }) => offset >= 0).map(({ partition, offset }) => [partition, offset]))
}
