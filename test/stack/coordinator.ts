/** The coordinator of a test's own group or transactional id. */
import type { Cluster } from '../../src/adapters/kafka/cluster.ts'
import type { CoordinatorKind } from '../../src/adapters/kafka/offset-requests.ts'
import { persist } from '../../src/adapters/kafka/persistence.ts'
import { systemClock } from '../../src/runtime/clock.ts'

/** Asked for again while a broker that has just started does not know it yet. */
export async function coordinatorOf(cluster: Cluster, kind: CoordinatorKind, key: string): Promise<number> {
  const deadlineMs = systemClock.now() + 30_000
  const find = async () => ({ error: 0, node: await cluster.coordinator(kind, key) })
  return (await persist('finding a coordinator', find, { clock: systemClock, deadlineMs })).node
}
