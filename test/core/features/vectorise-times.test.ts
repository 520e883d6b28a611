import avsc from 'avsc'
import { describe, expect, test } from 'vitest'
import { avroVectors, expectClose, feature, jsonVectors, planOf, row } from './vectorising.ts'

const half = Math.SQRT1_2
const idField = [{ name: 'id', type: 'string' }]

describe('a time', () => {
  const hour = 3_600_000
  const day = 24 * hour

  test.each([
    ['midnight', 0, [0, 1]],
    ['6 h', 6 * hour, [1, 0]],
    ['noon', 12 * hour, [0, -1]],
    ['18 h', 18 * hour, [-1, 0]],
    ['3 h, 20,000 days later', 20_000 * day + 3 * hour, [half, half]],
    ['6 h before 1970', -18 * hour, [1, 0]],
    ['6 h, 20,000 days before 1970', -20_000 * day + 6 * hour, [1, 0]],
    ['a text', '2026-02-28T06:00:00Z', [1, 0]],
    ['a text before 1970 in another zone', '1961-04-12T09:07:00+03:07', [1, 0]],
  ])('is on the circle of hours: %s', (_, x, expected) => {
    expectClose(row({ kind: 'hourOfDay' }, x), expected)
  })

  /** The start of the nth day of the week is n sevenths of the way round. */
  const weekday = (n: number) => [Math.sin((2 * Math.PI * n) / 7), Math.cos((2 * Math.PI * n) / 7)]

  test.each([
    ['Thursday 1 January 1970', 0, 3],
    ['Monday 5 January 1970', 4 * day, 0],
    ['Sunday noon', 3.5 * day, 6.5],
    ['Wednesday 31 December 1969', -day, 2],
    ['Monday 29 December 1969', -3 * day, 0],
    ['Monday 20 July 1969', '1969-07-21', 0],
    ['Saturday 28 February 2026', '2026-02-28', 5],
  ])('is on the circle of the week, which begins on Monday: %s', (_, x, n) => {
    expectClose(row({ kind: 'dayOfWeek' }, x), weekday(n))
  })

  test.each([
    ['ms', 1, 1_772_258_400_000],
    ['s', 1000, 1_772_258_400],
    ['µs', 0.001, 1_772_258_400_000_000],
  ])('that is a plain number counts in the unit of the configuration: %s', (_, unit, x) => {
    const plan = planOf([feature('at', { kind: 'hourOfDay' })], 'at', unit)
    expectClose(jsonVectors(plan, [{ id: 'e', at: x }]).rows[0], [1, 0])
  })

  test('of an Avro type that says its unit is not asked for another', () => {
    const at = Date.UTC(2026, 1, 28, 6)
    const types = [
      [{ type: 'long', logicalType: 'timestamp-millis' }, at],
      [{ type: 'long', logicalType: 'timestamp-micros' }, at * 1000],
      [{ type: 'int', logicalType: 'time-millis' }, 6 * hour],
      [{ type: 'long', logicalType: 'time-micros' }, 6 * hour * 1000],
      ['long', at / 1000],
      ['string', '2026-02-28T06:00Z'],
    ] as const
    const plan = planOf([feature('at', { kind: 'hourOfDay' })], 'at', 1000)
    for (const [type, value] of types) {
      const schema = { type: 'record', name: 'E', fields: [...idField, { name: 'at', type }] } as const
      const bytes = avsc.Type.forSchema(schema as never).toBuffer({ id: 'e', at: value })
      expectClose(avroVectors(plan, schema, [bytes]).rows[0] ?? [], [1, 0])
    }
  })

  test.each([
    ['before the year 1', -62_135_596_800_001, 'out_of_range'],
    ['the first ms of the year 1', -62_135_596_800_000, 'valid'],
    ['the last ms of the year 9999', 253_402_300_799_999, 'valid'],
    ['after the year 9999', 253_402_300_800_000, 'out_of_range'],
    ['beyond all years', 1e308, 'out_of_range'],
    ['the year 0 as a text', '0000-12-31', 'out_of_range'],
    ['no time', 'yesterday', 'wrong_type'],
    ['an empty text', '', 'wrong_type'],
    ['true', true, 'wrong_type'],
  ])('that is %s (%s) is %s', (_, x, reason) => {
    const features = [feature('at', { kind: 'hourOfDay' })]
    for (const plan of [planOf([], 'at'), planOf(features, 'at'), planOf(features)]) {
      expect(jsonVectors(plan, [{ id: 'e', at: x }]).reasons).toEqual([reason])
    }
  })

  test('is no boolean, though a feature of the same field may be one', () => {
    const plan = planOf([feature('at', { kind: 'boolean' })], 'at')
    expect(jsonVectors(plan, [{ id: 'e', at: true }]).reasons).toEqual(['wrong_type'])
  })

  test('that overflows in its unit is out of range', () => {
    expect(jsonVectors(planOf([], 'at', 1000), [{ id: 'e', at: 1e307 }]).reasons).toEqual(['out_of_range'])
  })
})
