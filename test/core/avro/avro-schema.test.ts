import { describe, expect, test } from 'vitest'
import { type AvroSchema, parseAvroSchema } from '../../../src/core/avro/avro-schema.ts'

function parsed(schema: unknown, ...references: unknown[]): AvroSchema {
  const result = parseAvroSchema(
    JSON.stringify(schema),
    references.map((one) => JSON.stringify(one)),
  )
  if (!result.ok) throw new Error(result.problem)
  return result.schema
}

function problem(text: string, ...references: string[]): string {
  const result = parseAvroSchema(text, references)
  return result.ok ? 'none' : result.problem
}

describe('parseAvroSchema', () => {
  test('a name is looked for in the namespace of the definition around it', () => {
    const { named } = parsed({
      type: 'record',
      name: 'Outer',
      namespace: 'a.b',
      fields: [
        { name: 'x', type: { type: 'enum', name: 'Inner', symbols: ['S'] } },
        { name: 'y', type: 'Inner' },
        { name: 'z', type: { type: 'fixed', name: 'c.Other', size: 2 } },
        { name: 'w', type: { type: 'record', name: 'Plain', namespace: '', fields: [] } },
        { name: 'v', type: 'c.Other' },
      ],
    })
    expect([...named.keys()]).toEqual(['a.b.Outer', 'a.b.Inner', 'c.Other', 'Plain'])
    expect(named.get('a.b.Outer')).toMatchObject({
      fields: ['a.b.Inner', 'a.b.Inner', 'c.Other', 'Plain', 'c.Other'].map((name) => ({
        type: { kind: 'reference', name },
      })),
    })
  })

  test('references may come in any order and more than once', () => {
    const leaf = { type: 'enum', name: 'n.Leaf', symbols: ['S'] }
    const middle = { type: 'record', name: 'n.Middle', fields: [{ name: 'leaf', type: 'Leaf' }] }
    const root = { type: 'record', name: 'n.Root', fields: [{ name: 'middle', type: 'n.Middle' }] }
    expect(parsed(root, middle, leaf, leaf).root).toEqual({ kind: 'reference', name: 'n.Root' })
  })

  test.each([
    ['date', 'int', { times: 86_400_000, over: 1, isTime: true }],
    ['time-millis', 'int', { times: 1, over: 1, isTime: true }],
    ['time-micros', 'long', { times: 1, over: 1000, isTime: true }],
    ['timestamp-millis', 'long', { times: 1, over: 1, isTime: true }],
    ['timestamp-micros', 'long', { times: 1, over: 1000, isTime: true }],
    ['timestamp-nanos', 'long', { times: 1, over: 1_000_000, isTime: true }],
    ['local-timestamp-millis', 'long', { times: 1, over: 1, isTime: true }],
    ['local-timestamp-micros', 'long', { times: 1, over: 1000, isTime: true }],
    ['local-timestamp-nanos', 'long', { times: 1, over: 1_000_000, isTime: true }],
    ['timestamp-micros', 'int', { times: 1, over: 1, isTime: false }],
    ['no-such-type', 'long', { times: 1, over: 1, isTime: false }],
    ['decimal', 'bytes', { decimalScale: 2 }],
    ['duration', 'bytes', { decimalScale: null }],
  ])('%s on %s means what Avro says, and is ignored where it cannot be', (logicalType, type, meaning) => {
    expect(parsed({ type, logicalType, precision: 4, scale: 2 }).root).toEqual({ kind: type, ...meaning })
  })

  test.each([
    [{ precision: 4, scale: 5 }, null],
    [{ precision: 0 }, null],
    [{ precision: 4, scale: -1 }, null],
    [{ scale: 2 }, null],
    [{ precision: 4 }, 0],
    [{ precision: 9, scale: 3 }, 3],
    // Four bytes hold 9 digits.
    [{ precision: 10, scale: 3 }, null],
  ])('a decimal of %o on four bytes has scale %o', (attributes, decimalScale) => {
    const { named } = parsed({ type: 'fixed', name: 'D', size: 4, logicalType: 'decimal', ...attributes })
    expect(named.get('D')).toEqual({ kind: 'fixed', size: 4, decimalScale })
  })

  test('the attributes that generators add do not matter', () => {
    const type = { type: { type: 'string', 'avro.java.string': 'String' }, doc: 'x' }
    expect(parsed(type).root).toEqual({ kind: 'string' })
  })

  test.each([
    ['text that is not JSON', '{"type":', 'a type must be a name, an array or an object: got undefined'],
    ['an unknown name', '"Nowhere"', 'a name must be defined: got "Nowhere"'],
    ['a number', '7', 'a type must be a name, an array or an object: got 7'],
    ['null', 'null', 'a type must be a name, an array or an object: got null'],
    ['an array without items', '{"type":"array"}', 'a type must be a name, an array or an object: got undefined'],
    ['a record without a name', '{"type":"record","fields":[]}', 'a named type must have a name: got undefined'],
    ['a record without fields', '{"type":"record","name":"R"}', 'fields must be an array: got undefined'],
    ['a fixed without a size', '{"type":"fixed","name":"F"}', 'size must be an integer of at least 0: got undefined'],
    ['a fixed of -1', '{"type":"fixed","name":"F","size":-1}', 'size must be an integer of at least 0: got -1'],
    [
      'an enum of numbers',
      '{"type":"enum","name":"E","symbols":[1]}',
      'symbols must be an array of strings: got an array',
    ],
    [
      'a name defined inside itself',
      '{"type":"record","name":"R","fields":[{"name":"a","type":{"type":"record","name":"R","fields":[]}}]}',
      'a name must be defined once: got "R"',
    ],
    [
      'a field named twice',
      '{"type":"record","name":"R","fields":[{"name":"a","type":"int"},{"name":"a","type":"int"}]}',
      'a field must be an object with a name of its own: got an object',
    ],
  ])('%s is refused in words', (_, text, expected) => {
    expect(problem(text)).toBe(expected)
  })

  test('a schema that is too large in any way is refused, not suffered', () => {
    expect(problem(JSON.stringify('x'.repeat(1024 * 1024)))).toContain('a schema may have 1048576 characters')
    expect(problem('"int"', ' '.repeat(600_000), '\t'.repeat(600_000))).toContain(
      'a schema may have 1048576 characters',
    )
    expect(problem(JSON.stringify(new Array(10_001).fill('int')))).toContain('a schema may have 10000 types')
    expect(problem('['.repeat(300) + ']'.repeat(300))).toContain('types may be nested 256 deep')
    expect(problem('['.repeat(500_000) + ']'.repeat(500_000))).toContain('types may be nested 256 deep')
    const deep = `${'['.repeat(500_000)}${']'.repeat(500_000)}`
    expect(problem(`{"type":"record","name":"R","fields":{"x":${deep}}}`)).toBe(
      'fields must be an array: got an object',
    )
  })
})
