import avsc from 'avsc'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { AvroReader } from '../../../src/core/codec/avro-reader.ts'
import { AvroWriter } from '../../../src/core/codec/avro-writer.ts'

const symbols = ['spring', 'summer', 'autumn'] as const

const type = avsc.Type.forSchema({
  type: 'record',
  name: 'All',
  fields: [
    { name: 'flag', type: 'boolean' },
    { name: 'int', type: 'int' },
    { name: 'long', type: 'long' },
    { name: 'float', type: 'float' },
    { name: 'double', type: 'double' },
    { name: 'text', type: 'string' },
    { name: 'bytes', type: 'bytes' },
    { name: 'fixed', type: { type: 'fixed', name: 'Four', size: 4 } },
    { name: 'symbol', type: { type: 'enum', name: 'Season', symbols: [...symbols] } },
    { name: 'maybe', type: ['null', 'long'] },
    { name: 'oneAtMost', type: { type: 'array', items: 'string' } },
    { name: 'texts', type: { type: 'array', items: 'string' } },
    { name: 'longs', type: { type: 'array', items: 'long' } },
    { name: 'doubles', type: { type: 'array', items: 'double' } },
    { name: 'floats', type: { type: 'array', items: 'float' } },
  ],
})

const values = fc.record({
  flag: fc.boolean(),
  int: fc.integer(),
  // avsc itself refuses longs near 2^53; varlong.test.ts covers those.
  long: fc.integer({ min: -(2 ** 52), max: 2 ** 52 }),
  float: fc.float({ noNaN: true }),
  double: fc.double({ noNaN: true }),
  text: fc.string({ unit: 'grapheme' }),
  bytes: fc.uint8Array(),
  fixed: fc.uint8Array({ minLength: 4, maxLength: 4 }),
  symbol: fc.constantFrom(...symbols),
  maybe: fc.option(fc.integer()),
  oneAtMost: fc.option(fc.string({ unit: 'grapheme' })),
  texts: fc.array(fc.string({ unit: 'grapheme' })),
  longs: fc.array(fc.integer({ min: -(2 ** 52), max: 2 ** 52 })),
  doubles: fc.array(fc.double({ noNaN: true })),
  floats: fc.array(fc.float({ noNaN: true })),
})
type Written = typeof values extends fc.Arbitrary<infer V> ? V : never
type Value = Omit<Written, 'bytes' | 'fixed'> & { bytes: Uint8Array; fixed: Uint8Array }

function write(value: Value): Uint8Array {
  const writer = new AvroWriter(1)
  writer.boolean(value.flag)
  writer.int(value.int)
  writer.long(value.long)
  writer.float(value.float)
  writer.double(value.double)
  writer.string(value.text)
  writer.bytes(value.bytes)
  writer.fixed(value.fixed)
  writer.symbol(symbols, value.symbol)
  writer.orNull(value.maybe, (to, long) => to.long(long))
  writer.noneOrOne(value.oneAtMost, (to, text) => to.string(text))
  writer.array(value.texts, (to, text) => to.string(text))
  writer.longs(Float64Array.from(value.longs))
  writer.doubles(Float64Array.from(value.doubles))
  writer.floats(Float32Array.from(value.floats))
  return writer.written()
}

function read(reader: AvroReader): Value {
  return {
    flag: reader.boolean(),
    int: reader.int(),
    long: reader.long(),
    float: reader.float(),
    double: reader.double(),
    text: reader.string(),
    bytes: reader.bytes(),
    fixed: reader.fixed(4),
    symbol: reader.symbol(symbols),
    maybe: reader.orNull((from) => from.long()),
    oneAtMost: reader.noneOrOne(1, (from) => from.string()),
    texts: reader.array(1, (from) => from.string()),
    longs: Array.from(reader.longs()),
    doubles: Array.from(reader.doubles()),
    floats: Array.from(reader.floats()),
  }
}

function encoded(value: Value): Buffer {
  return type.toBuffer({
    ...value,
    bytes: Buffer.from(value.bytes),
    fixed: Buffer.from(value.fixed),
    oneAtMost: value.oneAtMost === null ? [] : [value.oneAtMost],
  })
}

describe('AvroWriter and AvroReader', () => {
  test('what is written is what avsc writes, and is read back as it was', () => {
    fc.assert(
      fc.property(values, (value) => {
        const bytes = write(value)
        expect(Buffer.from(bytes).equals(encoded(value))).toBe(true)
        const reader = new AvroReader(bytes)
        expect(read(reader)).toEqual(value)
        expect(reader.complete).toBe(true)
      }),
    )
  })

  test('no proper prefix of a value is complete, and none throws', () => {
    fc.assert(
      fc.property(values, (value) => {
        const bytes = encoded(value)
        for (let end = 0; end < bytes.length; end++) {
          const reader = new AvroReader(bytes, 0, end)
          read(reader)
          expect(reader.failed).toBe(true)
        }
      }),
      { numRuns: 30 },
    )
  })

  test('random bytes never throw and never give more than they hold', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const value = read(new AvroReader(bytes))
        const { texts, longs, doubles, floats } = value
        const least = texts.length + longs.length + doubles.length * 8 + floats.length * 4
        expect(least).toBeLessThanOrEqual(bytes.length)
      }),
    )
  })

  test('an array written in several blocks, with and without sizes, is read as one', () => {
    const item = (n: number) => Array.from(new Uint8Array(Float64Array.of(n).buffer))
    const bytes = Uint8Array.of(2, ...item(1), 3, 32, ...item(2), ...item(3), 0)
    expect(Array.from(new AvroReader(bytes).doubles(3))).toEqual([1, 2, 3])
    const reader = new AvroReader(bytes)
    reader.doubles(2)
    expect(reader.failed).toBe(true)
  })

  test('a subarray of a larger buffer is read in place', () => {
    const bytes = new Uint8Array(40).subarray(13)
    new DataView(bytes.buffer, 13).setFloat64(0, 2.5, true)
    expect(new AvroReader(bytes, 0, 8).double()).toBe(2.5)
  })

  test.each([
    ['a text that is not UTF-8', (reader: AvroReader) => reader.string(), [2, 0xff]],
    ['a long of eleven bytes', (reader: AvroReader) => reader.long(), [...new Array(10).fill(0x80), 1]],
    ['a long beyond 2^53', (reader: AvroReader) => reader.long(), [255, 255, 255, 255, 255, 255, 255, 127]],
    ['a long of -2^53', (reader: AvroReader) => reader.long(), [255, 255, 255, 255, 255, 255, 255, 31]],
    ['a long padded to nine bytes', (reader: AvroReader) => reader.long(), [...new Array(8).fill(0x80), 0]],
    ['an int beyond 32 bits', (reader: AvroReader) => reader.int(), [128, 128, 128, 128, 32]],
    ['a length below zero', (reader: AvroReader) => reader.bytes(), [1]],
    ['a boolean of 2', (reader: AvroReader) => reader.boolean(), [2]],
    ['a branch that the union does not have', (reader: AvroReader) => reader.union(2), [4]],
    ['a symbol beyond the last', (reader: AvroReader) => reader.symbol(symbols), [6]],
    ['a symbol before the first', (reader: AvroReader) => reader.symbol(symbols), [1]],
    ['null or a value, and neither', (reader: AvroReader) => reader.orNull((from) => from.long()), [4]],
    ['200 million items in no bytes', (reader: AvroReader) => reader.arrayBlock(1), [128, 136, 222, 190, 1]],
  ])('%s fails, and the reader stays failed', (_, attempt, bytes) => {
    const reader = new AvroReader(Uint8Array.from(bytes))
    attempt(reader)
    expect(reader.failed).toBe(true)
    expect(reader.double()).toBe(0)
    expect(reader.complete).toBe(false)
  })

  test('a number that Avro cannot hold is refused by the writer', () => {
    expect(() => new AvroWriter().long(2 ** 53)).toThrow('safe integer: got 9007199254740992')
    expect(() => new AvroWriter().int(2 ** 31)).toThrow('32-bit integer: got 2147483648')
  })
})
