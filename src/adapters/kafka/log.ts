/** The log on Kafka. */
import { ShoalError } from '../../runtime/errors.ts'
import { GroupMembership } from '../../runtime/membership/group-membership.ts'
import type {
  Bounds,
  EventLog,
  ExpiredRange,
  Membership,
  Positions,
  Share,
  TopicFacts,
  TopicPartition,
  TopicSpec,
} from '../../runtime/ports.ts'
import type { Outputs, RecordBatch } from '../../stages/records.ts'
import type { Asking } from './asking.ts'
import { Cluster } from './cluster.ts'
import { Fetcher } from './fetcher.ts'
import { earliest, latest, type Sought, watermark } from './offset-requests.ts'
import { committedNow, committedStable, membersOf, offsetsAt } from './offsets.ts'
import { type KafkaLogOptions, type Settings, settingsOf } from './options.ts'
import { Publisher } from './publisher.ts'
import { ShareReader } from './reader.ts'
import { KafkaSession } from './session.ts'
import { TopicLimits } from './topic-limits.ts'
import { Topics } from './topics.ts'
import { Transactions } from './transaction.ts'
import { TransactionalId } from './transactional-id.ts'

/** Nothing is connected before the first call. */
export function kafkaLog(options: KafkaLogOptions): EventLog {
  return new KafkaLog(settingsOf(options))
}

class KafkaLog implements EventLog {
  readonly place: string
  readonly #settings: Settings
  /** For everything but groups and followers, which have their own. */
  readonly #cluster: Cluster
  readonly #topics: Topics
  readonly #limits: TopicLimits
  readonly #publisher: Publisher
  readonly #memberships = new Set<Membership>()
  readonly #followers = new Set<AbortController>()
  #connecting: Promise<void> | null = null

  constructor(settings: Settings) {
    this.#settings = settings
    this.place = `Kafka at ${settings.brokers.join(', ')}`
    this.#cluster = new Cluster(settings)
    this.#topics = new Topics(settings, this.#cluster)
    this.#limits = new TopicLimits((topic) => this.describe(topic))
    this.#publisher = new Publisher(settings, this.#cluster, this.#limits)
  }

  join(
    group: string,
    topic: string,
    run: (share: Share) => Promise<void>,
    onExpired: ((range: ExpiredRange) => void) | null = null,
  ): Membership {
    const settings = this.#settings
    const { clock, transactionalId, transactionTimeoutMs } = settings
    const cluster = new Cluster(settings)
    const idFor = (turn: string): TransactionalId =>
      new TransactionalId(`${transactionalId}-${group}-${turn}`, cluster, clock, transactionTimeoutMs)
    // Two in turn: while the broker writes the markers of one's transaction, the other's can begin.
    const ids = [idFor('a'), idFor('b')]
    const part = { ...settings, cluster, group, topic, ids, limits: this.#limits }
    let transactionVersion: 1 | 2 = 1
    const session = new KafkaSession({
      ...part,
      seats: new Cluster(settings),
      ensureTopic: () => this.#mustExist(topic),
      onOpen: async () => {
        transactionVersion = await cluster.transactionVersion()
      },
    })
    const membership = new GroupMembership(
      {
        ...part,
        session,
        reader: () => new ShareReader({ ...part, onExpired }),
        writer: (duty) => new Transactions(ids, { ...part, transactionVersion: () => transactionVersion }, duty),
      },
      run,
    )
    this.#memberships.add(membership)
    void membership.done.catch(() => undefined).finally(() => this.#memberships.delete(membership))
    return membership
  }

  async *follow(topic: string, from: Positions, signal: AbortSignal): AsyncGenerator<RecordBatch> {
    const { fetchPartitionBytes } = this.#settings
    const closing = new AbortController()
    this.#followers.add(closing)
    const ended = AbortSignal.any([signal, closing.signal])
    const cluster = new Cluster(this.#settings)
    const fetcher = new Fetcher({
      ...this.#settings,
      cluster,
      topic,
      // However many partitions there are.
      fetchTotalBytes: fetchPartitionBytes,
      onExpired: () => undefined,
    })
    ended.addEventListener('abort', () => fetcher.close())
    try {
      await this.#persevere(topic, ended, async () => {
        await this.#mustExist(topic)
        await cluster.connect([topic], this.#deadlineMs())
      })
      fetcher.add(from)
      while (!ended.aborted) yield* await nextOf(fetcher)
    } finally {
      // Closes the fetcher, and lets the caller's signal, which may live much longer, forget this reader.
      closing.abort()
      this.#followers.delete(closing)
      await cluster.close()
    }
  }

  async bounds({ topic, partition }: TopicPartition): Promise<Bounds> {
    return (await this.boundsOf(topic, [partition])).get(partition)!
  }

  async boundsOf(topic: string, partitions: readonly number[]): Promise<ReadonlyMap<number, Bounds>> {
    await this.#mustExist(topic)
    await this.#cluster.know([topic])
    const offsets = (sought: Sought) => offsetsAt(topic, partitions, sought, this.#asking())
    const [starts, ends] = await Promise.all([offsets(earliest), offsets(latest)])
    return new Map(partitions.map((each) => [each, { start: starts.get(each)!, end: ends.get(each)! }]))
  }

  async written(at: TopicPartition): Promise<number> {
    await this.#mustExist(at.topic)
    await this.#cluster.know([at.topic])
    return this.#offset(at, watermark)
  }

  async describe(topic: string): Promise<TopicFacts | null> {
    await this.#connected()
    const found = await this.#topics.describe(topic)
    if (found === null) return null
    const facts = { partitions: found.partitions, maxMessageBytes: found.maxMessageBytes, aheadMs: found.aheadMs }
    this.#limits.learn(topic, facts)
    return facts
  }

  async prepare(topics: readonly TopicSpec[], create: boolean): Promise<void> {
    await this.#connected()
    await this.#topics.prepare(topics, create)
    // What each topic takes is known before anything is written to it.
    await Promise.all(topics.map(({ topic }) => this.describe(topic)))
  }

  async committed(group: string, topic: string): Promise<Positions> {
    await this.#mustExist(topic)
    await this.#cluster.know([topic])
    return committedStable(group, topic, this.#cluster.partitions(topic), this.#asking())
  }

  async lastCommitted(group: string, topic: string): Promise<Positions> {
    await this.#mustExist(topic)
    await this.#cluster.know([topic])
    const partitions = this.#cluster.partitions(topic)
    return (await committedNow(group, topic, partitions, this.#asking(), false)).positions
  }

  async members(group: string): Promise<number> {
    await this.#connected()
    return membersOf(group, this.#asking())
  }

  async publish(write: (outputs: Outputs) => void): Promise<void> {
    await this.#publisher.publish(write, () => this.#connected())
  }

  async close(): Promise<void> {
    for (const closing of this.#followers) closing.abort()
    await Promise.all([...this.#memberships].map((membership) => membership.leave()))
    await this.#cluster.close()
  }

  async #connected(): Promise<void> {
    this.#connecting ??= this.#cluster.connect([], this.#deadlineMs())
    try {
      await this.#connecting
    } catch (error) {
      this.#connecting = null
      throw error
    }
  }

  async #mustExist(topic: string): Promise<void> {
    await this.#connected()
    if ((await this.#topics.exists(topic)) === false)
      throw new ShoalError('topics.missing', `topic ${topic} must exist: it does not`)
  }

  /** A follower outlives every outage. */
  async #persevere(topic: string, signal: AbortSignal, begin: () => Promise<void>): Promise<void> {
    const { clock, log } = this.#settings
    while (!signal.aborted) {
      try {
        return await begin()
      } catch (error) {
        if (!(error instanceof ShoalError && error.retriable)) throw error
        log.warn('A topic cannot be followed now; it is tried again', { topic, error: error.message })
        await clock.sleep(1000, signal)
      }
    }
  }

  async #offset({ topic, partition }: TopicPartition, sought: Sought): Promise<number> {
    return (await offsetsAt(topic, [partition], sought, this.#asking())).get(partition)!
  }

  #asking(): Asking {
    return { cluster: this.#cluster, clock: this.#settings.clock, deadlineMs: this.#deadlineMs() }
  }

  #deadlineMs(): number {
    return this.#settings.clock.now() + this.#settings.patienceMs
  }
}

/** All that a fetcher has, as soon as it has something; nothing once it is closed. */
async function nextOf(fetcher: Fetcher): Promise<readonly RecordBatch[]> {
  const all = Number.MAX_SAFE_INTEGER
  const ready = () => fetcher.partitions.filter((buffer) => buffer.hasSomething)
  if (ready().length === 0 && fetcher.failure === null) await fetcher.arrival()
  const buffers = ready()
  if (buffers.length === 0 && fetcher.failure !== null) throw fetcher.failure
  const batches = buffers.flatMap((buffer) => buffer.take(all, all, all))
  fetcher.took()
  return batches
}
