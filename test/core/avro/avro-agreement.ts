/** What avsc makes of a value, by the rules of the projection: the oracle of the Avro projection. */
import avsc from 'avsc'
import type { FieldSpec, FieldType } from '../../../src/core/fields/fields.ts'
import type { Schema } from './avro-random.ts'

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

export function typeOf(schema: Schema): avsc.Type {
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
export function expectedOf(root: avsc.Type, value: unknown, field: FieldSpec): { value: unknown } | { reason: string } {
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

/** A way to a field of a schema. */
export interface Path {
  readonly path: string
  /** Whether its value can be accepted. */
  readonly scalar: boolean
  /** Whether it can be nothing but a number, or missing. */
  readonly numeric: boolean
}

/** Every path into the schema, down to a depth that recursion cannot pass, and some that lead nowhere. */
export function pathsInto(schema: Schema, named: Map<string, Schema>, depth: number): Path[] {
  if (depth === 0) return []
  if (Array.isArray(schema)) return schema.flatMap((branch) => pathsInto(branch, named, depth))
  if (typeof schema === 'string') return named.has(schema) ? pathsInto(named.get(schema)!, named, depth) : []
  if ('name' in schema && schema.name !== undefined) named.set(schema.name, schema)
  if (schema.type !== 'record') return [{ path: 'nowhere', scalar: false, numeric: false }]
  return schema.fields.flatMap((field) => [
    { path: field.name, scalar: isScalar(field.type), numeric: isNumeric(field.type) },
    ...pathsInto(field.type, named, depth - 1).map((inner) => ({ ...inner, path: `${field.name}.${inner.path}` })),
  ])
}

function isScalar(schema: Schema): boolean {
  if (Array.isArray(schema)) return schema.every(isScalar)
  return typeof schema === 'string' ? !['bytes', 'T0'].includes(schema) : schema.type === 'enum'
}

function isNumeric(schema: Schema): boolean {
  if (Array.isArray(schema)) return schema.every(isNumeric)
  return typeof schema === 'string' && ['null', 'int', 'long', 'float', 'double'].includes(schema)
}
