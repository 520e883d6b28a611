import { describe, expect, test } from 'vitest'
import { columnCount } from '../../../src/core/features/feature-plan.ts'
import type { Transform } from '../../../src/core/features/features.ts'
import { FieldKind } from '../../../src/core/fields/fields.ts'
import { feature, planOf } from './vectorising.ts'

const colours = { kind: 'oneHot', values: ['red', 'grün'] } as const

describe('the fields that a plan reads', () => {
  test('are the id, the time when there is one, and those of the features, each once', () => {
    const features = [
      feature('a', { kind: 'none' }),
      feature('b.c', { kind: 'boolean' }),
      feature('a', { kind: 'log' }),
    ]
    const timed = planOf(features, 'at')
    expect(timed.fields.map(({ path }) => path)).toEqual(['id', 'at', 'a', 'b.c'])
    expect([timed.timeSlot, ...timed.features.map(({ slot }) => slot)]).toEqual([1, 2, 3, 2])
    const timeless = planOf(features)
    expect(timeless.fields.map(({ path }) => path)).toEqual(['id', 'a', 'b.c'])
    expect([timeless.timeSlot, ...timeless.features.map(({ slot }) => slot)]).toEqual([-1, 1, 2, 1])
  })

  test('are required when any feature of them is, and id and time always', () => {
    const may = feature('a', { kind: 'none' })
    const must = feature('a', { kind: 'none' }, { missing: 'reject' })
    const required = (...features: (typeof may | typeof must)[]) => planOf(features).fields[1].required
    expect([required(may), required(must), required(may, must), required(must, may), required(may, may)]).toEqual([
      false,
      true,
      true,
      true,
      false,
    ])
    expect(planOf([feature('at', { kind: 'hourOfDay' })], 'at').fields.map((field) => field.required)).toEqual([
      true,
      true,
    ])
    expect(required(feature('a', { kind: 'none' }, { missing: 'indicator' }))).toBe(false)
  })

  test('accept what any of their features does', () => {
    const accepted = (...kinds: Transform[]) => planOf(kinds.map((kind) => feature('a', kind))).fields[1].accepts
    expect(accepted({ kind: 'none' })).toEqual(['number'])
    expect(accepted({ kind: 'none' }, { kind: 'boolean' })).toEqual(['number', 'boolean'])
    expect(accepted({ kind: 'log' }, { kind: 'hourOfDay' }, { kind: 'hash', buckets: 3 })).toEqual([
      'number',
      'text',
      'boolean',
    ])
  })

  test('hold the id apart from a feature that reads the same field, and with every digit', () => {
    const { fields, features } = planOf([feature('id', { kind: 'hash', buckets: 8 })])
    expect(fields).toMatchObject([
      { path: 'id', exact: true, accepts: ['text', 'number'] },
      { path: 'id', required: false },
    ])
    expect(features[0].slot).toBe(1)
    expect(fields[1].exact).toBeUndefined()
  })
})

describe('the columns of a plan', () => {
  test('follow the features in order, the indicator last of its feature', () => {
    const { features, columns } = planOf([
      feature('t', { kind: 'hourOfDay' }, { missing: 'indicator' }),
      feature('x', { kind: 'none' }),
      feature('c', colours, { missing: 'indicator' }),
      feature('h', { kind: 'hash', buckets: 4 }),
    ])
    expect(
      features.map(({ firstColumn, columns: count, indicatorColumn }) => [firstColumn, count, indicatorColumn]),
    ).toEqual([
      [0, 2, 2],
      [3, 1, -1],
      [4, 2, 6],
      [7, 4, -1],
    ])
    expect(columns.map((column) => column.feature)).toEqual([0, 0, 0, 1, 2, 2, 2, 3, 3, 3, 3])
    expect(features.map(({ spec }) => columnCount(spec))).toEqual([3, 1, 3, 4])
  })

  test('are stretched by the root of the weight, so that the weight multiplies the squared distance', () => {
    const { columns } = planOf([feature('x', { kind: 'none' }, { weight: 9 }), feature('c', colours, { weight: 0.25 })])
    expect(columns.map(({ stretch }) => stretch)).toEqual([3, 0.5, 0.5])
  })

  test('have the running spread only where there is no natural one', () => {
    const scaleOf = (transform: Transform) =>
      planOf([feature('x', transform)]).columns.map((column) => column.fixedScale)
    expect(scaleOf({ kind: 'none' })).toEqual([null])
    expect(scaleOf({ kind: 'log' })).toEqual([null])
    expect(scaleOf({ kind: 'boolean' })).toEqual([1])
    expect(scaleOf(colours)).toEqual([1, 1])
    expect(scaleOf({ kind: 'hash', buckets: 2 })).toEqual([1, 1])
    expect(planOf([feature('x', { kind: 'none' }, { missing: 'indicator' })]).columns[1].fixedScale).toBe(1)
    // The spread of a sine and of a cosine over the whole circle.
    for (const kind of ['hourOfDay', 'dayOfWeek'] as const)
      expect(scaleOf({ kind })).toEqual([Math.SQRT1_2, Math.SQRT1_2])
  })
})

test('a kind of value fits a transform or does not', () => {
  const kinds = [FieldKind.number, FieldKind.milliseconds, FieldKind.boolean, FieldKind.text, FieldKind.arenaText]
  const fits = (transform: Transform) => {
    const [planned] = planOf([feature('x', transform)]).features
    expect(planned.fits[FieldKind.missing]).toBe(yes)
    return kinds.map((kind) => planned.fits[kind])
  }
  const [yes, no] = [1, 0]
  expect(fits({ kind: 'none' })).toEqual([yes, yes, no, no, no])
  expect(fits({ kind: 'log' })).toEqual([yes, yes, no, no, no])
  expect(fits({ kind: 'hourOfDay' })).toEqual([yes, yes, no, yes, yes])
  expect(fits({ kind: 'dayOfWeek' })).toEqual([yes, yes, no, yes, yes])
  expect(fits({ kind: 'boolean' })).toEqual([yes, yes, yes, no, no])
  expect(fits(colours)).toEqual([yes, yes, yes, yes, yes])
  expect(fits({ kind: 'hash', buckets: 2 })).toEqual([yes, yes, yes, yes, yes])
})
