/**
 * How long the projection takes per event, beside avsc's decoding of the same bytes into objects, and JSON.
 * In one process, taking turns, so that what else the machine does falls on all alike.
 * Run: node load-tests/projection.ts [rounds]
 */
import avsc from 'avsc'
import { avroProjection } from '../src/core/avro/avro-projection.ts'
import { type EventBytes, FieldColumns, type FieldSpec, type Projection } from '../src/core/fields/fields.ts'
import { jsonProjection } from '../src/core/fields/json-projection.ts'
import { inTurns } from './turns.ts'

const events = 20_000
const rounds = Number(process.argv[2] ?? 30)
const maxEventBytes = 1_000_000

const schema = {
  type: 'record',
  name: 'Transaction',
  fields: [
    { name: 'id', type: 'string' },
    { name: 'customer', type: 'string' },
    { name: 'merchant', type: 'string' },
    { name: 'category', type: 'string' },
    { name: 'amount', type: 'double' },
    { name: 'currency', type: 'string' },
    { name: 'country', type: 'string' },
    { name: 'channel', type: { type: 'enum', name: 'Channel', symbols: ['chip', 'online', 'contactless', 'atm'] } },
    { name: 'occurredAt', type: { type: 'long', logicalType: 'timestamp-millis' } },
    { name: 'latitude', type: ['null', 'double'] },
    { name: 'longitude', type: ['null', 'double'] },
    { name: 'deviceRisk', type: ['null', 'double'] },
  ],
} as const

function transaction(i: number) {
  const nullable = (value: number) => (i % 10 === 0 ? null : value)
  return {
    id: `tx-${String(i).padStart(9, '0')}`,
    customer: `customer-${i % 5000}`,
    merchant: `merchant-${i % 700}`,
    category: ['grocery', 'fuel', 'travel', 'electronics'][i % 4],
    amount: (i % 1000) + 0.99,
    currency: 'EUR',
    country: ['DE', 'FR', 'GB'][i % 3],
    channel: ['chip', 'online', 'contactless', 'atm'][i % 4],
    occurredAt: 1_750_000_000_000 + i * 250,
    latitude: nullable(48.1 + (i % 100) / 50),
    longitude: nullable(11.5 + (i % 100) / 50),
    deviceRisk: nullable((i % 100) / 100),
  }
}

function batchOf(values: readonly Uint8Array[]): EventBytes {
  const bytes = new Uint8Array(values.reduce((size, value) => size + value.length, 0))
  const valueLength = Int32Array.from(values, (value) => value.length)
  const valueStart = new Int32Array(values.length)
  for (let i = 0, at = 0; i < values.length; at += values[i++].length) {
    valueStart[i] = at
    bytes.set(values[i], at)
  }
  return { bytes, view: new DataView(bytes.buffer), valueStart, valueLength }
}

const fields: FieldSpec[] = schema.fields.map(({ name }) => ({
  path: name,
  required: name === 'id',
  accepts: ['number', 'boolean', 'text'],
}))
const type = avsc.Type.forSchema(schema as unknown as avsc.Schema)
const objects = Array.from({ length: events }, (_, i) => transaction(i))
const bodies = objects.map((object) => type.toBuffer(object))
const framed = batchOf(bodies.map((body) => Buffer.concat([Buffer.from([0, 0, 0, 0, 1]), body])))
const json = batchOf(objects.map((object) => Buffer.from(JSON.stringify(object))))
const columns = new FieldColumns(events, fields.length)

/** Keeps the work from being optimised away. */
let sum = 0

function projecting(projection: Projection, batch: EventBytes): () => void {
  projection.resolve(1, { type: 'AVRO', text: JSON.stringify(schema), references: [] })
  projection.project(batch, 0, events, columns)
  if (columns.reason.some((reason) => reason !== 0)) throw new Error('Every event of the measurement must be valid')
  return () => {
    sum += projection.unresolved(batch, 0, events).length
    projection.project(batch, 0, events, columns)
  }
}

const contenders: Record<string, () => void> = {
  'projection, all 12 fields': projecting(avroProjection(fields, { framing: 'registry', maxEventBytes }), framed),
  'projection, 3 of 12': projecting(
    avroProjection(
      fields.filter((field) => ['id', 'amount', 'occurredAt'].includes(field.path)),
      { framing: 'registry', maxEventBytes },
    ),
    framed,
  ),
  'avsc fromBuffer': () => {
    for (const body of bodies) sum += type.fromBuffer(body).amount
  },
  'JSON projection': projecting(jsonProjection(fields, { maxEventBytes }), json),
  'JSON.parse alone': () => {
    for (let i = 0; i < events; i++) {
      const start = json.valueStart[i]
      sum += JSON.parse(Buffer.from(json.bytes.buffer, start, json.valueLength[i]).toString('utf8')).amount
    }
  },
}

const taken = await inTurns(contenders, rounds)
const nanoseconds = new Map([...taken].map(([name, ms]) => [name, ms.map((each) => (each * 1e6) / events)]))

const quantile = (sorted: readonly number[], q: number) => sorted[Math.floor(q * (sorted.length - 1))]
const base = quantile(
  nanoseconds.get('avsc fromBuffer')!.toSorted((a, b) => a - b),
  0.5,
)
console.log(
  `${framed.bytes.length / events} bytes of Avro, ${json.bytes.length / events} of JSON an event; ${rounds} rounds of ${events}`,
)
for (const [name, times] of nanoseconds) {
  const sorted = times.toSorted((a, b) => a - b)
  const [p10, p50, p90] = [0.1, 0.5, 0.9].map((q) => quantile(sorted, q))
  console.log(
    `${name.padEnd(28)} ${p50.toFixed(0).padStart(6)} ns/event (${p10.toFixed(0)} … ${p90.toFixed(0)}), ${(base / p50).toFixed(2)} × avsc's speed`,
  )
}
if (!Number.isFinite(sum)) throw new Error('The decoded amounts must be numbers')
