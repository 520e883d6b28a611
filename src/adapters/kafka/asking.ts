/** Asking the cluster until it answers, within a time. */
import type { Clock } from '../../runtime/ports.ts'
import type { Exchange } from './api.ts'
import type { Cluster } from './cluster.ts'
import { lane } from './connection.ts'
import { persist } from './persistence.ts'
import type { ErrorAnswer } from './transaction-requests.ts'

export interface Asking {
  readonly cluster: Cluster
  readonly clock: Clock
  readonly deadlineMs: number
  readonly signal?: AbortSignal
}

/** Asks the coordinator of a group, which is looked up again where another broker may be it by now. */
export function askCoordinator<T extends ErrorAnswer>(
  what: string,
  group: string,
  request: Exchange<T>,
  asking: Asking,
): Promise<T> {
  const { cluster } = asking
  const attempt = async () => cluster.send(await cluster.coordinator('group', group), lane.requests, request)
  const lookUp = async () => cluster.forgetCoordinator('group', group)
  return persist(what, attempt, { ...asking, lookUp })
}
