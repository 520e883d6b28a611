/** Avro events that are what their schema says, of values and types that a feature may not have. */
import { type AvroParts, branch, double, float, sized, text, varint, written } from './avro-events.ts'
import type { AvroField, Writer, WriterIds } from './avro-writers.ts'
import { longestId } from './pipeline-under-poison.ts'
import { type Outcome, type PoisonRecord, poison } from './poison-record.ts'
import { timeNumbers, timeTexts } from './times.ts'

const none = Buffer.alloc(0)
const largestLong = 2n ** 63n - 1n
const leastLong = -(2n ** 63n)

const numbers: readonly (readonly [string, number, Outcome])[] = [
  ['NaN', Number.NaN, 'not_finite'],
  ['infinity', Number.POSITIVE_INFINITY, 'not_finite'],
  ['-infinity', Number.NEGATIVE_INFINITY, 'not_finite'],
  ['-0', -0, 'assigned'],
  ['the least subnormal', 5e-324, 'assigned'],
  ['-1e308', -1e308, 'assigned'],
  ['the largest finite number', Number.MAX_VALUE, 'assigned'],
]
const numericFields: readonly (readonly [string, AvroField, (value: number) => Buffer])[] = [
  ['amount', 'amount', double],
  ['risk', 'risk', (value) => branch(1, double(value))],
  ['device.score', 'device', (value) => branch(1, double(value))],
]
const floats: readonly (readonly [string, Buffer, Outcome])[] = [
  ['NaN', float(Number.NaN), 'not_finite'],
  ['NaN with a payload', Buffer.of(1, 2, 0xa3, 0xff), 'not_finite'],
  ['infinity', float(Number.POSITIVE_INFINITY), 'not_finite'],
  ['-infinity', float(Number.NEGATIVE_INFINITY), 'not_finite'],
  ['-0', float(-0), 'assigned'],
  ['the least subnormal', Buffer.of(1, 0, 0, 0), 'assigned'],
  ['the largest finite number', Buffer.of(0xff, 0xff, 0x7f, 0x7f), 'assigned'],
]

/** By another writer's schema: its name, the field, the bytes of it. */
const typed: readonly (readonly [string, Writer, AvroParts, Outcome])[] = [
  ['amount is the least int', 'amountInt', { amount: varint(-(2 ** 31)) }, 'assigned'],
  ['amount is the largest int', 'amountInt', { amount: varint(2 ** 31 - 1) }, 'assigned'],
  ['amount is the largest long', 'amountLong', { amount: varint(largestLong) }, 'assigned'],
  ['amount is the least long', 'amountLong', { amount: varint(leastLong) }, 'assigned'],
  ['amount is a NaN of float', 'amountFloat', { amount: float(Number.NaN) }, 'not_finite'],
  ['amount is the null of a union', 'amountNullable', { amount: branch(0) }, 'missing_field'],
  ['amount is the NaN of a union', 'amountNullable', { amount: branch(1, double(Number.NaN)) }, 'not_finite'],
  ['amount is of the type null', 'amountNull', { amount: none }, 'missing_field'],
  ['amount is a text', 'amountText', { amount: text('12.5') }, 'wrong_type'],
  ['amount is a boolean', 'amountBoolean', { amount: Buffer.of(1) }, 'wrong_type'],
  ['amount is bytes', 'amountBytes', { amount: sized(Buffer.of(1, 2)) }, 'wrong_type'],
  ['amount is an array', 'amountArray', { amount: Buffer.concat([varint(1), double(1), varint(0)]) }, 'wrong_type'],
  ['amount is a map', 'amountMap', { amount: varint(0) }, 'wrong_type'],
  ['amount is a record', 'amountRecord', { amount: double(1) }, 'wrong_type'],
  ['amount is a symbol', 'amountEnum', { amount: varint(0) }, 'wrong_type'],
  ['amount is the text of a union of many', 'amountOfMany', { amount: branch(1, text('x')) }, 'wrong_type'],
  ['amount is the boolean of a union of many', 'amountOfMany', { amount: branch(2, Buffer.of(0)) }, 'wrong_type'],
  ['amount is the int of a union of many', 'amountOfMany', { amount: branch(3, varint(7)) }, 'assigned'],
  ['amount is a decimal', 'amountDecimal', { amount: sized(Buffer.of(0xff, 0x85)) }, 'assigned'],
  ['amount is a decimal without bytes', 'amountDecimal', { amount: sized(none) }, 'malformed'],
  ['amount is a decimal of 100 bytes', 'amountDecimal', { amount: sized(Buffer.alloc(100, 0x7f)) }, 'assigned'],
  ['amount is a decimal of 10,000 bytes', 'amountDecimal', { amount: sized(Buffer.alloc(10_000, 0x7f)) }, 'not_finite'],
  [
    'amount is a decimal of 10,000 bytes of -1',
    'amountDecimal',
    { amount: sized(Buffer.alloc(10_000, 0xff)) },
    'assigned',
  ],
  [
    'amount is a decimal of 400 digits behind the point',
    'amountPrecise',
    { amount: sized(Buffer.alloc(200, 0x7f)) },
    'not_finite',
  ],
  ['amount is a decimal over what no double holds', 'amountPrecise', { amount: sized(Buffer.of(1)) }, 'assigned'],
  ['amount is a fixed decimal', 'amountFixed', { amount: Buffer.alloc(16, 0x80) }, 'assigned'],
  ['amount has another name, and its old one as alias', 'aliased', {}, 'assigned'],
  ['amount is no field', 'withoutAmount', { amount: none }, 'missing_field'],
  ['id is no field', 'withoutId', { id: none }, 'missing_field'],
  ['id is the largest long', 'idLong', { id: varint(largestLong) }, 'assigned'],
  ['id is the least long', 'idLong', { id: varint(leastLong) }, 'assigned'],
  ['id is -0', 'idDouble', { id: double(-0) }, 'assigned'],
  ['id is NaN', 'idDouble', { id: double(Number.NaN) }, 'not_finite'],
  ['id is bytes', 'idBytes', { id: sized(Buffer.from('x')) }, 'wrong_type'],
  ['at is no field', 'withoutAt', { at: none }, 'missing_field'],
  ['at is NaN', 'atDouble', { at: double(Number.NaN) }, 'not_finite'],
  ['at is 1e308', 'atDouble', { at: double(1e308) }, 'out_of_range'],
  ['at is half a millisecond', 'atDouble', { at: double(0.5) }, 'assigned'],
  ['at is a boolean', 'atBoolean', { at: Buffer.of(0) }, 'wrong_type'],
  ['at is the largest date', 'atDate', { at: varint(2 ** 31 - 1) }, 'out_of_range'],
  ['at is the least date', 'atDate', { at: varint(-(2 ** 31)) }, 'out_of_range'],
  ['at is the last day of the year 9999', 'atDate', { at: varint(2_932_896) }, 'assigned'],
  ['at is the first day of the year 10000', 'atDate', { at: varint(2_932_897) }, 'out_of_range'],
  ['at is the largest long of microseconds', 'atMicros', { at: varint(largestLong) }, 'out_of_range'],
  ['at is the largest long of nanoseconds', 'atNanos', { at: varint(largestLong) }, 'assigned'],
  ['at is the least long of nanoseconds', 'atNanos', { at: varint(leastLong) }, 'assigned'],
  ['at is the largest long', 'atNumber', { at: varint(largestLong) }, 'out_of_range'],
  ['channel is a text that was never declared', 'channelText', { channel: text('pigeon') }, 'assigned'],
  ['channel is 100 kB of text', 'channelText', { channel: text('c'.repeat(100_000)) }, 'assigned'],
  ['online is an int', 'onlineInt', { online: varint(-7) }, 'assigned'],
  ['online is a text', 'onlineText', { online: text('true') }, 'wrong_type'],
  ['device is a text', 'deviceText', { device: text('phone') }, 'wrong_type'],
  ['device is no field', 'withoutDevice', { device: none }, 'assigned'],
  ['fields are more than anybody wants', 'extraFields', {}, 'assigned'],
]

const texts: readonly (readonly [string, AvroParts, Outcome])[] = [
  ['id is an empty text', { id: text('') }, 'out_of_range'],
  ['id is as long as an id may be', { id: text('i'.repeat(longestId)) }, 'assigned'],
  ['id is a byte longer than an id may be', { id: text('i'.repeat(longestId + 1)) }, 'out_of_range'],
  ['id is short in letters, but too long in bytes', { id: text('é'.repeat(longestId / 2 + 1)) }, 'out_of_range'],
  ['id is a megabyte long', { id: text('i'.repeat(1_000_000)) }, 'out_of_range'],
  ['id is a byte order mark', { id: text('\ufeff') }, 'assigned'],
  ['id is a NUL', { id: text('\0') }, 'assigned'],
  ['id is a bomb', { id: text('💣') }, 'assigned'],
  ['country is an empty text', { country: text('') }, 'assigned'],
  ['country is a NUL', { country: text('\0') }, 'assigned'],
  ['country is 100 kB of text', { country: text('é'.repeat(50_000)) }, 'assigned'],
  ['country is a lone surrogate', { country: sized(Buffer.of(0xed, 0xa0, 0x80)) }, 'invalid_utf8'],
  ['country is a continuation alone', { country: sized(Buffer.of(0x80)) }, 'invalid_utf8'],
  ['country is an overlong NUL', { country: sized(Buffer.of(0xc0, 0x80)) }, 'invalid_utf8'],
  ['country is a character cut in two', { country: sized(Buffer.of(0x4e, 0xe2, 0x82)) }, 'invalid_utf8'],
  ['country is a code point beyond the last', { country: sized(Buffer.of(0xf4, 0x90, 0x80, 0x80)) }, 'invalid_utf8'],
  ['country is Latin-1', { country: sized(Buffer.of(0x4e, 0xd8)) }, 'invalid_utf8'],
  ['id is no UTF-8', { id: sized(Buffer.of(0xff)) }, 'invalid_utf8'],
  [
    'a tag is no UTF-8, which nobody looks at',
    { tags: Buffer.concat([varint(1), sized(Buffer.of(0xff)), varint(0)]) },
    'assigned',
  ],
  ['channel is a symbol that was never declared', { channel: varint(2) }, 'assigned'],
  ['device is null', { device: branch(0) }, 'assigned'],
  ['balance, risk and seen are null', { balance: branch(0), risk: branch(0), seen: branch(0) }, 'assigned'],
]

export function avroValues(ids: WriterIds): PoisonRecord[] {
  return [
    ...numericFields.flatMap(([name, field, bytes]) =>
      numbers.map(([what, value, outcome]) =>
        poison(`${name} is ${what}`, outcome, written(ids, 'payment', { [field]: bytes(value) })),
      ),
    ),
    ...floats.map(([what, bytes, outcome]) =>
      poison(`balance is ${what}`, outcome, written(ids, 'payment', { balance: branch(1, bytes) })),
    ),
    ...timeNumbers.flatMap(([what, ms, outcome]) => [
      poison(`at is ${what}`, outcome, written(ids, 'payment', { at: varint(ms) })),
      poison(`seen is ${what}`, outcome, written(ids, 'payment', { seen: branch(1, varint(ms)) })),
    ]),
    ...timeTexts.map(([what, outcome]) =>
      poison(`at is ${JSON.stringify(what)}`, outcome, written(ids, 'atText', { at: text(what) })),
    ),
    ...typed.map(([name, writer, parts, outcome]) =>
      poison(
        name,
        outcome,
        written(ids, writer, parts, writer === 'extraFields' ? Buffer.concat([sized(none), varint(0)]) : none),
      ),
    ),
    ...texts.map(([name, parts, outcome]) => poison(name, outcome, written(ids, 'payment', parts))),
  ]
}
