/** The Avro projection against avsc, on random schemas, values and damage. */
import avsc from 'avsc'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { avroProjection } from '../../src/core/avro-projection.ts'
import { FieldColumns, type FieldSpec, type FieldType } from '../../src/core/fields.ts'
import { randomSchema, randomValue, type Schema } from './avro-random.ts'
import { eventsOf, framed, type Outcome, outcomeOf, projected } from './projecting.ts'

const maxEventBytes = 1_000_000

/** avsc's own long loses the sign beyond 2^52; this one gives the double nearest to all 64 bits. */
const nearestLong = avsc.types.LongType.__with({
  fromBuffer: (bytes: Buffer) => Number(bytes.readBigInt64LE()),
  toBuffer: (value: number) => {
    const bytes = Buffer.alloc(8)
    bytes.writeBigInt64LE(BigInt(value))
    return bytes
  },
  fromJSON: Number,
  toJSON: String,
  isValid: Number.isSafeInteger,
  compare: (a: number, b: number) => a - b,
})

function typeOf(schema: Schema): avsc.Type {
  return avsc.Type.forSchema(schema as avsc.Schema, { wrapUnions: true, registry: { long: nearestLong } })
}

/** What avsc decoded, with unions wrapped, at a path: a value, undefined for missing, or null for a wrong type on the way. */
function walk(
  type: avsc.Type,
  value: unknown,
  names: readonly string[],
): { type: avsc.Type; value: unknown } | undefined | null {
  if (type instanceof avsc.types.WrappedUnionType) {
    if (value === null) return undefined
    const [[branch, inner]] = Object.entries(value as object)
    return walk(type.types.find((one) => one.branchName === branch)!, inner, names)
  }
  if (names.length === 0) return { type, value }
  if (type.typeName === 'null') return undefined
  if (!(type instanceof avsc.types.RecordType)) return null
  const field = type.fields.find((one) => one.name === names[0])
  return field && walk(field.type, (value as Record<string, unknown>)[names[0]], names.slice(1))
}

/** What the field is by the rules of the projection: a value, or a reason. */
function expectedOf(root: avsc.Type, value: unknown, field: FieldSpec): { value: unknown } | { reason: string } {
  const found = walk(root, value, field.path.split('.'))
  if (found === null) return { reason: 'wrong_type' }
  if (found === undefined || found.value === null)
    return field.required ? { reason: 'missing_field' } : { value: undefined }
  const kinds: Record<string, FieldType> = {
    int: 'number',
    'abstract:long': 'number',
    float: 'number',
    double: 'number',
    boolean: 'boolean',
    string: 'text',
    enum: 'text',
  }
  if (!field.accepts.includes(kinds[found.type.typeName])) return { reason: 'wrong_type' }
  if (kinds[found.type.typeName] === 'number' && !Number.isFinite(found.value)) return { reason: 'not_finite' }
  return { value: found.value }
}

function expectOutcome(outcome: Outcome, root: avsc.Type, value: unknown, fields: readonly FieldSpec[]): void {
  const expected = fields.map((field) => expectedOf(root, value, field))
  const reasons = expected.flatMap((one) => ('reason' in one ? [one.reason] : []))
  if (reasons.length > 0) expect(reasons).toContain(outcome)
  else expect(outcome).toEqual(expected.map((one) => 'value' in one && one.value))
}

interface Path {
  readonly path: string
  /** Whether its value can be accepted. */
  readonly scalar: boolean
}

/** Every path into the schema, down to a depth that recursion cannot pass, and some that lead nowhere. */
function pathsInto(schema: Schema, named: Map<string, Schema>, depth: number): Path[] {
  if (depth === 0) return []
  if (Array.isArray(schema)) return schema.flatMap((branch) => pathsInto(branch, named, depth))
  if (typeof schema === 'string') return named.has(schema) ? pathsInto(named.get(schema)!, named, depth) : []
  if ('name' in schema && schema.name !== undefined) named.set(schema.name, schema)
  if (schema.type !== 'record') return [{ path: 'nowhere', scalar: false }]
  return schema.fields.flatMap((field) => [
    { path: field.name, scalar: isScalar(field.type) },
    ...pathsInto(field.type, named, depth - 1).map(({ path, scalar }) => ({ path: `${field.name}.${path}`, scalar })),
  ])
}

function isScalar(schema: Schema): boolean {
  if (Array.isArray(schema)) return schema.every(isScalar)
  return typeof schema === 'string' ? !['bytes', 'T0'].includes(schema) : schema.type === 'enum'
}

const all: FieldType[] = ['number', 'boolean', 'text']

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
    some(20, [...paths.filter(({ scalar }) => scalar), { path: 'absent', scalar: true }], fc.constant(all)),
    some(1, [...paths, { path: 'absent', scalar: true }], fc.subarray(all, { minLength: 1 })),
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
