/** The brokers of one Kafka cluster, over connections of this user's own. */

import { ShoalError } from '../../runtime/errors.ts'
import type { Clock } from '../../runtime/ports.ts'
import type { RequestMeter } from '../../runtime/request-meter.ts'
import { type Answer, apiVersionsExchange, type BrokerVersions, type Exchange, versionFor } from './api.ts'
import { refusal } from './broker-errors.ts'
import { ConnectionLost, exchange, type Lane, lane } from './connection.ts'
import { translated } from './kafka-errors.ts'
import { type Connection, createCluster, type KafkajsCluster } from './kafkajs-internals.ts'
import { mend } from './mending.ts'
import { metadata, type TopicMetadata } from './metadata-request.ts'
import { type CoordinatorKind, findCoordinator } from './offset-requests.ts'
import type { Settings } from './options.ts'
import { persist } from './persistence.ts'
import type { PartitionsByTopic } from './transaction-requests.ts'

interface KnownVersions {
  readonly versions: BrokerVersions
  /** A broker may come back upgraded: what it said holds for one connection. */
  readonly socket: unknown
}

/**
 * One per membership, follower and tool: kafkajs's two connections to a broker are then shared by nobody, and
 * neither a JoinGroup that the coordinator holds back nor another reader's long poll can stand before a commit.
 */
export class Cluster {
  readonly kafkajs: KafkajsCluster
  readonly #clock: Clock
  readonly #meter: RequestMeter
  readonly #versions = new WeakMap<Connection, KnownVersions>()
  readonly #coordinators = new Map<string, number>()
  #refreshing: Promise<void> | null = null

  constructor({ kafka, clock, onThrottled, meter }: Pick<Settings, 'kafka' | 'clock' | 'onThrottled' | 'meter'>) {
    this.kafkajs = createCluster(kafka)
    mend(this.kafkajs, { now: () => clock.now(), onThrottled })
    this.#clock = clock
    this.#meter = meter
  }

  /** Connects, and learns the leaders of `topics`. Repeats until `deadlineMs`, then throws. */
  async connect(topics: readonly string[], deadlineMs: number): Promise<void> {
    await persist(
      'connecting to Kafka',
      async () => {
        await this.kafkajs.connect()
        await this.kafkajs.addMultipleTargetTopics(topics)
        // Also without topics: the answer is how the brokers are known by their ids.
        if (this.kafkajs.getNodeIds().length === 0) await this.refresh()
        return { error: 0 }
      },
      { clock: this.#clock, deadlineMs },
    )
  }

  /** As a broker knows it now; null when there is no such topic. */
  async describe(topic: string): Promise<TopicMetadata | null> {
    const { topicMetadata } = await this.send(await this.anyNode(), lane.requests, metadata([topic]))
    const found = topicMetadata[0]
    if (found.topicErrorCode === unknownTopic) return null
    if (found.topicErrorCode !== 0) throw refusal(found.topicErrorCode, `looking for topic ${topic}`)
    return found
  }

  /** kafkajs waits for every answer first; what is still asked for now, a long poll above all, is of no use to anybody. */
  async close(): Promise<void> {
    for (const { connectionPool } of Object.values(this.kafkajs.brokerPool.brokers)) {
      for (const connection of connectionPool.pool)
        connection.requestQueue.rejectAll(new ConnectionLost('it is closed'))
    }
    await this.kafkajs.disconnect()
  }

  /** Learns the leaders of these too; nothing is asked when they are known. */
  async know(topics: readonly string[]): Promise<void> {
    const fresh = topics.filter((topic) => this.kafkajs.findTopicPartitionMetadata(topic).length === 0)
    if (fresh.length > 0) await this.kafkajs.addMultipleTargetTopics(fresh)
  }

  /** Learns leaders and brokers again; callers at the same time share one request. */
  refresh(): Promise<void> {
    this.#refreshing ??= this.kafkajs.refreshMetadata().finally(() => {
      this.#refreshing = null
    })
    return this.#refreshing
  }

  /** Null while there is none, or the topic is not among those of `connect`. */
  leader(topic: string, partition: number): number | null {
    const known = this.kafkajs.findTopicPartitionMetadata(topic).find((p) => p.partitionId === partition)
    return known === undefined || known.leader < 0 ? null : known.leader
  }

  partitions(topic: string): readonly number[] {
    return this.kafkajs
      .findTopicPartitionMetadata(topic)
      .map((p) => p.partitionId)
      .toSorted((a, b) => a - b)
  }

  /** How long some leader of these takes no records yet, because of a quota. */
  restMs(partitions: PartitionsByTopic): number {
    const { brokers } = this.kafkajs.brokerPool
    const leaders = new Set([...partitions].flatMap(([topic, some]) => some.map((each) => this.leader(topic, each))))
    const rests = [...leaders].map((node) =>
      brokers[node ?? noNode]?.connectionPool.pool[lane.records].requestQueue.restMs(),
    )
    return Math.max(0, ...rests.filter((ms) => ms !== undefined))
  }

  /** Any broker will do. */
  async anyNode(): Promise<number> {
    if (this.kafkajs.getNodeIds().length === 0) await this.refresh()
    const nodes = this.kafkajs.getNodeIds()
    if (nodes.length === 0) throw new ShoalError('log.unavailable', 'no broker of the cluster is known')
    return Number(nodes[Math.floor(this.#clock.now()) % nodes.length])
  }

  /** The coordinator as last looked up. */
  async coordinator(kind: CoordinatorKind, key: string): Promise<number> {
    const name = `${kind} ${key}`
    const known = this.#coordinators.get(name)
    if (known !== undefined) return known
    const found = await this.send(await this.anyNode(), lane.requests, findCoordinator(kind, key))
    if (found.error !== 0) throw refusal(found.error, `looking for the coordinator of ${name}`)
    this.#coordinators.set(name, found.node)
    return found.node
  }

  forgetCoordinator(kind: CoordinatorKind, key: string): void {
    this.#coordinators.delete(`${kind} ${key}`)
  }

  async send<T extends Answer>(node: number, to: Lane, request: Exchange<T>): Promise<T> {
    const connection = await this.#connection(node, to)
    const versions = await this.#versionsOf(connection)
    const version = versionFor(request.api, versions, nameOf(connection), request.highest)
    return this.#meter(request.api, () => exchange(connection, request, version))
  }

  /**
   * What the cluster has finalised. `transaction.version` of 2 means that partitions and offsets join a transaction
   * by being written, and that every EndTxn gives a new epoch (KIP-890).
   */
  async transactionVersion(): Promise<1 | 2> {
    const connection = await this.#connection(await this.anyNode(), lane.requests)
    const { features } = await this.#versionsOf(connection)
    return (features.get('transaction.version') ?? 0) >= 2 ? 2 : 1
  }

  async #connection(node: number, to: Lane): Promise<Connection> {
    try {
      const broker = await this.kafkajs.findBroker({ nodeId: node })
      return await broker.connectionPool.getConnection(to)
    } catch (error) {
      throw translated(error, `connecting to broker ${node}`)
    }
  }

  async #versionsOf(connection: Connection): Promise<BrokerVersions> {
    const known = this.#versions.get(connection)
    if (known !== undefined && known.socket === connection.socket) return known.versions
    const { socket } = connection
    const ours: BrokerVersions = { ranges: new Map([[18, { min: 3, max: 3 }]]), features: new Map() }
    const answer = await exchange(
      connection,
      apiVersionsExchange('shoal'),
      versionFor('ApiVersions', ours, nameOf(connection)),
    )
    if (answer.error !== 0) {
      throw new ShoalError(
        'log.refused',
        `Kafka must be 2.5 or newer: ${nameOf(connection)} answers ApiVersions 3 with error ${answer.error}`,
      )
    }
    if (connection.socket !== socket) throw new ConnectionLost(`${nameOf(connection)} was connected anew`)
    this.#versions.set(connection, { versions: answer, socket })
    return answer
  }
}

const unknownTopic = 3
/** Kafka's broker ids are not negative. */
const noNode = -1

const nameOf = (connection: Connection): string => `${connection.host}:${connection.port}`
