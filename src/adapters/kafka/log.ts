/** The log on Kafka. */

import { ShoalError } from '../../runtime/errors.ts'
import type {
  EventLog,
  Membership,
  Positions,
  Share,
  TopicFacts,
  TopicPartition,
  TopicSpec,
} from '../../runtime/ports.ts'
import type { Outputs, RecordBatch } from '../../stages/records.ts'
import { Cluster } from './cluster.ts'
import { lane } from './connection.ts'
import { Fetcher } from './fetcher.ts'
import { GroupMembership, offsetsAt } from './membership.ts'
import { earliest, latest, offsetFetch } from './offset-requests.ts'
import { type KafkaLogOptions, type Settings, settingsOf } from './options.ts'
import { OutputSet } from './output-set.ts'
import { persist } from './persistence.ts'
import { Publisher } from './publisher.ts'
import { TopicLimits } from './topic-limits.ts'
import { Topics } from './topics.ts'
import { TransactionalId } from './transactional-id.ts'

export function kafkaLog(options: KafkaLogOptions): EventLog {
  return new KafkaLog(settingsOf(options))
}

class KafkaLog implements EventLog {
  readonly #settings: Settings
  readonly #topics: Topics
  readonly #limits: TopicLimits
  readonly #memberships = new Set<Membership>()
  readonly #followers = new Set<AbortController>()
  /** For everything but groups and followers; made when first needed. */
  #tools: { readonly cluster: Cluster; readonly publisher: Publisher } | null = null
  #connecting: Promise<void> | null = null

  constructor(settings: Settings) {
    this.#settings = settings
    this.#topics = new Topics(settings)
    this.#limits = new TopicLimits((topic) => this.describe(topic))
  }

  join(group: string, topic: string, run: (share: Share) => Promise<void>): Membership {
    const { kafka, clock, transactionalId, transactionTimeoutMs, fetchPartitionBytes, fetchTotalBytes } = this.#settings
    const cluster = new Cluster(kafka, clock)
    // Two ids in turn: while the broker writes the markers of one's transaction, the other's can begin.
    const ids = ['a', 'b'].map(
      (turn) =>
        new TransactionalId(
          `${transactionalId}-${group}-${turn}`,
          new OutputSet(this.#limits.of, true),
          cluster,
          clock,
          transactionTimeoutMs,
        ),
    )
    const membership = new GroupMembership(
      {
        ...this.#settings,
        cluster,
        limits: this.#limits,
        group,
        topic,
        ids,
        partitionBytes: fetchPartitionBytes,
        totalBytes: fetchTotalBytes,
      },
      run,
    )
    this.#memberships.add(membership)
    void membership.done.catch(() => undefined).finally(() => this.#memberships.delete(membership))
    return membership
  }

  async *follow(at: TopicPartition, from: number, signal: AbortSignal): AsyncGenerator<RecordBatch> {
    const { kafka, clock, log, fetchPartitionBytes } = this.#settings
    const closing = new AbortController()
    this.#followers.add(closing)
    const ended = AbortSignal.any([signal, closing.signal])
    const cluster = new Cluster(kafka, clock)
    const fetcher = new Fetcher({
      cluster,
      clock,
      log,
      topic: at.topic,
      positions: new Map([[at.partition, from]]),
      partitionBytes: fetchPartitionBytes,
      totalBytes: fetchPartitionBytes,
      belowStart: 'begin',
    })
    ended.addEventListener('abort', () => fetcher.close())
    try {
      await this.#connectForEver(cluster, at, ended)
      fetcher.start()
      while (!ended.aborted) {
        const batches = fetcher.partitions[0].take(Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)
        if (batches.length > 0) fetcher.took()
        else if (fetcher.failure !== null) throw fetcher.failure
        else await fetcher.arrived.wait()
        for (const batch of batches) {
          if (ended.aborted) return
          yield batch
        }
      }
    } finally {
      fetcher.close()
      this.#followers.delete(closing)
      await cluster.close()
    }
  }

  async bounds(at: TopicPartition): Promise<{ readonly start: number; readonly end: number }> {
    const { clock, patienceMs } = this.#settings
    const cluster = await this.#cluster()
    await this.#know(at.topic)
    const deadlineMs = clock.now() + patienceMs
    const ask = async (time: number): Promise<number> =>
      (await offsetsAt(cluster, clock, at.topic, [at.partition], time, deadlineMs)).get(at.partition)!
    const [start, end] = await Promise.all([ask(earliest), ask(latest)])
    return { start, end }
  }

  async describe(topic: string): Promise<TopicFacts | null> {
    const found = await this.#topics.describe(topic)
    if (found === null) return null
    const facts = { partitions: found.partitions, maxMessageBytes: found.maxMessageBytes }
    this.#limits.learn(topic, facts)
    return facts
  }

  async prepare(topics: readonly TopicSpec[], create: boolean): Promise<void> {
    await this.#topics.prepare(topics, create)
    await Promise.all(topics.map(({ topic }) => this.describe(topic)))
  }

  async committed(group: string, topic: string): Promise<Positions> {
    const { clock, patienceMs } = this.#settings
    const cluster = await this.#cluster()
    await this.#know(topic)
    const { offsets } = await persist(
      `reading the positions of group ${group}`,
      async () =>
        cluster.send(
          await cluster.coordinator('group', group),
          lane.requests,
          offsetFetch(group, topic, cluster.partitions(topic)),
        ),
      { clock, deadlineMs: clock.now() + patienceMs, lookUp: async () => cluster.forgetCoordinator('group', group) },
    )
    return new Map(offsets.filter(({ offset }) => offset >= 0).map(({ partition, offset }) => [partition, offset]))
  }

  async publish(write: (outputs: Outputs) => void): Promise<void> {
    await this.#cluster()
    await this.#tools!.publisher.publish(write)
  }

  async close(): Promise<void> {
    for (const closing of this.#followers) closing.abort()
    await Promise.all([...this.#memberships].map((membership) => membership.leave()))
    await this.#tools?.cluster.close()
    await this.#topics.close()
  }

  async #cluster(): Promise<Cluster> {
    const { kafka, clock, patienceMs } = this.#settings
    if (this.#tools === null) {
      const cluster = new Cluster(kafka, clock)
      this.#tools = { cluster, publisher: new Publisher(this.#settings, cluster, this.#limits) }
    }
    const { cluster } = this.#tools
    this.#connecting ??= cluster.connect([], clock.now() + patienceMs)
    try {
      await this.#connecting
    } catch (error) {
      this.#connecting = null
      throw error
    }
    return cluster
  }

  /** The leaders of a topic that exists; one that does not is refused at once. */
  async #know(topic: string): Promise<void> {
    if ((await this.#topics.describe(topic)) === null)
      throw new ShoalError('topics.missing', `topic ${topic} must exist: it does not`)
    await this.#tools!.cluster.addTopics([topic])
  }

  /** A follower outlives every outage. */
  async #connectForEver(cluster: Cluster, at: TopicPartition, signal: AbortSignal): Promise<void> {
    const { clock, log, patienceMs } = this.#settings
    while (!signal.aborted) {
      try {
        return await cluster.connect([at.topic], clock.now() + patienceMs)
      } catch (error) {
        if (!(error instanceof ShoalError) || !error.retriable) throw error
        log.warn('Following a topic cannot begin; it is tried again', { ...at, error: error.message })
        await clock.sleep(1000, signal)
      }
    }
  }
}
