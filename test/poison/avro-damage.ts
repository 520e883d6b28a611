/** Avro events that are not what their schema says: cut, longer, with lengths and counts that lie, under the wrong id. */
import { framed } from '../../src/stages/wire-format.ts'
import { type AvroParts, avroBody, branch, double, sized, text, varint, written } from './avro-events.ts'
import type { Writer, WriterIds } from './avro-writers.ts'
import { deepest, maxEventBytes } from './pipeline-under-poison.ts'
import { type Outcome, type PoisonRecord, poison } from './poison-record.ts'

const many = 200_000_000
const end = varint(0)
const none = Buffer.alloc(0)
const tags = (...parts: readonly Buffer[]): AvroParts => ({ tags: Buffer.concat(parts) })
/** So many zero bytes that go on, and a last one. */
const overlong = (bytes: number, last: number) => Buffer.from([...new Array(bytes - 1).fill(0x80), last])
/** A record inside itself, `depth` deep. */
const chain = (depth: number): AvroParts => ({ tags: Buffer.concat([...new Array(depth).fill(varint(1)), varint(0)]) })

const bodies: readonly (readonly [string, Writer, AvroParts, Outcome])[] = [
  ['a block of 200 million texts', 'payment', tags(varint(many), end), 'malformed'],
  ['a block of 200 million nulls', 'tagsNull', tags(varint(many), end), 'assigned'],
  ['a block of 2^62 nulls', 'tagsNull', tags(varint(2n ** 62n), end), 'assigned'],
  ['a block of -2^63 nulls', 'tagsNull', tags(varint(-(2n ** 63n)), varint(0), end), 'assigned'],
  ['a block of -5 nulls of a byte', 'tagsNull', tags(varint(-5), varint(1), Buffer.of(0), end), 'malformed'],
  ['a block of 200 million kilobytes', 'tagsFixed', tags(varint(many), end), 'malformed'],
  ['a block of one kilobyte that is not there', 'tagsFixed', tags(varint(1), Buffer.alloc(1023)), 'malformed'],
  ['a block of 2^63 - 1 texts', 'payment', tags(varint(2n ** 63n - 1n), end), 'malformed'],
  ['a block of -2^63 texts', 'payment', tags(varint(-(2n ** 63n)), varint(0), end), 'malformed'],
  ['a sized block that is right', 'payment', tags(varint(-1), varint(2), text('a'), end), 'assigned'],
  ['a sized block of less than its texts', 'payment', tags(varint(-3), varint(2), text('a'), end), 'malformed'],
  ['a sized block beyond the end', 'payment', tags(varint(-1), varint(1000), text('a'), end), 'malformed'],
  ['a sized block of a negative size', 'payment', tags(varint(-1), varint(-2), text('a'), end), 'malformed'],
  ['a sized block of 2^62 bytes', 'payment', tags(varint(-1), varint(2n ** 62n), text('a'), end), 'malformed'],
  ['blocks that do not end', 'payment', tags(varint(1), text('a')), 'malformed'],
  [
    '10,000 blocks of one text',
    'payment',
    tags(...new Array(10_000).fill(Buffer.concat([varint(1), text('')])), end),
    'assigned',
  ],
  ['a map of 200 million', 'tagsMap', tags(varint(many), end), 'malformed'],
  ['a map whose key is longer than all', 'tagsMap', tags(varint(1), varint(many), end), 'malformed'],
  ['a map with the same key twice', 'tagsMap', tags(varint(2), text('k'), end, text('k'), end, end), 'assigned'],
  ['a text without bytes to hold it', 'payment', tags(varint(1), varint(many)), 'malformed'],
  ['a text of a negative length', 'payment', { country: varint(-1) }, 'malformed'],
  ['a text of the least length', 'payment', { country: varint(-(2n ** 63n)) }, 'malformed'],
  ['a text of 2^62 bytes', 'payment', { country: varint(2n ** 62n) }, 'malformed'],
  ['a text of one byte more than is left', 'payment', tags(varint(1), varint(2), Buffer.of(0x61)), 'malformed'],
  ['a union’s branch behind the last', 'payment', { balance: branch(2) }, 'malformed'],
  ['a negative branch of a union', 'payment', { balance: branch(-1) }, 'malformed'],
  ['a union’s branch of 2^31', 'payment', { balance: varint(2 ** 31) }, 'malformed'],
  ['a union’s branch of 2^40', 'payment', { risk: varint(2 ** 40) }, 'malformed'],
  ['a symbol behind the last', 'payment', { channel: varint(3) }, 'malformed'],
  ['a negative symbol', 'payment', { channel: varint(-1) }, 'malformed'],
  ['a boolean of 2', 'payment', { online: Buffer.of(2) }, 'malformed'],
  ['a boolean of 255', 'payment', { online: Buffer.of(255) }, 'malformed'],
  ['an int in five bytes too large for it', 'amountInt', { amount: overlong(5, 0x10) }, 'malformed'],
  ['an int in six bytes', 'amountInt', { amount: overlong(6, 0) }, 'malformed'],
  ['a zero int in five bytes', 'amountInt', { amount: overlong(5, 0) }, 'assigned'],
  ['an int that goes on to the end', 'amountInt', { amount: Buffer.alloc(40, 0x80) }, 'malformed'],
  ['a zero long in ten bytes', 'payment', { at: overlong(10, 0) }, 'assigned'],
  ['a long in ten bytes too large for it', 'payment', { at: overlong(10, 2) }, 'malformed'],
  ['a long in eleven bytes', 'payment', { at: overlong(11, 0) }, 'malformed'],
  ['a long that goes on for 1,000 bytes', 'payment', { at: Buffer.alloc(1000, 0xff) }, 'malformed'],
  ['a length in ten bytes', 'payment', { country: Buffer.concat([overlong(10, 0)]) }, 'assigned'],
  ['records as deep as values may be', 'chained', chain(deepest - 1), 'assigned'],
  ['records one deeper than values may be', 'chained', chain(deepest), 'too_deep'],
  ['100,000 records in one another', 'chained', chain(100_000), 'too_deep'],
  ['100,000 records in one another that do not end', 'chained', tags(Buffer.alloc(100_000, 2)), 'too_deep'],
]

export function avroDamage(ids: WriterIds): PoisonRecord[] {
  const good = written(ids, 'payment')
  const body = avroBody()
  const values: readonly (readonly [string, Buffer | null, Outcome])[] = [
    ['a tombstone', null, 'tombstone'],
    ['no bytes', none, 'empty_value'],
    ['the magic byte alone', good.subarray(0, 1), 'not_wire_format'],
    ['half a header', good.subarray(0, 4), 'not_wire_format'],
    ['a header alone', good.subarray(0, 5), 'malformed'],
    ['an event cut in its id', good.subarray(0, 6), 'malformed'],
    ['an event cut in its amount', good.subarray(0, 10), 'malformed'],
    ['an event without its last byte', good.subarray(0, -1), 'malformed'],
    ['an event and a byte', Buffer.concat([good, Buffer.of(0)]), 'malformed'],
    ['two events', Buffer.concat([good, good]), 'malformed'],
    ['an event and a megabyte', Buffer.concat([good, Buffer.alloc(1_000_000)]), 'malformed'],
    ['an event with the magic byte 1', Buffer.concat([Buffer.of(1), good.subarray(1)]), 'not_wire_format'],
    ['an event with the magic byte 255', Buffer.concat([Buffer.of(255), good.subarray(1)]), 'not_wire_format'],
    ['an event without a header', body, 'not_wire_format'],
    ['JSON', Buffer.from('{"id":"x"}'), 'not_wire_format'],
    ['an Avro file', Buffer.from('Obj\x01'), 'not_wire_format'],
    ['an event of a schema that nobody registered', framed(2_000_000_000, body), 'unknown_schema'],
    ['an event of the largest schema id', framed(2 ** 31 - 1, body), 'unknown_schema'],
    ['an event of a negative schema id', framed(-1, body), 'unknown_schema'],
    ['an event of the least schema id', framed(-(2 ** 31), body), 'unknown_schema'],
    ['an event of a schema that is not Avro', framed(ids.json, body), 'unsupported_schema'],
    ['an event of a schema that is a text', framed(ids.aText, text('x')), 'unsupported_schema'],
    ['an event of a schema that is an array', framed(ids.anArray, varint(0)), 'unsupported_schema'],
    ['an event of a schema that is a map', framed(ids.aMap, varint(0)), 'unsupported_schema'],
    ['an event of a schema that is an enum', framed(ids.anEnum, varint(0)), 'unsupported_schema'],
    ['an event of a schema without fields', framed(ids.noFields, none), 'missing_field'],
    ['a byte of a schema without fields', framed(ids.noFields, Buffer.of(0)), 'malformed'],
    ['an event of a schema that begins otherwise', framed(ids.amountFirst, body), 'malformed'],
    ['an event of a schema with other fields', framed(ids.amountFirst, double(1)), 'missing_field'],
    ['an event of a schema with more fields', framed(ids.extraFields, body), 'malformed'],
    ['an event of a schema with fewer fields', framed(ids.withoutDevice, body), 'malformed'],
    ['the event of a union', framed(ids.inUnion, Buffer.concat([varint(1), body])), 'assigned'],
    ['the null of a union', framed(ids.inUnion, varint(0)), 'missing_field'],
    ['nothing of a union', framed(ids.inUnion, varint(2)), 'malformed'],
    ['a byte less than an event may have', ofBytes(ids, maxEventBytes - 1), 'assigned'],
    ['as many bytes as an event may have', ofBytes(ids, maxEventBytes), 'assigned'],
    ['a byte more than an event may have', ofBytes(ids, maxEventBytes + 1), 'too_large'],
    ['10 MB', ofBytes(ids, 10 * 1024 * 1024), 'too_large'],
  ]
  return [
    ...values.map(([name, value, outcome]) => poison(`value is ${name}`, outcome, value)),
    ...bodies.map(([name, writer, parts, outcome]) => poison(`it has ${name}`, outcome, written(ids, writer, parts))),
  ]
}

/** An event of exactly so many bytes, by one long tag. */
function ofBytes(ids: WriterIds, bytes: number): Buffer {
  const tagged = (length: number) => written(ids, 'payment', tags(varint(1), sized(Buffer.alloc(length, 0x78)), end))
  // The length of a tag takes as many bytes in both.
  const shorter = bytes - 200
  return tagged(shorter + bytes - tagged(shorter).length)
}
