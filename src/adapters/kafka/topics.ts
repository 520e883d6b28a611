/** Topics, through kafkajs's admin client, each of whose calls is repeated here: it gives up on what a moment mends. */
import kafkajs, { type Admin } from 'kafkajs'
import { ShoalError } from '../../runtime/errors.ts'
import type { TopicFacts, TopicSpec } from '../../runtime/ports.ts'
import type { Cluster } from './cluster.ts'
import { codeInside } from './kafka-errors.ts'
import { loadInternals } from './kafkajs-internals.ts'
import type { Settings } from './options.ts'
import { persist } from './persistence.ts'

interface FoundTopic extends TopicFacts {
  readonly cleanup: string
  readonly hasLeaders: boolean
}

/** Since Kafka 3.6; an hour unless it is set, since Kafka 4. */
const aheadConfig = 'message.timestamp.after.max.ms'
const anyTime = 2n ** 63n - 1n
const leaderNotAvailable = 5
const topicExists = 36
const invalidPartitions = 37

export class Topics {
  readonly #settings: Settings
  readonly #cluster: Cluster
  readonly #admin: Admin

  constructor(settings: Settings, cluster: Cluster) {
    const { retry } = settings
    this.#settings = settings
    this.#cluster = cluster
    this.#admin = loadInternals().createAdmin({ retry, logger: cluster.kafkajs.rootLogger, cluster: cluster.kafkajs })
  }

  /** Null when there is no such topic. */
  async describe(topic: string): Promise<FoundTopic | null> {
    return this.#repeat(`describing topic ${topic}`, async () => {
      const found = await this.#cluster.describe(topic)
      if (found === null) return null
      const configs = await this.#configsOf(topic)
      if (configs === null) return null
      return {
        partitions: found.partitionMetadata.length,
        maxMessageBytes: Number(configs.get('max.message.bytes')),
        aheadMs: aheadOf(configs.get(aheadConfig)),
        cleanup: configs.get('cleanup.policy') ?? '',
        hasLeaders: found.partitionMetadata.every(({ leader }) => leader >= 0),
      }
    })
  }

  async exists(topic: string): Promise<boolean> {
    return this.#repeat(`looking for topic ${topic}`, async () => (await this.#cluster.describe(topic)) !== null)
  }

  /** Creates topics and adds partitions where that is allowed. Throws one error that names everything that is missing or wrong. */
  async prepare(specs: readonly TopicSpec[], create: boolean): Promise<void> {
    const found = await Promise.all(specs.map(({ topic }) => this.describe(topic)))
    const missing = specs.filter((_, i) => found[i] === null)
    const ours = missing.filter(({ owner }) => create && owner === 'shoal')
    const complaints = [
      ...missing
        .filter((spec) => !ours.includes(spec))
        .map((spec) => `${spec.topic} does not exist (create it with ${wanted(spec)})`),
      ...specs.flatMap((spec, i) => complaintsAbout(spec, found[i], create)),
    ]
    if (complaints.length > 0) {
      const code = missing.length > ours.length ? 'topics.missing' : 'topics.unfit'
      throw new ShoalError(code, `topics must be as Shoal needs them: ${complaints.join('; ')}`)
    }
    const narrow = specs.filter((spec, i) => create && mayGrow(spec, found[i]))
    if (ours.length + narrow.length === 0) return
    for (const spec of ours) await this.#create(spec)
    for (const spec of narrow) await this.#grow(spec)
    await this.#waitFor([...ours, ...narrow], narrow)
    // Another process may have created them first, and differently.
    return this.prepare(specs, false)
  }

  async #create(spec: TopicSpec): Promise<void> {
    const { replicationFactor } = this.#settings
    await this.#repeat(`creating topic ${spec.topic}`, async () => {
      try {
        await this.#admin.createTopics({
          // Leaders are waited for here: with several brokers kafkajs throws instead of waiting.
          waitForLeaders: false,
          topics: [
            {
              topic: spec.topic,
              numPartitions: spec.partitions ?? -1,
              replicationFactor,
              configEntries: entriesOf(spec),
            },
          ],
        })
      } catch (error) {
        if (!isTopicExists(error)) throw error
      }
    })
  }

  async #grow({ topic, partitions }: TopicSpec): Promise<void> {
    await this.#repeat(`adding partitions to topic ${topic}`, async () => {
      try {
        await this.#admin.createPartitions({ topicPartitions: [{ topic, count: partitions! }] })
      } catch (error) {
        // Another process was faster; what it has made is looked at afterwards.
        if (codeInside(error) !== invalidPartitions) throw error
      }
    })
  }

  /** A broker that has not heard yet of partitions that were added shows the others, with their leaders. */
  async #waitFor(specs: readonly TopicSpec[], grown: readonly TopicSpec[]): Promise<void> {
    const { clock, patienceMs } = this.#settings
    const isThere = (spec: TopicSpec, facts: FoundTopic | null) =>
      facts?.hasLeaders === true && (!grown.includes(spec) || facts.partitions >= spec.partitions!)
    await persist(
      `waiting for all partitions of ${specs.map(({ topic }) => topic).join(', ')}`,
      async () => {
        const found = await Promise.all(specs.map(({ topic }) => this.describe(topic)))
        return { error: found.every((facts, i) => isThere(specs[i], facts)) ? 0 : leaderNotAvailable }
      },
      { clock, deadlineMs: clock.now() + patienceMs },
    )
  }

  /** Null when the broker that was asked does not know the topic, or not yet. */
  async #configsOf(topic: string): Promise<ReadonlyMap<string, string> | null> {
    try {
      const { resources } = await this.#admin.describeConfigs({
        includeSynonyms: false,
        resources: [
          {
            type: kafkajs.ConfigResourceTypes.TOPIC,
            name: topic,
            configNames: ['max.message.bytes', 'cleanup.policy', aheadConfig],
          },
        ],
      })
      return new Map(resources[0]?.configEntries.map(({ configName, configValue }) => [configName, configValue]))
    } catch (error) {
      if (codeInside(error) === unknownTopic) return null
      throw error
    }
  }

  async #repeat<T>(what: string, work: () => Promise<T>): Promise<T> {
    const { clock, patienceMs } = this.#settings
    const attempt = async () => ({ error: 0, result: await work() })
    const lookUp = () => this.#cluster.refresh()
    return (await persist(what, attempt, { clock, deadlineMs: clock.now() + patienceMs, lookUp })).result
  }
}

const unknownTopic = 3

function entriesOf(spec: TopicSpec): { readonly name: string; readonly value: string }[] {
  return [
    { name: 'cleanup.policy', value: spec.cleanup },
    ...(spec.retentionMs === undefined ? [] : [{ name: 'retention.ms', value: String(spec.retentionMs) }]),
    ...(spec.maxMessageBytes === undefined ? [] : [{ name: 'max.message.bytes', value: String(spec.maxMessageBytes) }]),
    ...(spec.segmentBytes === undefined ? [] : [{ name: 'segment.bytes', value: String(spec.segmentBytes) }]),
    ...(spec.datedBy === undefined ? [] : [{ name: 'message.timestamp.type', value: 'LogAppendTime' }]),
    ...(spec.aheadMs === undefined ? [] : [{ name: aheadConfig, value: String(anyTime) }]),
  ]
}

/** A broker that does not know the setting limits nothing, and takes no topic that has it. */
function aheadOf(value: string | undefined): number | null {
  return value === undefined ? null : Number(value)
}

function wanted(spec: TopicSpec): string {
  const partitions =
    spec.partitions === null
      ? 'any number of partitions'
      : `${spec.partitions} partition${spec.partitions === 1 ? '' : 's'}`
  return [partitions, ...entriesOf(spec).map(({ name, value }) => `${name}=${value}`)].join(', ')
}

/** The input was given more partitions: what is written beside it needs as many. */
function mayGrow({ owner, partitions }: TopicSpec, found: FoundTopic | null): boolean {
  return owner === 'shoal' && found !== null && found.partitions < (partitions ?? 0)
}

function complaintsAbout(spec: TopicSpec, found: FoundTopic | null, create: boolean): readonly string[] {
  if (found === null) return []
  const complaints: string[] = []
  const hasAsMany = spec.partitions === null || found.partitions === spec.partitions
  if (!hasAsMany && !(create && mayGrow(spec, found))) {
    complaints.push(`${spec.topic} must have ${spec.partitions} partitions: it has ${found.partitions}`)
  }
  // What the input keeps is for its owner to say.
  if (spec.owner === 'shoal' && found.cleanup !== spec.cleanup) {
    complaints.push(`${spec.topic} must have cleanup.policy=${spec.cleanup}: it has ${found.cleanup}`)
  }
  if (spec.maxMessageBytes !== undefined && found.maxMessageBytes < spec.maxMessageBytes) {
    complaints.push(
      `${spec.topic} must have max.message.bytes of ${spec.maxMessageBytes} or more: it has ${found.maxMessageBytes}`,
    )
  }
  if (spec.aheadMs !== undefined && found.aheadMs !== null && found.aheadMs < spec.aheadMs) {
    complaints.push(
      `${spec.topic} must have ${aheadConfig} of the input's ${spec.aheadMs} or more: it has ${found.aheadMs}`,
    )
  }
  return complaints
}

/** kafkajs gathers the errors of several topics in one. */
function isTopicExists(error: unknown): boolean {
  if (codeInside(error) === topicExists) return true
  const { errors } = error as { readonly errors?: readonly unknown[] }
  return errors?.every((e) => codeInside(e) === topicExists) ?? false
}
