/** A pipeline on payments of a test's own, which a foreign client writes event by event. */
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CompressionTypes, Kafka, logLevel } from 'kafkajs'
import { openKafka } from '../../src/compose.ts'
import type { Configuration } from '../../src/runtime/configuration/configuration.ts'
import { loadConfiguration } from '../../src/runtime/configuration/load.ts'
import type { EventLog } from '../../src/runtime/ports.ts'
import { createTopics } from '../kafka-admin.ts'
import { type ReadRecord, readTopic, until } from '../pipeline/harness.ts'
import { type Writer, type WriterIds, writers } from '../poison/avro-writers.ts'
import { configurationText } from '../poison/pipeline-under-poison.ts'
import type { PoisonRecord } from '../poison/poison-record.ts'
import type { SentRecord } from '../poison/verdict.ts'
import { silentLog } from '../silent-log.ts'
import type { Addresses } from './pipeline.ts'
import { type ShoalProcess, startShoal } from './shoal-process.ts'

export interface Payments {
  readonly topics: { readonly input: string; readonly assignments: string; readonly deadLetters: string }
  /** All that was sent, in order. */
  readonly sent: readonly SentRecord[]
  readonly name: string
  /** Its configuration file. */
  readonly file: string
  readonly log: EventLog
  readonly configuration: Configuration
  /** With as many partitions as the input has. */
  createTopic(topic: string, configs: Readonly<Record<string, string>>): Promise<void>
  /** Appends the events, one partition after the other in turn. */
  send(events: readonly PoisonRecord[]): Promise<void>
  /** Appends one event, without headers, in a batch that a foreign client has compressed. */
  sendCompressed(event: PoisonRecord): Promise<void>
  start(workers?: number, environment?: Readonly<Record<string, string>>): Promise<ShoalProcess>
  /** Waits until every event that was sent has its outcome. */
  done(process: ShoalProcess): Promise<void>
  /** All committed records of a topic. */
  read(topic: string): Promise<ReadRecord[]>
  discard(): Promise<void>
}

const partitions = 2
/** Room for values that the service refuses. */
const maxMessageBytes = 12 * 1024 * 1024
/** Events of one request, when all are small. */
const requestEvents = 200

/**
 * `access` is the `kafka` of the configuration, as YAML, where the service connects otherwise than the foreign client;
 * `stores` are its lines for registry and Redis, where they are others.
 */
export async function newPayments(
  { kafka, registry, redis }: Addresses,
  format: 'avro' | 'json',
  access = `brokers: [${kafka}]`,
  stores: readonly string[] = [`registry: { url: '${registry}' }`, `redis: { url: '${redis}' }`],
): Promise<Payments> {
  const name = `payments-${randomUUID().slice(0, 8)}`
  const folder = mkdtempSync(join(tmpdir(), 'shoal-payments-'))
  const file = join(folder, 'shoal.yaml')
  const brokers = kafka.split(',')
  const servers = [`kafka: { ${access} }`, ...stores]
  writeFileSync(file, configurationText(name, format, servers))
  const configuration = loadConfiguration({ path: file, env: {} })
  const { assignments, deadLetters } = configuration.topics
  const topics = { input: configuration.input.topic, assignments, deadLetters }
  const client = new Kafka({ clientId: name, brokers, logLevel: logLevel.NOTHING })
  const [admin, producer] = [client.admin(), client.producer()]
  await Promise.all([admin.connect(), producer.connect()])
  const configEntries = [
    { name: 'max.message.bytes', value: String(maxMessageBytes) },
    // Kafka 4 takes nothing from more than an hour ahead unless it is told to.
    { name: 'message.timestamp.after.max.ms', value: String(2n ** 63n - 1n) },
  ]
  await createTopics(admin, [{ topic: topics.input, numPartitions: partitions, configEntries }])
  const log = openKafka(configuration, `${name}-reader`, silentLog)
  // Not a date of long ago: the broker's retention goes by it, in the input and in the outputs.
  const startedMs = Date.now() - 3_600_000
  const sent: SentRecord[] = []
  const started: ShoalProcess[] = []
  return {
    name,
    file,
    log,
    configuration,
    async createTopic(topic, configs) {
      const entries = Object.entries(configs).map(([of, value]) => ({ name: of, value }))
      await createTopics(admin, [{ topic, numPartitions: partitions, configEntries: entries }])
    },
    topics,
    sent,
    async send(events) {
      const placed = events.map((event, i): SentRecord => {
        const place = sent.length + i
        const [partition, offset] = [place % partitions, Math.floor(place / partitions)]
        return { ...event, partition, offset, timestamp: event.timestamp ?? startedMs + place }
      })
      for (const request of requestsOf(placed)) {
        await log.publish((outputs) => {
          for (const { partition, key, value, headers, timestamp } of request) {
            outputs.append({ topic: topics.input, partition, key, value, headers, timestamp })
          }
        })
      }
      sent.push(...placed)
    },
    async sendCompressed(event) {
      const [partition, offset] = [sent.length % partitions, Math.floor(sent.length / partitions)]
      const timestamp = startedMs + sent.length
      const { key, value } = event
      const messages = [{ key, value, partition, timestamp: String(timestamp) }]
      await producer.send({ topic: topics.input, compression: CompressionTypes.GZIP, messages })
      sent.push({ ...event, partition, offset, timestamp })
    },
    async start(workers = 1, environment = {}) {
      const running = await startShoal(name, file, workers, { environment })
      started.push(running)
      return running
    },
    async done(running) {
      const outcomes = async () => {
        const valid = await running.metric('shoal_events_total').catch(() => 0)
        return valid + (await running.metric('shoal_dead_letters_total').catch(() => 0))
      }
      const all = async () => (await outcomes()) === sent.length
      await until(all, () => `the outcome of ${sent.length} events. It has said: ${running.said()}`, 60_000)
      // A commit is acknowledged before its markers are written, and only then can readers see it.
      for (const topic of [topics.assignments, topics.deadLetters]) {
        const ends = new Map((await admin.fetchTopicOffsets(topic)).map((p) => [p.partition, Number(p.high)]))
        const visible = async (partition: number) =>
          (await log.bounds({ topic, partition })).end >= (ends.get(partition) ?? 0)
        for (const partition of ends.keys()) {
          await until(
            () => visible(partition),
            () => `partition ${partition} of ${topic} up to ${ends.get(partition)}`,
          )
        }
      }
    },
    read: (topic) => readTopic(log, topic),
    async discard() {
      for (const running of started) running.signal('SIGKILL')
      await Promise.all([admin.disconnect(), producer.disconnect(), log.close()])
      rmSync(folder, { recursive: true })
    },
  }
}

/** In order, large events alone: one request's events of a partition are one batch, which the broker bounds. */
function requestsOf(events: readonly SentRecord[]): SentRecord[][] {
  const requests: SentRecord[][] = [[]]
  for (const event of events) {
    const isLarge = (event.value?.length ?? 0) > 1_000_000
    const last = requests[requests.length - 1]
    if (isLarge) requests.push([event], [])
    else if (last.length < requestEvents) last.push(event)
    else requests.push([event])
  }
  return requests.filter((request) => request.length > 0)
}

/** Registers every writer's schema, and one that is not Avro, under subjects of its own. */
export async function registerWriters(registry: string): Promise<WriterIds> {
  const run = randomUUID().slice(0, 8)
  const names = Object.keys(writers) as Writer[]
  const register = async (name: string, schema: unknown, schemaType: string): Promise<readonly [string, number]> => {
    const response = await fetch(`${registry}/subjects/${run}-${name}/versions`, {
      method: 'POST',
      headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
      body: JSON.stringify({ schema: JSON.stringify(schema), schemaType }),
    })
    if (!response.ok) throw new Error(`${registry} must take ${name}: ${response.status} ${await response.text()}`)
    return [name, ((await response.json()) as { id: number }).id]
  }
  const ids = await Promise.all([
    ...names.map((name) => register(name, writers[name], 'AVRO')),
    register('json', { $schema: 'http://json-schema.org/draft-07/schema#', type: 'object' }, 'JSON'),
  ])
  return Object.fromEntries(ids) as WriterIds
}
