/** Random Avro schemas, recursive ones among them, and random values of a schema, as avsc wants them with wrapped unions. */
import fc from 'fast-check'

export type Schema =
  | string
  | Schema[]
  | { readonly type: 'record'; readonly name: string; readonly fields: readonly { name: string; type: Schema }[] }
  | { readonly type: 'enum'; readonly name: string; readonly symbols: readonly string[] }
  | { readonly type: 'fixed'; readonly name: string; readonly size: number }
  | { readonly type: 'array'; readonly items: Schema; readonly name?: undefined }
  | { readonly type: 'map'; readonly values: Schema; readonly name?: undefined }

const primitives = ['null', 'boolean', 'int', 'long', 'float', 'double', 'bytes', 'string']

/** Schemas whose named types are all called '?': `renamed` gives each its own name. */
const { record } = fc.letrec<{ record: Schema; type: Schema }>((tie) => ({
  record: fc
    .array(tie('type'), { maxLength: 8, size: 'max' })
    .map((types) => ({ type: 'record', name: '?', fields: types.map((type, i) => ({ name: `f${i}`, type })) })),
  type: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    { weight: 6, arbitrary: fc.constantFrom<Schema>(...primitives) },
    {
      weight: 1,
      arbitrary: fc.integer({ min: 1, max: 70 }).map((count) => ({
        type: 'enum' as const,
        name: '?',
        symbols: Array.from({ length: count }, (_, i) => `S${i}`),
      })),
    },
    { weight: 1, arbitrary: fc.nat(9).map((size) => ({ type: 'fixed' as const, name: '?', size })) },
    { weight: 1, arbitrary: tie('type').map((items) => ({ type: 'array' as const, items })) },
    { weight: 1, arbitrary: tie('type').map((values) => ({ type: 'map' as const, values })) },
    { weight: 2, arbitrary: tie('record') },
    {
      weight: 3,
      arbitrary: fc
        .uniqueArray(tie('type'), { minLength: 1, maxLength: 4, selector: unionKey })
        .filter((branches) => !branches.some(Array.isArray)),
    },
    // A reference to the record around it, where a value can end.
    { weight: 1, arbitrary: fc.constantFrom<Schema>(['null', '^'], { type: 'array', items: '^' }) },
  ),
}))

export const randomSchema = record.map((schema) => renamed(schema, { count: 0 }, 'T0'))

/** Avro allows one array, one map and each primitive once in a union. */
function unionKey(schema: Schema): string {
  if (typeof schema === 'string') return schema
  return 'type' in schema && schema.name === undefined ? schema.type : JSON.stringify(schema)
}

function renamed(schema: Schema, names: { count: number }, around: string): Schema {
  if (schema === '^') return around
  if (typeof schema === 'string') return schema
  if (Array.isArray(schema)) return schema.map((branch) => renamed(branch, names, around))
  if (!('type' in schema)) return schema
  if (schema.type === 'array') return { type: 'array', items: renamed(schema.items, names, around) }
  if (schema.type === 'map') return { type: 'map', values: renamed(schema.values, names, around) }
  const name = `T${names.count++}`
  if (schema.type !== 'record') return { ...schema, name }
  return {
    type: 'record',
    name,
    fields: schema.fields.map((field) => ({ name: field.name, type: renamed(field.type, names, name) })),
  }
}

/** Values of a schema; recursion ends three levels down. */
export function randomValue(schema: Schema): fc.Arbitrary<unknown> {
  return valuesOf(schema, new Map(), 3)
}

function valuesOf(schema: Schema, named: Map<string, Schema>, depth: number): fc.Arbitrary<unknown> {
  if (typeof schema === 'string') {
    return named.has(schema) ? valuesOf(named.get(schema)!, named, depth - 1) : primitiveValues(schema)
  }
  if (Array.isArray(schema)) {
    const branches = depth > 0 || !schema.includes('null') ? schema : ['null']
    return fc.oneof(
      ...branches.map((branch) =>
        valuesOf(branch, named, depth).map((value) => (branch === 'null' ? null : { [branchName(branch)]: value })),
      ),
    )
  }
  if (!('type' in schema)) throw new Error('A schema is a name, a union or an object')
  switch (schema.type) {
    case 'array':
      return depth > 0 ? fc.array(valuesOf(schema.items, named, depth - 1), { maxLength: 4 }) : fc.constant([])
    case 'map':
      return fc.dictionary(fc.string({ maxLength: 3 }), valuesOf(schema.values, named, depth), { maxKeys: 3 })
    case 'enum':
      return fc.constantFrom(...schema.symbols)
    case 'fixed':
      return fc.uint8Array({ minLength: schema.size, maxLength: schema.size }).map((bytes) => Buffer.from(bytes))
    case 'record':
      named.set(schema.name, schema)
      return fc.record(
        Object.fromEntries(schema.fields.map((field) => [field.name, valuesOf(field.type, named, depth)])),
      )
  }
}

function branchName(branch: Schema): string {
  if (typeof branch === 'string') return branch
  if ('name' in branch && branch.name !== undefined) return branch.name
  return 'type' in branch ? branch.type : ''
}

function primitiveValues(name: string): fc.Arbitrary<unknown> {
  switch (name) {
    case 'null':
      return fc.constant(null)
    case 'boolean':
      return fc.boolean()
    case 'int':
      return fc.integer()
    case 'long':
      return fc.oneof(fc.integer(), fc.maxSafeInteger())
    case 'float':
      return fc.oneof(
        { weight: 4, arbitrary: fc.float() },
        { weight: 1, arbitrary: fc.constantFrom(NaN, Infinity, -0) },
      )
    case 'double':
      return fc.oneof(
        { weight: 4, arbitrary: fc.double() },
        { weight: 1, arbitrary: fc.constantFrom(NaN, Infinity, -Infinity, -0, 5e-324, 1e308) },
      )
    case 'bytes':
      return fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes))
    default:
      return fc.string({ unit: 'binary', maxLength: 80 })
  }
}
