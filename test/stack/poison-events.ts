/** Events that no producer should send, with the reason that each must be given, among good ones. */
import avsc, { type Schema } from 'avsc'
import type { InvalidReason } from '../../src/core/invalid.ts'
import { Random } from '../../src/core/random.ts'
import { writeWireHeader } from '../../src/stages/assignment.ts'

export interface TestEvent {
  readonly what: string
  readonly value: Buffer | null
  /** Null: it is valid. */
  readonly reason: InvalidReason | null
}

const tenMegabytes = 10 * 1024 * 1024
const arrayItems = 200_000_000
const depth = 10_000

const record = (fields: readonly (readonly [string, Schema])[]): Schema => ({
  type: 'record',
  name: 'Payment',
  fields: fields.map(([name, type]) => ({ name, type })),
})
const texts: Schema = { type: 'array', items: 'string' }
const payment = (tags: Schema, amount: Schema) =>
  record([
    ['id', 'string'],
    ['tags', tags],
    ['amount', amount],
    ['country', 'string'],
  ])

/** What is registered: the schema that producers should write, and those of mistaken ones. */
export const writers = {
  payment: payment(texts, 'double'),
  amountIsNullable: payment(texts, ['null', 'double']),
  amountIsText: payment(texts, 'string'),
  tagsAreNulls: payment({ type: 'array', items: 'null' }, 'double'),
  withoutAmount: record([['id', 'string']]),
} as const satisfies Readonly<Record<string, Schema>>

export type Writer = keyof typeof writers
/** Id in the registry of each, and of a JSON schema. */
export type WriterIds = Readonly<Record<Writer | 'json', number>>

export function goodAvro(ids: WriterIds, n: number, seed: number): TestEvent[] {
  const random = new Random(seed)
  return Array.from({ length: n }, (_, i) => {
    const value = { id: `good-${seed}-${i}`, tags: ['a', 'b'], amount: 100 + random.gaussian(), country: 'NO' }
    return { what: value.id, value: written(ids, 'payment', value), reason: null }
  })
}

export function goodJson(n: number, seed: number): TestEvent[] {
  const random = new Random(seed)
  return Array.from({ length: n }, (_, i) => {
    const id = `good-${seed}-${i}`
    const text = JSON.stringify({ id, tags: ['a', 'b'], amount: 100 + random.gaussian(), country: 'NO' })
    return { what: id, value: Buffer.from(text), reason: null }
  })
}

export function poisonedAvro(ids: WriterIds): TestEvent[] {
  const usual = { id: 'x', tags: ['a'], amount: 1, country: 'NO' }
  const good = written(ids, 'payment', usual)
  const { id, amount, country } = usual
  return [
    { what: 'cut short', value: good.subarray(0, -2), reason: 'malformed' },
    { what: 'bytes behind its end', value: Buffer.concat([good, good]), reason: 'malformed' },
    { what: 'a block of 200 million texts', value: withTagCount(ids, 'payment', arrayItems), reason: 'malformed' },
    { what: 'a block of 200 million nulls', value: withTagCount(ids, 'tagsAreNulls', arrayItems), reason: null },
    { what: 'a text without bytes to hold it', value: withTagLength(ids, arrayItems), reason: 'malformed' },
    { what: 'a schema that nobody registered', value: under(2_000_000_000, good), reason: 'unknown_schema' },
    { what: 'a schema that is not Avro', value: under(ids.json, good), reason: 'unsupported_schema' },
    { what: 'no header', value: Buffer.from('{"id":"x"}'), reason: 'not_wire_format' },
    { what: 'NaN', value: written(ids, 'payment', { ...usual, amount: Number.NaN }), reason: 'not_finite' },
    { what: 'infinity', value: written(ids, 'payment', { ...usual, amount: -1 / 0 }), reason: 'not_finite' },
    { what: 'a null', value: written(ids, 'amountIsNullable', { ...usual, amount: null }), reason: 'missing_field' },
    { what: 'no such field', value: written(ids, 'withoutAmount', { id }), reason: 'missing_field' },
    { what: 'a text', value: written(ids, 'amountIsText', { ...usual, amount: '1' }), reason: 'wrong_type' },
    { what: 'no id', value: written(ids, 'payment', { ...usual, id: '' }), reason: 'out_of_range' },
    { what: 'no UTF-8', value: replaced(good, country, Buffer.of(0xc3, 0x28)), reason: 'invalid_utf8' },
    {
      what: '10 MB',
      value: written(ids, 'payment', { id, tags: ['x'.repeat(tenMegabytes)], amount, country }),
      reason: 'too_large',
    },
    { what: 'no bytes', value: Buffer.alloc(0), reason: 'empty_value' },
    { what: 'a tombstone', value: null, reason: 'tombstone' },
  ]
}

export function poisonedJson(): TestEvent[] {
  const good = '{"id":"x","tags":["a"],"amount":1,"country":"NO"}'
  const amount = (text: string) => Buffer.from(good.replace('"amount":1', `"amount":${text}`))
  return [
    { what: 'cut short', value: Buffer.from(good.slice(0, -2)), reason: 'malformed' },
    { what: 'text behind its end', value: Buffer.from(good + good), reason: 'malformed' },
    { what: 'no object', value: Buffer.from('[1]'), reason: 'malformed' },
    { what: '10,000 arrays in one another', value: amount(nested('[', ']')), reason: 'too_deep' },
    { what: '10,000 objects in one another', value: amount(nested('{"a":', '1}')), reason: 'too_deep' },
    { what: '10,000 arrays that do not end', value: amount('['.repeat(depth)), reason: 'too_deep' },
    { what: 'NaN', value: amount('NaN'), reason: 'malformed' },
    { what: '1e999', value: amount('1e999'), reason: 'not_finite' },
    { what: 'a null', value: amount('null'), reason: 'missing_field' },
    { what: 'no such field', value: Buffer.from('{"id":"x"}'), reason: 'missing_field' },
    { what: 'a text', value: amount('"1"'), reason: 'wrong_type' },
    { what: 'an object', value: amount('{}'), reason: 'wrong_type' },
    { what: 'no id', value: Buffer.from(good.replace('"x"', '""')), reason: 'out_of_range' },
    { what: 'no UTF-8', value: replaced(Buffer.from(good), 'NO', Buffer.of(0xc3, 0x28)), reason: 'invalid_utf8' },
    { what: 'half a surrogate pair', value: Buffer.from(good.replace('NO', '\\ud800')), reason: 'invalid_utf8' },
    { what: '10 MB', value: Buffer.from(good.replace('"a"', `"${'x'.repeat(tenMegabytes)}"`)), reason: 'too_large' },
    { what: 'no bytes', value: Buffer.alloc(0), reason: 'empty_value' },
    { what: 'a tombstone', value: null, reason: 'tombstone' },
  ]
}

/** One event of `poison` after every `every` of the others. */
export function mixed(good: readonly TestEvent[], poison: readonly TestEvent[], every: number): TestEvent[] {
  return good.flatMap((event, i) => {
    const next = (i + 1) % every === 0 ? poison[(i + 1) / every - 1] : undefined
    return next === undefined ? [event] : [event, next]
  })
}

function written(ids: WriterIds, writer: Writer, value: object): Buffer {
  return under(ids[writer], Buffer.concat([Buffer.alloc(5), avsc.Type.forSchema(writers[writer]).toBuffer(value)]))
}

/** The same value, with a header that names another schema. */
function under(schemaId: number, value: Buffer): Buffer {
  const copy = Buffer.from(value)
  writeWireHeader(copy, 0, schemaId)
  return copy
}

const long = avsc.Type.forSchema('long')
const text = avsc.Type.forSchema('string')
const number = avsc.Type.forSchema('double')

/** An event whose tags claim to be so many, and are none. */
function withTagCount(ids: WriterIds, writer: Writer, count: number): Buffer {
  const tags = Buffer.concat([long.toBuffer(count), long.toBuffer(0)])
  return claiming(ids[writer], tags)
}

/** An event whose one tag claims to be so long. */
function withTagLength(ids: WriterIds, bytes: number): Buffer {
  return claiming(ids.payment, Buffer.concat([long.toBuffer(1), long.toBuffer(bytes)]))
}

function claiming(schemaId: number, tags: Buffer): Buffer {
  const parts = [Buffer.alloc(5), text.toBuffer('tags'), tags, number.toBuffer(1), text.toBuffer('NO')]
  return under(schemaId, Buffer.concat(parts))
}

function replaced(value: Buffer, part: string, by: Buffer): Buffer {
  const at = value.indexOf(part)
  return Buffer.concat([value.subarray(0, at), by, value.subarray(at + part.length)])
}

function nested(open: string, close: string): string {
  return open.repeat(depth) + close.repeat(depth)
}
