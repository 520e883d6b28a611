import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { memoryRegistry } from '../../../src/adapters/memory/registry.ts'
import { avroReader, avroWriter } from '../../../src/adapters/registry/avro-values.ts'
import type { SchemaRegistry } from '../../../src/runtime/ports.ts'

const schemaText = (name: string) =>
  readFileSync(join(import.meta.dirname, '..', '..', '..', 'schemas', `${name}.avsc`), 'utf8')
const assignmentText = schemaText('assignment')
const assignment = {
  eventId: 'tx-1',
  partition: 3,
  offset: Number.MAX_SAFE_INTEGER - 1,
  cluster: 7,
  distance: 0.1 + 0.2,
  score: 1 - Number.EPSILON,
  modelVersion: 12,
  fingerprint: Buffer.from('0123456789abcdef', 'hex'),
  remoteness: 2.5,
  warmUp: true,
}
const anomaly = {
  ...assignment,
  threshold: 0.99,
  rarity: 1e-9,
  secondCluster: null,
  secondDistance: 2.5,
  contributions: [
    { feature: 'amount', value: 999, expected: 12.5, share: 0.75, spread: 2.25 },
    { feature: 'country', value: 'KP', expected: 'DE', share: 0.25, spread: null },
    { feature: 'risk', value: null, expected: null, share: 0, spread: null },
  ],
}

let registry: SchemaRegistry
let assignmentId: number
beforeEach(async () => {
  registry = memoryRegistry()
  assignmentId = await registry.register('assignments-value', assignmentText)
})

test('a value starts with a zero byte and the id of its schema, big-endian', () => {
  const bytes = avroWriter(assignmentText, 0x01020304)(assignment)
  expect([...bytes.subarray(0, 5)]).toEqual([0, 1, 2, 3, 4])
})

test('what was written is what is read, bit for bit', async () => {
  const anomalyId = await registry.register('anomalies-value', schemaText('anomaly'))
  const [back] = await avroReader(
    schemaText('anomaly'),
    registry,
  )([avroWriter(schemaText('anomaly'), anomalyId)(anomaly)])
  // The reader's records have a class of their own: only what they hold is compared.
  expect({ ...(back as object) }).toEqual(anomaly)
})

test('values of several versions are read in order, as this version', async () => {
  const next = JSON.parse(assignmentText)
  next.fields.push({ name: 'later', type: 'string', default: 'none', doc: 'Added later.' })
  const nextText = JSON.stringify(next)
  const nextId = await registry.register('assignments-value', nextText)
  const old = avroWriter(assignmentText, assignmentId)
  const current = avroWriter(nextText, nextId)
  const read = avroReader<{ eventId: string; later: string }>(nextText, registry)
  const values = [old(assignment), current({ ...assignment, eventId: 'tx-2', later: 'now' }), old(assignment)]
  const back = await read(values)
  expect(back.map(({ eventId, later }) => [eventId, later])).toEqual([
    ['tx-1', 'none'],
    ['tx-2', 'now'],
    ['tx-1', 'none'],
  ])
})

test('a value of another schema, an unknown id, a cut value and one without the header are refused by name', async () => {
  const other = await registry.register('transactions-value', schemaText('transaction'))
  const good = avroWriter(assignmentText, assignmentId)(assignment)
  const read = avroReader(assignmentText, registry)
  const foreign = Buffer.from(good)
  foreign.writeInt32BE(other, 1)
  const unknown = Buffer.from(good)
  unknown.writeInt32BE(999, 1)
  const bad = [foreign, unknown, good.subarray(0, 20), Buffer.concat([good, good]), good.subarray(5), Buffer.alloc(0)]
  for (const value of bad) await expect(read([value])).rejects.toMatchObject({ code: 'record.unreadable' })
})

test('a long beyond the safe integers is refused rather than rounded', async () => {
  const bytes = avroWriter(
    '{"type":"record","name":"L","fields":[{"name":"a","type":"bytes"}]}',
    assignmentId,
  )({
    a: Buffer.alloc(0),
  })
  const long = '{"type":"record","name":"L","fields":[{"name":"a","type":"long"}]}'
  const id = await registry.register('longs-value', long)
  const tooLarge = Buffer.concat([bytes.subarray(0, 5), Buffer.from('fffffffffffffffffe01', 'hex')])
  tooLarge.writeInt32BE(id, 1)
  await expect(avroReader(long, registry)([tooLarge])).rejects.toMatchObject({ code: 'record.unreadable' })
})
