/** Topics, through kafkajs's admin client, each of whose calls is repeated here: it gives up on what a moment mends. */
import kafkajs, { type Admin } from 'kafkajs'
import { ShoalError } from '../../runtime/errors.ts'
import type { TopicFacts, TopicSpec } from '../../runtime/ports.ts'
import { codeInside } from './kafka-errors.ts'
import type { Settings } from './options.ts'
import { persist } from './persistence.ts'

interface FoundTopic extends TopicFacts {
  readonly cleanup: string
  readonly hasLeaders: boolean
}

const unknownTopic = 3
const topicExists = 36

export class Topics {
  readonly #settings: Settings
  readonly #admin: Admin
  #connected: Promise<void> | null = null

  constructor(settings: Settings) {
    this.#settings = settings
    this.#admin = settings.kafka.admin({ retry: settings.retry })
  }

  async close(): Promise<void> {
    if (this.#connected !== null) await this.#admin.disconnect()
  }

  async describe(topic: string): Promise<FoundTopic | null> {
    return this.#repeat(`describing topic ${topic}`, async () => {
      const partitions = await this.#partitions(topic)
      if (partitions === null) return null
      const { resources } = await this.#admin.describeConfigs({
        includeSynonyms: false,
        resources: [
          {
            type: kafkajs.ConfigResourceTypes.TOPIC,
            name: topic,
            configNames: ['max.message.bytes', 'cleanup.policy'],
          },
        ],
      })
      const entries = new Map(
        resources[0]?.configEntries.map(({ configName, configValue }) => [configName, configValue]),
      )
      return {
        partitions: partitions.length,
        maxMessageBytes: Number(entries.get('max.message.bytes')),
        cleanup: entries.get('cleanup.policy') ?? '',
        hasLeaders: partitions.every(({ leader }) => leader >= 0),
      }
    })
  }

  /** Throws one error that names everything that is missing or wrong. */
  async prepare(specs: readonly TopicSpec[], create: boolean): Promise<void> {
    const found = await Promise.all(specs.map(({ topic }) => this.describe(topic)))
    const missing = specs.filter((_, i) => found[i] === null)
    const ours = missing.filter(({ owner }) => create && owner === 'shoal')
    const complaints = [
      ...missing
        .filter((spec) => !ours.includes(spec))
        .map((spec) => `${spec.topic} does not exist (create it with ${wanted(spec)})`),
      ...specs.flatMap((spec, i) => complaintsAbout(spec, found[i])),
    ]
    if (complaints.length > 0) {
      const code = missing.length > ours.length ? 'topics.missing' : 'topics.unfit'
      throw new ShoalError(code, `topics must be as Shoal needs them: ${complaints.join('; ')}`)
    }
    if (ours.length === 0) return
    await this.#create(ours)
    await this.#waitFor(ours)
    // Another process may have created them first, and differently.
    return this.prepare(specs, false)
  }

  async #create(specs: readonly TopicSpec[]): Promise<void> {
    const { replicationFactor } = this.#settings
    for (const spec of specs) {
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
  }

  async #waitFor(specs: readonly TopicSpec[]): Promise<void> {
    const { clock, patienceMs } = this.#settings
    await persist(
      `waiting for the leaders of ${specs.map(({ topic }) => topic).join(', ')}`,
      async () => {
        const found = await Promise.all(specs.map(({ topic }) => this.describe(topic)))
        return { error: found.every((facts) => facts?.hasLeaders) ? 0 : leaderNotAvailable }
      },
      { clock, deadlineMs: clock.now() + patienceMs },
    )
  }

  /** Null when the brokers say that there is no such topic. */
  async #partitions(topic: string): Promise<readonly { readonly leader: number }[] | null> {
    try {
      const { topics } = await this.#admin.fetchTopicMetadata({ topics: [topic] })
      return topics[0]?.partitions ?? null
    } catch (error) {
      if (codeInside(error) === unknownTopic) return null
      throw error
    }
  }

  async #repeat<T>(what: string, work: () => Promise<T>): Promise<T> {
    const { clock, patienceMs } = this.#settings
    const attempt = async (): Promise<{ readonly error: number; readonly result: T }> => {
      this.#connected ??= this.#admin.connect()
      try {
        await this.#connected
      } catch (error) {
        this.#connected = null
        throw error
      }
      return { error: 0, result: await work() }
    }
    return (await persist(what, attempt, { clock, deadlineMs: clock.now() + patienceMs })).result
  }
}

const leaderNotAvailable = 5

function entriesOf(spec: TopicSpec): { readonly name: string; readonly value: string }[] {
  return [
    { name: 'cleanup.policy', value: spec.cleanup },
    ...(spec.retentionMs === undefined ? [] : [{ name: 'retention.ms', value: String(spec.retentionMs) }]),
    ...(spec.maxMessageBytes === undefined ? [] : [{ name: 'max.message.bytes', value: String(spec.maxMessageBytes) }]),
  ]
}

function wanted(spec: TopicSpec): string {
  const partitions =
    spec.partitions === null
      ? 'any number of partitions'
      : `${spec.partitions} partition${spec.partitions === 1 ? '' : 's'}`
  return [partitions, ...entriesOf(spec).map(({ name, value }) => `${name}=${value}`)].join(', ')
}

function complaintsAbout(spec: TopicSpec, found: FoundTopic | null): readonly string[] {
  if (found === null) return []
  const complaints: string[] = []
  if (spec.partitions !== null && found.partitions !== spec.partitions) {
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
  return complaints
}

/** kafkajs gathers the errors of several topics in one. */
function isTopicExists(error: unknown): boolean {
  if (codeInside(error) === topicExists) return true
  const { errors } = error as { readonly errors?: readonly unknown[] }
  return errors?.every((e) => codeInside(e) === topicExists) ?? false
}
