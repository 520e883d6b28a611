/** The public contracts: every schema is documented, and can change without breaking who reads old records. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import avro from 'avsc'
import { describe, expect, test } from 'vitest'

interface Field {
  readonly name: string
  readonly type: unknown
  readonly doc?: string
  readonly default?: unknown
}

interface RecordSchema {
  readonly type: 'record'
  readonly name: string
  readonly namespace?: string
  readonly doc?: string
  readonly fields: readonly Field[]
}

const folder = join(import.meta.dirname, '..', 'schemas')
const files = readdirSync(folder).filter((file) => file.endsWith('.avsc'))
const schemaOf = (file: string): RecordSchema => JSON.parse(readFileSync(join(folder, file), 'utf8'))
const parse = (schema: RecordSchema): avro.Type => avro.Type.forSchema(structuredClone(schema) as avro.Schema)

/** A record and those inside its fields. */
function recordsIn(schema: unknown): RecordSchema[] {
  if (Array.isArray(schema)) return schema.flatMap(recordsIn)
  if (typeof schema !== 'object' || schema === null) return []
  if (!('fields' in schema)) return Object.values(schema).flatMap(recordsIn)
  const record = schema as RecordSchema
  return [record, ...record.fields.flatMap((field) => recordsIn(field.type))]
}

/** `next` reads what `previous` wrote: the BACKWARD rule, as the registry applies it. */
function readsOld(next: RecordSchema, previous: RecordSchema): unknown {
  const writer = parse(previous)
  const reader = parse(next)
  return reader.fromBuffer(writer.toBuffer(writer.random()), reader.createResolver(writer))
}

const withField = (schema: RecordSchema, field: Field): RecordSchema => ({
  ...schema,
  fields: [...schema.fields, field],
})
const withoutField = (schema: RecordSchema, name: string): RecordSchema => ({
  ...schema,
  fields: schema.fields.filter((field) => field.name !== name),
})

test('there is a schema for the input and for every output that others read', () => {
  expect(files).toEqual(
    expect.arrayContaining(['transaction.avsc', 'assignment.avsc', 'anomaly.avsc', 'drift-event.avsc']),
  )
})

describe.each(files)('%s', (file) => {
  const schema = schemaOf(file)

  test('lives in the namespace shoal and is named after its file', () => {
    expect(schema.namespace).toBe('shoal')
    expect(schema.name.replace(/(?!^)[A-Z]/g, '-$&').toLowerCase()).toBe(file.replace('.avsc', ''))
  })

  test('documents itself and every field of every record in it', () => {
    expect(schema.doc).toBeTruthy()
    const undocumented = recordsIn(schema).flatMap((record) =>
      record.fields.filter((field) => !field.doc).map((field) => `${record.name}.${field.name}`),
    )
    expect(undocumented).toEqual([])
  })

  test('a value of every kind survives writing and reading', () => {
    const type = parse(schema)
    for (let i = 0; i < 100; i++) {
      // Once written, a float has 32 bits: before that it is any number.
      const value = type.fromBuffer(type.toBuffer(type.random()))
      expect(type.compare(type.fromBuffer(type.toBuffer(value)), value)).toBe(0)
    }
  })

  test('a next version with a defaulted field reads what this one wrote', () => {
    const next = withField(schema, { name: 'addedLater', type: 'double', default: 0.5 })
    expect(readsOld(next, schema)).toMatchObject({ addedLater: 0.5 })
  })

  test.each(schema.fields.map((field) => field.name))('a next version without %s reads what this one wrote', (name) => {
    expect(readsOld(withoutField(schema, name), schema)).not.toHaveProperty(name)
  })

  test('a next version with a field that has no default is refused', () => {
    const next = withField(schema, { name: 'addedLater', type: 'double' })
    expect(() => readsOld(next, schema)).toThrow(/addedLater/)
  })

  test('a next version that changes the type of a field is refused', () => {
    const [first, ...rest] = schema.fields
    const next = { ...schema, fields: [{ ...first, type: { type: 'array', items: 'bytes' } }, ...rest] } as RecordSchema
    expect(() => readsOld(next, schema)).toThrow()
  })
})

test('an anomaly is an assignment and more: every field of an assignment stands in it with the same type', () => {
  const shared = new Map(schemaOf('anomaly.avsc').fields.map((field) => [field.name, field]))
  for (const field of schemaOf('assignment.avsc').fields) expect(shared.get(field.name)?.type).toEqual(field.type)
})
