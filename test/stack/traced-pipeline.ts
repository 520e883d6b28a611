/** Shoal at work on events whose producers trace, and all that it told of that: spans by OTLP, lines of its log. */
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Kafka, logLevel, type Message } from 'kafkajs'
import { Random } from '../../src/core/kmeans/random.ts'
import { createTopics, withAdmin } from '../kafka-admin.ts'
import { until } from '../pipeline/harness.ts'
import { type Addresses, serversYaml } from './servers-yaml.ts'
import { startShoal } from './shoal-process.ts'
import type { SpanReceiver, ToldSpan } from './span-receiver.ts'

/** As producers and callers write them. */
export const producers = ['a', 'b', 'c'].map((digit) => ({ traceId: digit.repeat(32), spanId: digit.repeat(16) }))
export const caller = { traceId: 'd'.repeat(32), spanId: 'd'.repeat(16) }

export const events = 1500
const deadlineMs = 60_000

export interface Told {
  readonly name: string
  readonly input: string
  /** Of the process that traces all that it does. */
  readonly spans: readonly ToldSpan[]
  /** Of the one that does as its callers do. */
  readonly sampled: readonly ToldSpan[]
  readonly lines: readonly Readonly<Record<string, unknown>>[]
}

/**
 * One process that does all the work and is asked for its status by a caller who traces; then another that is asked so while
 * it would trace nothing of its own. `environment`: where spans go.
 */
export async function tracedPipeline(
  addresses: Addresses,
  receiver: SpanReceiver,
  environment: Readonly<Record<string, string>>,
): Promise<Told> {
  const { kafka } = addresses
  const name = `traces-${randomUUID().slice(0, 8)}`
  const input = `${name}-in`
  const folder = mkdtempSync(join(tmpdir(), 'shoal-traces-'))
  const config = join(folder, 'shoal.yaml')
  const features = `[{ field: x, transform: none }, { field: y, transform: none }]`
  writeFileSync(
    config,
    `name: ${name}
input: { topic: ${input}, format: json, time: null }
features: ${features}
clusters: { k: 3 }
bootstrap: { minEvents: 200 }
models: { publishEveryMs: 100 }
worker: { maxEventsPerTransaction: 500 }
${serversYaml(addresses)}`,
  )
  const started: { signal(name: NodeJS.Signals): void }[] = []
  const start = async (as: string, more: Readonly<Record<string, string>>) => {
    const running = await startShoal(`${name}-${as}`, config, 1, { environment: { ...environment, ...more } })
    started.push(running)
    return running
  }
  try {
    await withAdmin(kafka, (admin) => createTopics(admin, [{ topic: input, numPartitions: 2 }]))
    await produce(kafka, input)
    const all = await start('all', {})
    await until(
      async () =>
        (await all.metric('shoal_events_total')) === events &&
        (await all.metric('shoal_updates_folded_total')) ===
          (await all.metric('shoal_transactions_total', 'stage="score"', 'outcome="committed"')) &&
        (await all.metric('shoal_snapshot_version')) > 1,
      () => `all events, learned from, and a snapshot. It has said: ${all.said()}`,
      deadlineMs,
    )
    await askedBy(caller, `${all.url}/v1/status`)
    all.signal('SIGTERM')
    const { stderr } = await all.ended
    const ratio = { OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0' }
    const some = await start('some', { OTEL_SERVICE_NAME: 'fraud', ...ratio })
    await until(
      async () => (await some.health()).startsWith('ready'),
      () => `that it is ready. It has said: ${some.said()}`,
      deadlineMs,
    )
    await askedBy(caller, `${some.url}/v1/status`)
    some.signal('SIGTERM')
    await some.ended
    const of = (service: string) => receiver.spans.filter(({ resource }) => resource['service.name'] === service)
    // A collector passes on a moment later than it has taken.
    await until(
      () => [of('shoal'), of('fraud')].every((spans) => spans.some(({ traceId }) => traceId === caller.traceId)),
      () => `the spans of the caller's trace among ${receiver.spans.map((span) => span.name).join(', ')}`,
      deadlineMs,
    )
    const lines = stderr.split('\n').filter((line) => line.startsWith('{'))
    return { name, input, spans: of('shoal'), sampled: of('fraud'), lines: lines.map((line) => JSON.parse(line)) }
  } finally {
    for (const each of started) each.signal('SIGKILL')
    await withAdmin(kafka, async (admin) => {
      const ours = (await admin.listTopics()).filter((topic) => topic.startsWith(name))
      await admin.deleteTopics({ topics: ours })
    })
    rmSync(folder, { recursive: true })
  }
}

const traceparentOf = ({ traceId, spanId }: typeof caller) => `00-${traceId}-${spanId}-01`

async function askedBy(who: typeof caller, url: string): Promise<void> {
  const answer = await fetch(url, { headers: { traceparent: traceparentOf(who) } })
  await answer.text()
}

/** The last tenth of the events are of producers that trace, each of its own. */
async function produce(kafka: string, topic: string): Promise<void> {
  const random = new Random(7)
  const messages = Array.from({ length: events }, (_, i): Message => {
    const value = JSON.stringify({ id: `e${i}`, x: 5 * (i % 3) + random.gaussian(), y: random.gaussian() })
    const headers =
      i < 0.9 * events ? {} : { 'content-type': 'json', traceparent: traceparentOf(producers[i % producers.length]) }
    return { value, partition: i % 2, headers }
  })
  const producer = new Kafka({ brokers: kafka.split(','), logLevel: logLevel.NOTHING }).producer()
  await producer.connect()
  try {
    await producer.send({ topic, messages })
  } finally {
    await producer.disconnect()
  }
}
