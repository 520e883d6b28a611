/** The Avro projection against avsc, on random schemas, values and damage. */
import type avsc from 'avsc'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { avroProjection } from '../../../src/core/avro/avro-projection.ts'
import { FieldColumns, type FieldSpec, type FieldType } from '../../../src/core/fields/fields.ts'
import { eventsOf, framed, type Outcome, outcomeOf, projected } from '../fields/projecting.ts'
import { expectedOf, type Path, pathsInto, typeOf } from './avro-agreement.ts'
import { randomSchema, randomValue, type Schema } from './avro-random.ts'

const maxEventBytes = 1_000_000

function expectOutcome(outcome: Outcome, root: avsc.Type, value: unknown, fields: readonly FieldSpec[]): void {
  const expected = fields.map((field) => expectedOf(root, value, field))
  const reasons = expected.flatMap((one) => ('reason' in one ? [one.reason] : []))
  if (reasons.length > 0) expect(reasons).toContain(outcome)
  else expect(outcome).toEqual(expected.map((one) => 'value' in one && one.value))
}

const all: FieldType[] = ['number', 'boolean', 'text']

const absent: Path = { path: 'absent', scalar: true, numeric: false }

/** Mostly fields that can be read, so that most events are valid. */
function randomFields(schema: Schema): fc.Arbitrary<FieldSpec[]> {
  const paths = pathsInto(schema, new Map(), 4)
  const some = (weight: number, from: readonly Path[], accepts: fc.Arbitrary<FieldType[]>) => ({
    weight,
    arbitrary: fc.record({
      path: fc.constantFrom(...from.map((one) => one.path)),
      required: fc.nat(9).map((n) => n === 0),
      accepts,
    }),
  })
  const field = fc.oneof(
    some(20, [...paths.filter(({ scalar }) => scalar), absent], fc.constant(all)),
    some(1, [...paths, absent], fc.subarray(all, { minLength: 1 })),
  )
  return fc.array(field, { minLength: 1, maxLength: 6 })
}

const schemaAndFields = randomSchema.chain((schema) =>
  fc.record({
    schema: fc.constant(schema),
    fields: randomFields(schema),
    values: fc.array(randomValue(schema), { minLength: 1, maxLength: 4 }),
  }),
)

function projection(schema: Schema, fields: readonly FieldSpec[]) {
  const made = avroProjection(fields, { framing: 'registry', maxEventBytes })
  made.resolve(1, { type: 'AVRO', text: JSON.stringify(schema), references: [] })
  return made
}

describe('avroProjection and avsc', () => {
  test('agree on every wanted field of random values of random schemas', () => {
    fc.assert(
      fc.property(schemaAndFields, ({ schema, fields, values }) => {
        const type = typeOf(schema)
        const events = eventsOf(values.map((value) => framed(1, type.toBuffer(value))))
        const outcomes = projected(projection(schema, fields), fields, events)
        outcomes.forEach((outcome, i) => {
          expectOutcome(outcome, type, values[i], fields)
        })
      }),
      { numRuns: 600 },
    )
  })

  test('no proper prefix of a value is accepted, nor a value with a byte more', () => {
    fc.assert(
      fc.property(schemaAndFields, fc.nat(255), ({ schema, fields, values: [value] }, extra) => {
        const type = typeOf(schema)
        const whole = framed(1, type.toBuffer(value))
        const cuts = Array.from({ length: Math.min(whole.length, 300) }, (_, i) =>
          whole.subarray(0, whole.length - 1 - i),
        )
        const longer = Uint8Array.of(...whole, extra)
        for (const outcome of projected(projection(schema, fields), fields, eventsOf([...cuts, longer]))) {
          expect(typeof outcome).toBe('string')
        }
      }),
      { numRuns: 150 },
    )
  })

  test('any byte may be any other: there is an outcome, and no more memory than the event', () => {
    fc.assert(
      fc.property(schemaAndFields, fc.nat(), fc.nat(255), ({ schema, fields, values: [value] }, at, byte) => {
        const type = typeOf(schema)
        const whole = framed(1, type.toBuffer(value))
        const damaged = Array.from({ length: 8 }, (_, bit) => {
          const copy = whole.slice()
          copy[at % copy.length] ^= 1 << bit
          return copy
        })
        const replaced = whole.slice()
        replaced[at % replaced.length] = byte
        const events = eventsOf([...damaged, replaced])
        const columns = new FieldColumns(9, fields.length)
        projection(schema, fields).project(events, 0, 9, columns)
        expect(columns.arena.length).toBe(4096)
        for (let event = 0; event < 9; event++) expect(outcomeOf(columns, event, events)).toBeDefined()
      }),
      { numRuns: 300 },
    )
  })

  test('what avsc still decodes of a damaged record is read as the same, or refused for what avsc lets pass', () => {
    const schema: Schema = {
      type: 'record',
      name: 'Transaction',
      fields: [
        { name: 'id', type: 'string' },
        { name: 'amount', type: 'double' },
        { name: 'online', type: 'boolean' },
        { name: 'channel', type: { type: 'enum', name: 'Channel', symbols: ['chip', 'atm', 'web'] } },
        { name: 'at', type: 'long' },
        { name: 'count', type: 'int' },
        { name: 'place', type: ['null', { type: 'record', name: 'Place', fields: [{ name: 'lat', type: 'float' }] }] },
        { name: 'note', type: ['null', 'string', 'double'] },
      ],
    }
    const type = typeOf(schema)
    const fields = ['id', 'amount', 'online', 'channel', 'at', 'count', 'place.lat', 'note'].map((path) => ({
      path,
      required: false,
      accepts: ['number', 'boolean', 'text'] as const,
    }))
    fc.assert(
      fc.property(randomValue(schema), fc.nat(), fc.integer({ min: 1, max: 255 }), (value, at, mask) => {
        const body = type.toBuffer(value)
        body[at % body.length] ^= mask
        const [outcome] = projected(projection(schema, fields), fields, eventsOf([framed(1, body)]))
        const decoded = decodedBy(type, body)
        if (decoded === undefined || outcome === 'malformed' || outcome === 'invalid_utf8') return
        expectOutcome(outcome, type, decoded, fields)
      }),
      { numRuns: 1500 },
    )
  })
})

/** Undefined when avsc refuses. */
function decodedBy(type: avsc.Type, body: Buffer): unknown {
  try {
    return type.fromBuffer(body)
  } catch {
    return undefined
  }
}
