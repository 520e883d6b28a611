/** What a transaction writes to, whether that can be reached now, and whether the transaction took effect there. */
import type { Positions } from '../../runtime/ports.ts'
import type { Asking } from './asking.ts'
import { leaderless } from './broker-errors.ts'
import { committedNow } from './offsets.ts'
import { persist } from './persistence.ts'
import type { PartitionsByTopic } from './transaction-requests.ts'

/** Where a transaction must end. */
export interface Reach {
  readonly partitions: PartitionsByTopic
  readonly group: string
  readonly topic: string
  /** Next offset by partition of the topic. */
  readonly positions: Positions
}

/**
 * Resolves when each partition has a leader again, that of the positions among them: its markers are forgotten otherwise.
 * `what` is done with it, for the error.
 */
export async function reachable({ partitions, group }: Reach, what: string, asking: Asking): Promise<void> {
  const { cluster } = asking
  const attempt = async () => {
    cluster.forgetCoordinator('group', group)
    await Promise.all([cluster.know([...partitions.keys()]), cluster.coordinator('group', group)])
    await cluster.refresh()
    for (const [topic, some] of partitions) {
      const missing = some.filter((partition) => cluster.leader(topic, partition) === null)
      if (missing.length > 0) throw leaderless(topic, missing)
    }
    return { error: 0 }
  }
  await persist(what, attempt, asking)
}

/** Whether the group's positions are where the transaction puts them. Where none tells, it may be so only if it has none. */
export async function hasTakenEffect({ group, topic, positions }: Reach, asking: Asking): Promise<boolean> {
  const { positions: now, pending } = await committedNow(group, topic, [...positions.keys()], asking)
  const settled = [...positions].filter(([partition]) => !pending.includes(partition))
  if (settled.length === 0) return positions.size === 0
  return settled.every(([partition, next]) => (now.get(partition) ?? -1) >= next)
}
