import avsc from 'avsc'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fnv1a32 } from '../../../src/core/features/fnv.ts'
import { avroVectors, feature, jsonVectors, planOf, row } from './vectorising.ts'

const half = Math.SQRT1_2
const idField = [{ name: 'id', type: 'string' }]

describe('a category', () => {
  const colours = { kind: 'oneHot', values: ['red', 'grün', '5', 'true', ''] } as const

  test.each([
    ['red', 0],
    ['grün', 1],
    ['5', 2],
    [5, 2],
    [5.0, 2],
    [true, 3],
    ['true', 3],
    ['', 4],
  ])('%j has the column of its text', (x, column) => {
    const expected = [0, 0, 0, 0, 0]
    expected[column] = half
    expect(row(colours, x)).toEqual(expected)
  })

  test.each(['Red', 'gru\u0308n', 'rose', 're', 'redd', false, 5.5, -5])('%j is none of the declared', (x) => {
    expect(row(colours, x)).toEqual([0, 0, 0, 0, 0])
  })

  test('is at distance 1 from any other declared one', () => {
    const declared = ['red', 'grün', 5, true, ''].map((x) => row(colours, x) as number[])
    for (const [i, a] of declared.entries()) {
      for (const [j, b] of declared.entries()) {
        expect(Math.hypot(...a.map((x, c) => x - b[c]))).toBeCloseTo(i === j ? 0 : 1, 12)
      }
    }
  })

  test('falls into the bucket that FNV-1a of its UTF-8 says', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'grapheme' }), fc.double({ noNaN: true })), (x) => {
        if (x === Infinity || x === -Infinity) return
        const expected = new Array(7).fill(0)
        expected[fnv1a32(Buffer.from(String(x))) % 7] = half
        expect(row({ kind: 'hash', buckets: 7 }, x)).toEqual(expected)
      }),
    )
    // 'a' hashes to 0xe40c292c (draft-eastlake-fnv, test vectors): 3,826,002,220, which is 7 modulo 9.
    expect(row({ kind: 'hash', buckets: 9 }, 'a')).toEqual([0, 0, 0, 0, 0, 0, 0, half, 0])
  })

  test('is the same in JSON and in Avro, whatever type the field has there', () => {
    const plan = planOf([feature('x', { kind: 'hash', buckets: 64 }), feature('x', colours, { name: 'colour' })])
    const type = ['null', 'string', 'int', 'boolean', { type: 'enum', name: 'C', symbols: ['red', 'blue'] }]
    const schema = { type: 'record', name: 'E', fields: [...idField, { name: 'x', type }] }
    const avro = avsc.Type.forSchema(schema as never, { wrapUnions: true })
    const pairs = [
      [{ string: '交易 grün' }, '交易 grün'],
      [{ string: 'grün' }, 'grün'],
      [{ int: 5 }, 5],
      [{ int: -(2 ** 31) }, -(2 ** 31)],
      [{ boolean: true }, true],
      [{ C: 'red' }, 'red'],
      [{ C: 'blue' }, 'blue'],
    ] as const
    const fromAvro = avroVectors(
      plan,
      schema,
      pairs.map(([x]) => avro.toBuffer({ id: 'e', x })),
    )
    const fromJson = jsonVectors(
      plan,
      pairs.map(([, x]) => ({ id: 'e', x })),
    )
    expect(fromAvro).toEqual(fromJson)
    expect(fromJson.rows).toHaveLength(pairs.length)
  })
})
