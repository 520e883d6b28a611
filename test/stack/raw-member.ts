/** A member of a group by single requests, each of whose answers is told as it came. */
import type { Answer, Exchange } from '../../src/adapters/kafka/api.ts'
import type { Cluster } from '../../src/adapters/kafka/cluster.ts'
import { lane } from '../../src/adapters/kafka/connection.ts'
import { heartbeat, joinGroup, syncGroup } from '../../src/adapters/kafka/group-requests.ts'
import { coordinatorOf } from './coordinator.ts'

export interface RawMemberOptions {
  readonly sessionTimeoutMs?: number
  readonly assignor?: string
  /** To be asked without looking for it. */
  readonly coordinator?: number
}

const memberIdRequired = 79
const rebalanceTimeoutMs = 6_000

export class RawMember {
  memberId = ''
  generation = -1
  readonly #cluster: Cluster
  readonly #group: string
  readonly #options: RawMemberOptions

  constructor(cluster: Cluster, group: string, options: RawMemberOptions = {}) {
    this.#cluster = cluster
    this.#group = group
    this.#options = options
  }

  /** Joins, and leads if it is told to: everybody gets nothing. Gives the first error that is answered. */
  async join(): Promise<number> {
    let answer = await this.#joinOnce()
    if (answer.error === memberIdRequired) {
      this.memberId = answer.memberId
      answer = await this.#joinOnce()
    }
    if (answer.error !== 0) return answer.error
    const { memberId, generation, members } = answer
    this.memberId = memberId
    this.generation = generation
    const assignments = new Map(members.map((member) => [member.memberId, Buffer.alloc(0)]))
    return (await this.#send(syncGroup({ group: this.#group, generation, memberId, rebalanceTimeoutMs, assignments })))
      .error
  }

  async heartbeat(generation = this.generation, memberId = this.memberId): Promise<number> {
    return (await this.#send(heartbeat(this.#group, generation, memberId))).error
  }

  #joinOnce() {
    const { sessionTimeoutMs = 6_000, assignor = 'raw' } = this.#options
    const { memberId } = this
    const metadata = Buffer.alloc(0)
    const group = this.#group
    return this.#send(joinGroup({ group, memberId, sessionTimeoutMs, rebalanceTimeoutMs, assignor, metadata }))
  }

  async #send<T extends Answer>(request: Exchange<T>): Promise<T> {
    const coordinator = this.#options.coordinator ?? (await coordinatorOf(this.#cluster, 'group', this.#group))
    return this.#cluster.send(coordinator, lane.requests, request)
  }
}
