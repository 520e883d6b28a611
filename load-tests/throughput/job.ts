/**
 * The job that throughput is measured by: card transactions of 12 fields in Avro, drawn from 16 groups and one in a hundred
 * odd, of which 8 columns are made for 16 clusters. It can be made larger: by measures, each a field and a column more, by
 * clusters, and by a note that nobody reads.
 */
import avsc from 'avsc'
import { Random } from '../../src/core/kmeans/random.ts'
import type { EventLog, SchemaRegistry } from '../../src/runtime/ports.ts'
import type { Header } from '../../src/stages/records.ts'
import { framed } from '../../src/stages/wire-format.ts'

const schema = {
  type: 'record',
  name: 'Transaction',
  fields: [
    { name: 'id', type: 'string' },
    { name: 'customer', type: 'string' },
    { name: 'merchant', type: 'string' },
    { name: 'amount', type: 'double' },
    { name: 'currency', type: 'string' },
    { name: 'country', type: 'string' },
    { name: 'category', type: 'int' },
    { name: 'channel', type: 'string' },
    { name: 'at', type: { type: 'long', logicalType: 'timestamp-millis' } },
    { name: 'latitude', type: 'double' },
    { name: 'longitude', type: 'double' },
    { name: 'risk', type: 'double' },
  ],
} as const

/** Eight columns: the hour is two of them. */
export const jobFeatures = [
  { field: 'amount', transform: 'log' },
  { field: 'at', transform: 'hourOfDay' },
  { field: 'latitude' },
  { field: 'longitude' },
  { field: 'risk' },
  { field: 'category' },
  { field: 'channel', transform: { oneHot: ['pos'] } },
]
export const jobClusters = 16

export interface JobSize {
  /** At least the usual 8. */
  readonly columns: number
  readonly clusters: number
  /** About so long is the Avro of an event; null, or less than it is anyway: no note is added. */
  readonly eventBytes: number | null
}
export const usualJob: JobSize = { columns: 8, clusters: jobClusters, eventBytes: null }

export function schemaOf(size: JobSize): string {
  return JSON.stringify(recordOf(size))
}

export function featuresOf(size: JobSize): readonly object[] {
  return [...jobFeatures, ...measuresOf(size).map((field) => ({ field }))]
}

function recordOf(size: JobSize) {
  const measures = measuresOf(size).map((name) => ({ name, type: 'double' }))
  const note = size.eventBytes === null ? [] : [{ name: 'note', type: 'string' }]
  return { ...schema, fields: [...schema.fields, ...measures, ...note] }
}

function measuresOf({ columns }: JobSize): readonly string[] {
  if (columns < usualJob.columns)
    throw new Error(`a job must have at least ${usualJob.columns} columns: got ${columns}`)
  return Array.from({ length: columns - usualJob.columns }, (_, i) => `measure${i}`)
}

const channels = ['pos', 'ecom', 'atm', 'app']
const currencies = ['EUR', 'USD', 'GBP', 'INR']
const countries = ['DE', 'US', 'GB', 'IN', 'FR']
const hourMs = 3_600_000
const firstMs = 1_760_000_000_000
const betweenMs = 7
const eventsAtOnce = 10_000

export interface JobEvent {
  readonly key: Buffer
  /** Avro, without a header. */
  readonly value: Buffer
  readonly timestampMs: number
}

/** The same events for the same seed and size, without an end. */
export function* jobEvents(seed: number, size: JobSize = usualJob): Generator<JobEvent, never> {
  const random = new Random(seed)
  const between = (from: number, to: number) => from + (to - from) * random.uniform()
  const type = avsc.Type.forSchema(recordOf(size) as unknown as avsc.Schema)
  const measures = measuresOf(size)
  let note = ''
  const groups = Array.from({ length: 16 }, () => ({
    amount: between(1, 7),
    hour: between(0, 24),
    latitude: between(-60, 60),
    longitude: between(-170, 170),
    risk: random.uniform(),
    category: Math.floor(between(3000, 8000)),
    channel: channels[random.below(channels.length)],
    measures: measures.map(() => random.gaussian()),
  }))
  for (let i = 0; ; i++) {
    const group = groups[random.below(groups.length)]
    const odd = random.uniform() < 0.01
    const customer = `c${number(random.below(1_000_000), 7)}`
    const timestampMs = firstMs + i * betweenMs
    const hour = (((group.hour + random.gaussian()) % 24) + 24) % 24
    const event = {
      id: `tx-${number(i, 12)}`,
      customer,
      merchant: `m${number(random.below(100_000), 6)}`,
      amount: Math.round(100 * Math.exp(group.amount + 0.5 * random.gaussian()) * (odd ? 50 : 1)) / 100,
      currency: currencies[i % currencies.length],
      country: countries[i % countries.length],
      category: group.category,
      channel: group.channel,
      at: timestampMs + Math.trunc(hour * hourMs),
      latitude: group.latitude + 2 * random.gaussian(),
      longitude: group.longitude + 2 * random.gaussian(),
      risk: Math.min(1, Math.max(0, group.risk + 0.1 * random.gaussian() + (odd ? 0.6 : 0))),
      ...Object.fromEntries(measures.map((name, m) => [name, group.measures[m] + 0.3 * random.gaussian()])),
      note,
    }
    // The first says how long they are without a note.
    if (i === 0) note = event.note = 'n'.repeat(Math.max(0, (size.eventBytes ?? 0) - type.toBuffer(event).length))
    yield { key: Buffer.from(customer), value: type.toBuffer(event), timestampMs }
  }
}

interface PublishedJob {
  readonly topic: string
  readonly partitions: number
  readonly events: number
  /** Each has the traceparent header of a trace of its own. */
  readonly areTraced?: boolean
  readonly size?: JobSize
}

/** Writes so many of the events to the partitions in turn, their schema registered; gives the schema's id. */
export async function publishJob(
  log: EventLog,
  registry: SchemaRegistry,
  { topic, partitions, events, areTraced = false, size = usualJob }: PublishedJob,
): Promise<number> {
  const id = await registry.register(`${topic}-value`, schemaOf(size))
  await log.prepare([{ topic, partitions, cleanup: 'delete', owner: 'shoal' }], true)
  const stream = jobEvents(1, size)
  for (let done = 0; done < events; done += eventsAtOnce) {
    await log.publish((outputs) => {
      for (let i = done; i < Math.min(events, done + eventsAtOnce); i++) {
        const { key, value, timestampMs } = stream.next().value
        const record = { topic, partition: i % partitions, key, value: framed(id, value), timestamp: timestampMs }
        outputs.append(areTraced ? { ...record, headers: [traceparentOf(i)] } : record)
      }
    })
  }
  return id
}

function traceparentOf(i: number): Header {
  return { name: 'traceparent', value: Buffer.from(`00-${number(i + 1, 32)}-${number(i + 1, 16)}-01`) }
}

function number(value: number, digits: number): string {
  return String(value).padStart(digits, '0')
}
