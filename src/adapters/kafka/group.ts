/** A member of a consumer group, through kafkajs's ConsumerGroup: join, sync, heartbeat, leave. Never its fetch loop. */
import kafkajs, { type Assigner } from 'kafkajs'
import { assignSticky, decodeClaim, encodeClaim } from './assignor.ts'
import type { Cluster } from './cluster.ts'
import { type ConsumerGroup, loadInternals, type RetryOptions } from './kafkajs-internals.ts'

const { AssignerProtocol } = kafkajs
const assignorName = 'shoal-sticky'

export interface GroupOptions {
  readonly cluster: Cluster
  readonly group: string
  readonly topic: string
  readonly sessionTimeoutMs: number
  readonly rebalanceTimeoutMs: number
  readonly retry: RetryOptions
}

/** What this member holds, as it tells the leader; replaced at every generation. */
interface Holding {
  partitions: readonly number[]
  generation: number
}

export class GroupMember {
  readonly #group: ConsumerGroup
  readonly #cluster: Cluster
  readonly #groupId: string
  readonly #topic: string
  readonly #holding: Holding = { partitions: [], generation: -1 }

  constructor({ cluster, group, topic, sessionTimeoutMs, rebalanceTimeoutMs, retry }: GroupOptions) {
    const { ConsumerGroup, InstrumentationEventEmitter } = loadInternals()
    this.#cluster = cluster
    this.#groupId = group
    this.#topic = topic
    this.#group = new ConsumerGroup({
      cluster: cluster.kafkajs,
      groupId: group,
      topics: [topic],
      topicConfigurations: { [topic]: { fromBeginning: true } },
      logger: cluster.kafkajs.rootLogger,
      instrumentationEmitter: new InstrumentationEventEmitter(),
      assigners: [assignor(cluster, topic, this.#holding)],
      sessionTimeout: sessionTimeoutMs,
      rebalanceTimeout: rebalanceTimeoutMs,
      retry,
    })
  }

  get generation(): number {
    return this.#group.generationId ?? -1
  }

  get memberId(): string {
    return this.#group.memberId ?? ''
  }

  /** Joins, or joins again; returns this member's partitions in the new generation. */
  async join(): Promise<readonly number[]> {
    await this.#group.joinAndSync()
    const assigned = this.#group.assigned().find(({ topic }) => topic === this.#topic)
    this.#holding.partitions = (assigned?.partitions ?? []).toSorted((a, b) => a - b)
    this.#holding.generation = this.generation
    return this.#holding.partitions
  }

  /** Throws what the coordinator answers. */
  async heartbeat(): Promise<void> {
    await this.#group.heartbeat({ interval: 0 })
  }

  /** The group moved to another broker: membership stays as it is. */
  async findCoordinator(): Promise<void> {
    this.#group.coordinator = await this.#cluster.kafkajs.findGroupCoordinator({ groupId: this.#groupId })
  }

  /** The others take over at once instead of waiting for the session timeout. */
  async leave(): Promise<void> {
    if (this.#group.memberId !== null) await this.#group.leave()
  }
}

function assignor(cluster: Cluster, topic: string, holding: Holding): Assigner {
  return {
    name: assignorName,
    version: 1,
    protocol: ({ topics }) => ({
      name: assignorName,
      metadata: AssignerProtocol.MemberMetadata.encode({
        version: 1,
        topics,
        userData: encodeClaim(holding.partitions, holding.generation),
      }),
    }),
    assign: async ({ members }) => {
      const claims = members.map(({ memberId, memberMetadata }) =>
        decodeClaim(memberId, AssignerProtocol.MemberMetadata.decode(memberMetadata)?.userData ?? Buffer.alloc(0)),
      )
      return [...assignSticky(claims, cluster.partitions(topic))].map(([memberId, partitions]) => ({
        memberId,
        memberAssignment: AssignerProtocol.MemberAssignment.encode({
          version: 1,
          assignment: { [topic]: [...partitions] },
          userData: Buffer.alloc(0),
        }),
      }))
    },
  }
}
