/** Programs against the steps: what a program reads is what they read. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { AvroCursor } from '../../../src/core/avro/avro-cursor.ts'
import { avroProgram, op } from '../../../src/core/avro/avro-program.ts'
import { runProgram } from '../../../src/core/avro/avro-run.ts'
import { parseAvroSchema } from '../../../src/core/avro/avro-schema.ts'
import { wantedStep } from '../../../src/core/avro/avro-wanted.ts'
import { FieldColumns, type FieldSpec } from '../../../src/core/fields/fields.ts'
import { eventsOf, outcomeOf } from '../fields/projecting.ts'
import { pathsInto, typeOf } from './avro-agreement.ts'
import { randomSchema, randomValue, type Schema } from './avro-random.ts'

const any = ['number', 'boolean', 'text'] as const

function wanted(path: string, required = false): FieldSpec {
  return { path, required, accepts: any }
}

/** Reads values by both: of each whether the program did, and what either made of it. */
function readings(schema: Schema, fields: readonly FieldSpec[], values: readonly Uint8Array[]) {
  const parsed = parseAvroSchema(JSON.stringify(schema))
  if (!parsed.ok) throw new Error(parsed.problem)
  const program = avroProgram(parsed.schema, fields)!
  const step = wantedStep(parsed.schema, fields)!
  return values.map((value) => {
    const events = eventsOf([value])
    const [start, end] = [events.valueStart[0], events.valueStart[0] + value.length]
    const byProgram = new FieldColumns(1, fields.length)
    const bySteps = new FieldColumns(1, fields.length)
    const cursor = new AvroCursor()
    cursor.open(events, byProgram)
    const isRead = runProgram(program, cursor, start, end, 0)
    cursor.open(events, bySteps)
    bySteps.reason[0] = cursor.read(step, start, end, 0)
    return { isRead, byProgram: outcomeOf(byProgram, 0, events), bySteps: outcomeOf(bySteps, 0, events) }
  })
}

const cases = randomSchema.chain((schema) => {
  const paths = [...pathsInto(schema, new Map(), 4).map(({ path }) => path), 'absent']
  const field = fc.record({ path: fc.constantFrom(...paths), required: fc.nat(9).map((n) => n === 0) })
  return fc.record({
    schema: fc.constant(schema),
    fields: fc.array(field, { minLength: 1, maxLength: 6 }),
    value: randomValue(schema),
  })
})

const transaction = {
  type: 'record',
  name: 'Transaction',
  fields: [
    { name: 'id', type: 'string' },
    { name: 'customer', type: 'string' },
    { name: 'amount', type: 'double' },
    { name: 'fee', type: ['null', 'double'] },
    { name: 'category', type: 'int' },
    { name: 'channel', type: { type: 'enum', name: 'Channel', symbols: ['chip', 'atm'] } },
    { name: 'at', type: 'long' },
    { name: 'place', type: ['null', { type: 'record', name: 'Place', fields: [{ name: 'lat', type: 'float' }] }] },
    { name: 'tags', type: { type: 'array', items: 'string' } },
  ],
} as const

const place = { Place: { lat: 0.5 } }
const payment = {
  id: 'a',
  customer: 'b',
  amount: 1.5,
  fee: null,
  category: 3000,
  channel: 'atm',
  at: 5,
  place,
  tags: [],
}

describe('a program', () => {
  test('reads what the steps read, and nothing that they refuse, of random values with any bytes damaged', () => {
    fc.assert(
      fc.property(cases, fc.nat(), fc.nat(255), ({ schema, fields, value }, at, byte) => {
        const whole = typeOf(schema).toBuffer(value)
        const damaged = Uint8Array.from(whole)
        if (damaged.length > 0) damaged[at % damaged.length] = byte
        const all = [whole, damaged, whole.subarray(0, at % (whole.length + 1)), Uint8Array.of(...whole, byte)]
        const read = readings(
          schema,
          fields.map(({ path, required }) => wanted(path, required)),
          all,
        )
        for (const { isRead, byProgram, bySteps } of read) if (isRead) expect(byProgram).toEqual(bySteps)
      }),
      { numRuns: 1000 },
    )
  })

  test.each([
    ['every field', transaction.fields.map(({ name }) => name).filter((name) => !['place', 'tags'].includes(name))],
    ['one of many', ['at']],
    ['a field in a record that may be null', ['place.lat']],
    ['the same field more than once', ['at', 'id', 'at', 'at']],
  ])('reads %s without the steps', (_, paths) => {
    const text = 'ten letters, and é'
    const values = [payment, { ...payment, fee: { double: 2 }, place: null, tags: [text] }, { ...payment, id: text }]
    const bytes = values.map((value) => typeOf(transaction as unknown as Schema).toBuffer(value))
    const fields = paths.map((path) => wanted(path))
    const read = readings(transaction as unknown as Schema, fields, bytes)
    expect(read.map(({ isRead }) => isRead)).toEqual([true, true, true])
    expect(read.map(({ byProgram }) => byProgram)).toEqual(read.map(({ bySteps }) => bySteps))
  })

  test.each([0, 63, 64, 8191, 8192, 2 ** 20, 2 ** 28, 2 ** 34, 2 ** 41, 2 ** 48, 2 ** 53 - 1])(
    'reads the longs %s and its opposite as they are, whatever lies behind them',
    (value) => {
      const schema = {
        type: 'record',
        name: 'R',
        fields: [
          { name: 'x', type: 'long' },
          { name: 'y', type: 'bytes' },
        ],
      } as const
      const behind = [Buffer.alloc(0), Buffer.alloc(20), Buffer.alloc(20, 255)]
      const values = [value, -value].flatMap((x) => behind.map((y) => typeOf(schema).toBuffer({ x, y })))
      const read = readings(schema, [wanted('x')], values)
      expect(read.map(({ byProgram }) => byProgram)).toEqual([value, -value].flatMap((x) => behind.map(() => [x + 0])))
      expect(read.every(({ isRead }) => isRead)).toBe(true)
    },
  )

  test('leaves an event without a required field to the steps', () => {
    const bytes = typeOf(transaction as unknown as Schema).toBuffer({ ...payment, place: null })
    const [{ isRead, bySteps }] = readings(transaction as unknown as Schema, [wanted('place.lat', true)], [bytes])
    expect([isRead, bySteps]).toEqual([false, 'missing_field'])
  })

  test('is not made of a schema that says the same records again and again', () => {
    const records = Array.from({ length: 40 }, (_, i) => ({
      type: 'record',
      name: `R${i}`,
      fields: ['a', 'b'].map((name) => ({ name, type: i === 0 ? 'int' : `R${i - 1}` })),
    }))
    const root = {
      type: 'record',
      name: 'Root',
      fields: [
        { name: 'x', type: 'R39' },
        { name: 'y', type: 'int' },
      ],
    }
    const parsed = parseAvroSchema(
      JSON.stringify(root),
      records.map((record) => JSON.stringify(record)),
    )
    if (!parsed.ok) throw new Error(parsed.problem)
    expect(avroProgram(parsed.schema, [wanted('y')])).toBeNull()
    const empty = { type: 'record', name: 'R0', fields: [] }
    const texts = [empty, ...records.slice(1)].map((record) => JSON.stringify(record))
    const without = parseAvroSchema(JSON.stringify(root), texts)
    if (!without.ok) throw new Error(without.problem)
    expect([...avroProgram(without.schema, [wanted('y')])!.code]).toEqual([op.int, 0, 0, op.end])
  })
})
