import avsc from 'avsc'
import { describe, expect, test } from 'vitest'
import { avroProjection } from '../../../src/core/avro/avro-projection.ts'
import { AvroWriter } from '../../../src/core/codec/avro-writer.ts'
import { FieldColumns, type FieldSpec } from '../../../src/core/fields/fields.ts'
import { eventsOf, framed, type Outcome, outcomeOf, projected, wanted } from '../fields/projecting.ts'

const maxEventBytes = 1_000_000

function record(fields: Record<string, unknown>): string {
  return JSON.stringify({
    type: 'record',
    name: 'Event',
    fields: Object.entries(fields).map(([name, type]) => ({ name, type })),
  })
}

/** Bytes of values of `schema`, read as the bare values they are. */
function read(schema: string, fields: readonly FieldSpec[], ...values: (Uint8Array | null)[]): Outcome[] {
  return projected(avroProjection(fields, { framing: 'bare', schema, maxEventBytes }), fields, eventsOf(values))
}

/** The bytes that `write` writes. */
function bytes(write: (writer: AvroWriter) => void): Uint8Array {
  const writer = new AvroWriter()
  write(writer)
  return writer.written().slice()
}

const x = [wanted('x!')]

describe('avroProjection: values', () => {
  test.each<[string, unknown, (writer: AvroWriter) => void, Outcome]>([
    ['an int', 'int', (w) => w.int(-5), [-5]],
    ['the least int', 'int', (w) => w.int(-(2 ** 31)), [-(2 ** 31)]],
    ['the greatest int', 'int', (w) => w.int(2 ** 31 - 1), [2 ** 31 - 1]],
    ['a long', 'long', (w) => w.long(-(2 ** 50)), [-(2 ** 50)]],
    ['the greatest long', 'long', (w) => w.fixed(Uint8Array.of(254, ...new Array(8).fill(255), 1)), [2 ** 63]],
    ['the least long', 'long', (w) => w.fixed(Uint8Array.of(...new Array(9).fill(255), 1)), [-(2 ** 63)]],
    ['a float', 'float', (w) => w.float(0.5), [0.5]],
    ['a double', 'double', (w) => w.double(1e-300), [1e-300]],
    ['a boolean', 'boolean', (w) => w.boolean(true), [true]],
    ['a text', 'string', (w) => w.string('交易'), ['交易']],
    ['an empty text', 'string', (w) => w.string(''), ['']],
    ['a uuid', { type: 'string', logicalType: 'uuid' }, (w) => w.string('u'), ['u']],
    ['an enum', { type: 'enum', name: 'E', symbols: ['A', 'Bé'] }, (w) => w.int(1), ['Bé']],
    ['a date', { type: 'int', logicalType: 'date' }, (w) => w.int(-1), [-86_400_000]],
    ['milliseconds', { type: 'long', logicalType: 'timestamp-millis' }, (w) => w.long(1.7e12), [1.7e12]],
    ['microseconds', { type: 'long', logicalType: 'timestamp-micros' }, (w) => w.long(1500), [1.5]],
    ['nanoseconds', { type: 'long', logicalType: 'timestamp-nanos' }, (w) => w.long(2_500_000), [2.5]],
    [
      'a decimal',
      { type: 'bytes', logicalType: 'decimal', precision: 6, scale: 2 },
      (w) => w.bytes(Uint8Array.of(1, 0)),
      [2.56],
    ],
    [
      'a decimal below 0',
      { type: 'bytes', logicalType: 'decimal', precision: 6, scale: 1 },
      (w) => w.bytes(Uint8Array.of(255, 0)),
      [-25.6],
    ],
    [
      'a decimal of no bytes',
      { type: 'bytes', logicalType: 'decimal', precision: 6 },
      (w) => w.bytes(new Uint8Array(0)),
      'malformed',
    ],
    [
      'a decimal beyond doubles',
      { type: 'bytes', logicalType: 'decimal', precision: 6 },
      (w) => w.bytes(new Uint8Array(200).fill(99)),
      'not_finite',
    ],
    [
      'a fixed decimal',
      { type: 'fixed', name: 'F', size: 2, logicalType: 'decimal', precision: 4, scale: 3 },
      (w) => w.fixed(Uint8Array.of(3, 232)),
      [1],
    ],
    ['bytes', 'bytes', (w) => w.bytes(Uint8Array.of(1)), 'wrong_type'],
    ['a fixed', { type: 'fixed', name: 'F', size: 1 }, (w) => w.fixed(Uint8Array.of(1)), 'wrong_type'],
    ['an array', { type: 'array', items: 'int' }, (w) => w.arrayEnd(), 'wrong_type'],
    ['a record', { type: 'record', name: 'R', fields: [] }, () => {}, 'wrong_type'],
    ['null', 'null', () => {}, 'missing_field'],
    ['null in a union', ['null', 'int'], (w) => w.union(0), 'missing_field'],
    ['a union of several', ['int', 'string', 'null'], (w) => w.fixed(Uint8Array.of(2, 2, 115)), ['s']],
  ])('%s', (_, type, write, outcome) => {
    // What comes before and after must not disturb, and a value without bytes is no event.
    const schema = record({ before: 'string', x: type, after: 'int' })
    const value = bytes((writer) => {
      writer.string('before')
      write(writer)
      writer.int(7)
    })
    expect(read(schema, x, value)).toEqual([outcome])
  })

  test.each<[FieldSpec['accepts'][number], readonly Outcome[]]>([
    ['number', [[1], 'wrong_type', 'wrong_type']],
    ['boolean', ['wrong_type', [true], 'wrong_type']],
    ['text', ['wrong_type', 'wrong_type', ['1']]],
  ])('a union is decided per event: only %s is accepted', (accepted, outcomes) => {
    const type = avsc.Type.forSchema(JSON.parse(record({ x: ['int', 'boolean', 'string'] })), { wrapUnions: true })
    const values = [{ int: 1 }, { boolean: true }, { string: '1' }].map((value) => type.toBuffer({ x: value }))
    expect(read(record({ x: ['int', 'boolean', 'string'] }), [wanted('x', [accepted])], ...values)).toEqual(outcomes)
  })

  test('a path goes through records, nullable and not, and recursive ones', () => {
    const schema = JSON.stringify({
      type: 'record',
      name: 'Node',
      fields: [
        { name: 'value', type: 'int' },
        { name: 'next', type: ['null', 'string', 'Node'] },
      ],
    })
    const fields = [wanted('value'), wanted('next.value'), wanted('next.next.value'), wanted('next.nowhere')]
    const write = (w: AvroWriter, ...values: number[]) =>
      values.forEach((value, i) => {
        w.int(value)
        w.union(i + 1 < values.length ? 2 : 0)
      })
    const barred = bytes((w) => {
      w.int(1)
      w.union(1)
      w.string('no record')
    })
    const values = [[1], [1, 2], [1, 2, 3, 4]].map((list) => bytes((w) => write(w, ...list)))
    expect(read(schema, fields, ...values, barred)).toEqual([
      [1, undefined, undefined, undefined],
      [1, 2, undefined, undefined],
      [1, 2, 3, undefined],
      'wrong_type',
    ])
    const chain = (length: number) => bytes((w) => write(w, ...new Array(length).fill(0)))
    expect(read(schema, [], chain(64), chain(65), chain(10_000))).toEqual([[], 'too_deep', 'too_deep'])
  })

  test('the same value may be wanted more than once, and as a whole besides a part of it', () => {
    const schema = record({ a: ['string', { type: 'record', name: 'R', fields: [{ name: 'b', type: 'int' }] }] })
    const text = Uint8Array.of(0, 2, 116)
    const nested = Uint8Array.of(2, 6)
    expect(read(schema, [wanted('a'), wanted('a')], text)).toEqual([['t', 't']])
    expect(read(schema, [wanted('a.b'), wanted('a.b')], nested)).toEqual([[3, 3]])
    expect(read(schema, [wanted('a'), wanted('a.b')], nested)).toEqual(['wrong_type'])
  })

  test('a long that doubles round is its digits where it must be exact, and only there', () => {
    const schema = record({ id: ['int', 'long', { type: 'long', logicalType: 'timestamp-micros' }] })
    const long = avsc.types.LongType.__with({
      fromBuffer: (buffer: Buffer) => buffer.readBigInt64LE(),
      toBuffer: (value: bigint) => {
        const buffer = Buffer.alloc(8)
        buffer.writeBigInt64LE(value)
        return buffer
      },
      fromJSON: BigInt,
      toJSON: Number,
      isValid: (value: unknown) => typeof value === 'bigint',
      compare: (a: bigint, b: bigint) => Number(a - b),
    })
    const written = (value: bigint) => Buffer.concat([Buffer.of(2), long.toBuffer(value)])
    const exact = [{ ...wanted('id'), exact: true }]
    const big = [2n ** 53n - 1n, -(2n ** 53n) + 1n, 2n ** 53n, 1541815603606036480n, 2n ** 63n - 1n, -(2n ** 63n)]
    expect(read(schema, exact, ...big.map(written))).toEqual([
      [2 ** 53 - 1],
      [1 - 2 ** 53],
      ...big.slice(2).map((value) => [String(value)]),
    ])
    expect(read(schema, [wanted('id')], written(2n ** 53n + 1n))).toEqual([[2 ** 53]])
    expect(read(schema, exact, written(2n ** 63n - 1n).subarray(0, 9))).toEqual(['malformed'])
  })

  test('the same record is read for what is wanted where it lies', () => {
    const point = { type: 'record', name: 'Point', fields: ['x', 'y'].map((name) => ({ name, type: 'int' })) }
    const fields = [wanted('from.y'), wanted('to.x')]
    expect(read(record({ from: point, to: 'Point' }), fields, Uint8Array.of(2, 4, 6, 8))).toEqual([[2, 3]])
    const next = (type: unknown) => ['x', 'next'].map((name) => ({ name, type: name === 'x' ? 'int' : type }))
    const inner = { type: 'record', name: 'Inner', fields: next(['null', 'Inner']) }
    const union = JSON.stringify([inner, { type: 'record', name: 'Outer', fields: next('Inner') }])
    const values = [Uint8Array.of(0, 2, 2, 4, 0), Uint8Array.of(2, 6, 8, 0)]
    expect(read(union, [wanted('next.x')], ...values)).toEqual([[2], [4]])
  })

  test('a field is found by its name, else by an alias', () => {
    const schema = JSON.stringify({
      type: 'record',
      name: 'Event',
      fields: [
        { name: 'total', aliases: ['amount', 'x'], type: 'int' },
        { name: 'x', type: 'int' },
      ],
    })
    expect(read(schema, [wanted('amount'), wanted('x'), wanted('total')], Uint8Array.of(2, 4))).toEqual([[1, 2, 1]])
  })

  test('a field that the writer does not have is missing', () => {
    expect(read(record({ y: 'int' }), x, Uint8Array.of(2))).toEqual(['missing_field'])
    expect(read(record({ y: 'int' }), [wanted('x')], Uint8Array.of(2))).toEqual([[undefined]])
  })

  test('a symbol takes room in the arena once for all events', () => {
    const schema = record({ x: { type: 'enum', name: 'E', symbols: ['s'.repeat(10_000), 'other'] } })
    const events = eventsOf(Array.from({ length: 1000 }, (_, i) => Uint8Array.of((i % 2) * 2)))
    const projection = avroProjection(x, { framing: 'bare', schema, maxEventBytes })
    const columns = new FieldColumns(1000, 1)
    projection.project(events, 0, 1000, columns)
    projection.project(events, 500, 1000, columns)
    expect(columns.arenaUsed).toBe(10_005)
    expect(outcomeOf(columns, 1, events)).toEqual(['other'])
    expect(outcomeOf(columns, 498, events)).toEqual(['s'.repeat(10_000)])
  })
})

describe('avroProjection: bytes that are not what the schema says', () => {
  const long = (n: number) => bytes((w) => w.long(n))
  const array = (items: unknown) => record({ unwanted: { type: 'array', items } })
  const empty = { type: 'record', name: 'Empty', fields: [{ name: 'n', type: 'null' }] }

  test.each<[string, string, Uint8Array, Outcome]>([
    ['an int of six bytes', record({ x: 'int' }), Uint8Array.of(128, 128, 128, 128, 128, 0), 'malformed'],
    ['an int of 33 bits', record({ x: 'int' }), Uint8Array.of(128, 128, 128, 128, 16), 'malformed'],
    ['a long of eleven bytes', record({ x: 'long' }), Uint8Array.of(...new Array(10).fill(128), 0), 'malformed'],
    ['a long of 65 bits', record({ x: 'long' }), Uint8Array.of(...new Array(9).fill(128), 2), 'malformed'],
    [
      'an unwanted long of eleven bytes',
      record({ y: 'long' }),
      Uint8Array.of(...new Array(10).fill(128), 0),
      'malformed',
    ],
    ['a boolean of 2', record({ x: 'boolean' }), Uint8Array.of(2), 'malformed'],
    ['an unwanted boolean of 2', record({ y: 'boolean' }), Uint8Array.of(2), 'malformed'],
    ['a text longer than the event', record({ x: 'string' }), Uint8Array.of(4, 65), 'malformed'],
    ['a text of -1 bytes', record({ x: 'string' }), Uint8Array.of(1), 'malformed'],
    ['a text of 2^62 bytes', record({ x: 'string' }), Uint8Array.of(...new Array(8).fill(128), 128, 1), 'malformed'],
    ['a text that is not UTF-8', record({ x: 'string' }), Uint8Array.of(4, 0xc3, 0x28), 'invalid_utf8'],
    ['an unwanted text that is not UTF-8', record({ y: 'string' }), Uint8Array.of(4, 0xc3, 0x28), [undefined]],
    ['a double cut short where the batch ends', record({ x: 'double' }), new Uint8Array(7), 'malformed'],
    ['a float cut short where the batch ends', record({ x: 'float' }), new Uint8Array(3), 'malformed'],
    ['NaN', record({ x: 'double' }), bytes((w) => w.double(Number.NaN)), 'not_finite'],
    ['infinity', record({ x: 'double' }), bytes((w) => w.double(Number.POSITIVE_INFINITY)), 'not_finite'],
    ['a float of -infinity', record({ x: 'float' }), bytes((w) => w.float(Number.NEGATIVE_INFINITY)), 'not_finite'],
    ['an unwanted NaN', record({ y: 'double' }), bytes((w) => w.double(Number.NaN)), [undefined]],
    [
      'a symbol that the enum does not have',
      record({ x: { type: 'enum', name: 'E', symbols: ['A'] } }),
      Uint8Array.of(2),
      'malformed',
    ],
    ['an unwanted one', record({ y: { type: 'enum', name: 'E', symbols: ['A'] } }), Uint8Array.of(2), 'malformed'],
    ['a branch that the union does not have', record({ x: ['null', 'int'] }), Uint8Array.of(4, 2), 'malformed'],
    ['a branch of -1', record({ x: ['null', 'int'] }), Uint8Array.of(1, 2), 'malformed'],
    ['a byte too many', record({ x: 'int' }), Uint8Array.of(2, 0), 'malformed'],
    ['200 million texts', array('string'), long(200_000_000), 'malformed'],
    ['200 million nulls', array('null'), Uint8Array.of(...long(200_000_000), 0), [undefined]],
    ['2^63 nulls, with a size of 0', array('null'), Uint8Array.of(...new Array(9).fill(255), 1, 0, 0), [undefined]],
    ['200 million empty records', array(empty), Uint8Array.of(...long(200_000_000), 0), [undefined]],
    ['200 million nulls without an end', array('null'), long(200_000_000), 'malformed'],
    ['200 million entries of null', record({ y: { type: 'map', values: 'null' } }), long(200_000_000), 'malformed'],
    ['a sized block', array('int'), Uint8Array.of(3, 4, 2, 2, 0), [undefined]],
    ['a sized block without room for its items', array('int'), Uint8Array.of(3, 2, 2, 0), 'malformed'],
    ['a sized block beyond the end', array('int'), Uint8Array.of(3, 100, 2, 2, 0), 'malformed'],
    ['a sized block of -1 bytes', array('int'), Uint8Array.of(3, 1, 2, 2, 0), 'malformed'],
    [
      'a sized block of entries of null',
      record({ y: { type: 'map', values: 'null' } }),
      Uint8Array.of(3, 4, 0, 0, 0),
      [undefined],
    ],
    ['nulls in a sized block that has bytes', array('null'), Uint8Array.of(3, 2, 0, 0), 'malformed'],
  ])('%s', (_, schema, value, outcome) => {
    expect(read(schema, [wanted('x')], value)).toEqual([outcome])
  })

  test('items without bytes cost nothing, however many fields they have', () => {
    const fields = Array.from({ length: 9000 }, (_, i) => ({ name: `n${i}`, type: 'null' }))
    const item = { type: 'record', name: 'Item', fields: [...fields, { name: 'b', type: 'boolean' }] }
    const value = bytes((w) => {
      w.arrayBegin(900_000)
      w.fixed(new Uint8Array(900_000))
      w.arrayEnd()
    })
    expect(read(array(item), [], value)).toEqual([[]])
  })

  test('a record that directly contains itself has no value', () => {
    const endless = { type: 'record', name: 'Endless', fields: [{ name: 'again', type: 'Endless' }] }
    expect(read(array(endless), [], Uint8Array.of(2, 0), Uint8Array.of(0))).toEqual(['malformed', []])
    expect(read(record({ y: endless }), [], Uint8Array.of(0))).toEqual(['too_deep'])
  })

  test('ten thousand records, one in the other, are read without a deep stack', () => {
    const link = (i: number) => ({
      type: 'record',
      name: `L${i}`,
      fields: [{ name: 'x', type: i < 3000 ? `L${i + 1}` : 'int' }],
    })
    const projection = avroProjection(x, { framing: 'registry', maxEventBytes })
    const references = Array.from({ length: 3000 }, (_, i) => ({ text: JSON.stringify(link(i + 1)) }))
    const text = record({ x: 'int', unwanted: { type: 'array', items: 'L1' } })
    projection.resolve(1, { type: 'AVRO', text, references })
    const values = [Uint8Array.of(2, 0), Uint8Array.of(2, 2, 0, 0)].map((value) => framed(1, value))
    expect(projected(projection, x, eventsOf(values))).toEqual([[1], 'too_deep'])
  })
})

describe('avroProjection: framing', () => {
  const schema = (field: string) => ({ type: 'AVRO', text: record({ [field]: 'int' }), references: [] })
  const one = Uint8Array.of(2)

  test('each event is read by the schema that it names', () => {
    const projection = avroProjection(x, { framing: 'registry', maxEventBytes })
    const events = eventsOf([framed(1, one), framed(2, one), framed(1, one), framed(3, one), framed(4, one)])
    expect(projection.unresolved(events, 0, 5)).toEqual([1, 2, 3, 4])
    expect(projection.unresolved(events, 2, 4)).toEqual([1, 3])
    projection.resolve(1, schema('x'))
    projection.resolve(2, schema('y'))
    projection.resolve(3, null)
    projection.resolve(4, { type: 'PROTOBUF', text: 'message', references: [] })
    expect(projection.unresolved(events, 0, 5)).toEqual([])
    expect(projected(projection, x, events)).toEqual([
      [1],
      'missing_field',
      [1],
      'unknown_schema',
      'unsupported_schema',
    ])
  })

  test('what became known later is read', () => {
    const projection = avroProjection(x, { framing: 'registry', maxEventBytes })
    const events = eventsOf([framed(9, one)])
    projection.resolve(9, null)
    expect(projected(projection, x, events)).toEqual(['unknown_schema'])
    projection.resolve(9, schema('x'))
    expect(projected(projection, x, events)).toEqual([[1]])
  })

  test('what was unknown is asked for again once it is to be, and what is known is not', () => {
    const projection = avroProjection(x, { framing: 'registry', maxEventBytes })
    const events = eventsOf([framed(9, one), framed(1, one)])
    projection.resolve(9, null)
    projection.resolve(1, schema('x'))
    projection.forgetUnknown()
    expect(projection.unresolved(events, 0, 2)).toEqual([9])
  })

  test('no schema is asked for on behalf of an event that is invalid without it', () => {
    const projection = avroProjection(x, { framing: 'registry', maxEventBytes })
    const wrong = framed(7, one)
    wrong[0] = 1
    const events = eventsOf([
      null,
      new Uint8Array(0),
      wrong,
      new Uint8Array(4),
      framed(7, new Uint8Array(maxEventBytes)),
      framed(-2, one),
    ])
    expect(projection.unresolved(events, 0, 6)).toEqual([])
    expect(projected(projection, x, events)).toEqual([
      'tombstone',
      'empty_value',
      'not_wire_format',
      'not_wire_format',
      'too_large',
      'unknown_schema',
    ])
  })

  test('a header without a value lacks the bytes of the value', () => {
    const projection = avroProjection(x, { framing: 'registry', maxEventBytes })
    projection.resolve(1, schema('x'))
    expect(projected(projection, x, eventsOf([framed(1, new Uint8Array(0))]))).toEqual(['malformed'])
  })

  test('ten thousand schemas are remembered, and the oldest beyond them asked for again', () => {
    const projection = avroProjection(x, { framing: 'registry', maxEventBytes })
    for (let id = 0; id <= 10_000; id++) projection.resolve(id, null)
    const events = eventsOf([0, 1, 10_000].map((id) => framed(id, one)))
    expect(projection.unresolved(events, 0, 3)).toEqual([0])
  })

  test.each([
    ['"int"'],
    ['["null","string"]'],
    ['{"type":"map","values":"int"}'],
    ['no JSON'],
    ['{"type":"record","name":"R"}'],
  ])('nothing can be read from a schema like %s', (text) => {
    expect(read(text, x, one)).toEqual(['unsupported_schema'])
  })

  test('an event may be one of several records', () => {
    const branch = (name: string, field: string) => ({ type: 'record', name, fields: [{ name: field, type: 'int' }] })
    const union = JSON.stringify([branch('A', 'x'), branch('B', 'y')])
    expect(read(union, x, Uint8Array.of(0, 2), Uint8Array.of(2, 2))).toEqual([[1], 'missing_field'])
  })
})
