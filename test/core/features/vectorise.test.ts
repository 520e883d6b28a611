import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Transform } from '../../../src/core/features/features.ts'
import { expectClose, feature, jsonVectors, planOf, row, unbounded } from './vectorising.ts'

const half = Math.SQRT1_2

describe('a number', () => {
  test.each([0, -0, 1, -12.5, 1e308, -5e-324])('%d is itself under none', (x) => {
    expect(row({ kind: 'none' }, x)).toEqual([x === 0 ? 0 : x])
  })

  test.each([
    [0, 0],
    [1, Math.LN2],
    [-1, -Math.LN2],
    [Math.E - 1, 1],
    [-99, -4.605170185988092],
    [1e-12, 1e-12],
    [1e308, 709.1962086421661],
  ])('%d is %d under log: sign(x)·ln(1+|x|)', (x, expected) => {
    expectClose(row({ kind: 'log' }, x), [expected])
  })

  test.each([
    [true, 1],
    [false, 0],
    [1, 1],
    [0, 0],
    [-0, 0],
    [-7, 1],
    [0.5, 1],
  ])('%s is %d under boolean', (x, expected) => {
    expect(row({ kind: 'boolean' }, x)).toEqual([expected])
  })
})

describe('a missing value', () => {
  const fill = { low: -1e9, high: 1e9, fill: 42 }
  const bounds = (plan: ReturnType<typeof planOf>) => {
    const d = plan.columns.length
    const low = new Float64Array(d).fill(fill.low)
    const filled = Float64Array.from({ length: d }, (_, c) => 42 + c)
    return { ...unbounded(plan), low, high: new Float64Array(d).fill(fill.high), fill: filled }
  }
  const read = (features: ReturnType<typeof feature>[], ...events: object[]) => {
    const plan = planOf(features)
    return jsonVectors(
      plan,
      events.map((event) => ({ id: 'e', ...event })),
      bounds(plan),
    )
  }

  test('is the mean of each of its columns', () => {
    const features = [
      feature('x', { kind: 'log' }),
      feature('c', { kind: 'oneHot', values: ['a', 'b'] }),
      feature('t', { kind: 'hourOfDay' }),
    ]
    expect(read(features, {}).rows).toEqual([[42, 43, 44, 45, 46]])
    expect(read(features, { x: null, c: null, t: null }).rows).toEqual([[42, 43, 44, 45, 46]])
  })

  test('with an indicator is the mean and 1, and a present one has 0 there', () => {
    const features = [
      feature('x', { kind: 'none' }, { missing: 'indicator' }),
      feature('c', { kind: 'oneHot', values: ['a', 'b'] }, { missing: 'indicator' }),
    ]
    expect(read(features, {}, { x: 7, c: 'b' }, { x: 7 }).rows).toEqual([
      [42, 1, 44, 45, 1],
      [7, 0, 0, half, 0],
      [7, 0, 44, 45, 1],
    ])
  })

  test('that is required makes the event invalid', () => {
    expect(read([feature('x', { kind: 'none' }, { missing: 'reject' })], {}, { x: null }, { x: 1 })).toMatchObject({
      rows: [[1]],
      eventOf: [2],
      reasons: ['missing_field', 'missing_field', 'valid'],
    })
  })
})

describe('a value of the wrong kind', () => {
  test.each<[Transform['kind'], readonly unknown[], readonly unknown[]]>([
    ['none', [1], [true, 'a', [], {}]],
    ['log', [1], [true, 'a', [], {}]],
    ['hourOfDay', [1, '2026-01-01'], [true, [], {}]],
    ['dayOfWeek', [1, '2026-01-01'], [true, [], {}]],
    ['boolean', [1, true], ['true', [], {}]],
    ['oneHot', [1, true, 'a'], [[], {}]],
    ['hash', [1, true, 'a'], [[], {}]],
  ])('for %s makes the event invalid, also when another feature of the field allows it', (kind, right, wrong) => {
    const transform = { kind, values: ['a'], buckets: 2 } as Transform
    const everything = feature('x', { kind: 'hash', buckets: 2 }, { name: 'other' })
    for (const features of [[feature('x', transform)], [feature('x', transform), everything]]) {
      const events = [...right, ...wrong].map((x) => ({ id: 'e', x }))
      const { reasons } = jsonVectors(planOf(features), events)
      expect(reasons).toEqual([...right.map(() => 'valid'), ...wrong.map(() => 'wrong_type')])
    }
  })
})

describe('the id', () => {
  const reason = (id: unknown) => jsonVectors(planOf([]), [{ id }]).reasons[0]

  test.each([
    ['a', 'valid'],
    ['', 'out_of_range'],
    ['a'.repeat(256), 'valid'],
    ['a'.repeat(257), 'out_of_range'],
    ['é'.repeat(128), 'valid'],
    [`${'é'.repeat(128)}a`, 'out_of_range'],
    [0, 'valid'],
    [-1.5e300, 'valid'],
    [true, 'wrong_type'],
    [null, 'missing_field'],
  ])('%j is %s', (id, expected) => {
    expect(reason(id)).toBe(expected)
  })

  test('may be the field of a feature, which has its own rules', () => {
    const plan = planOf([feature('id', { kind: 'boolean' })])
    expect(jsonVectors(plan, [{ id: 5 }, { id: true }, { id: 'e' }])).toMatchObject({
      rows: [[1]],
      reasons: ['valid', 'wrong_type', 'wrong_type'],
    })
  })
})

describe('the fences', () => {
  test('clip each value beyond them, and count it', () => {
    const plan = planOf([feature('x', { kind: 'none' }), feature('y', { kind: 'none' })])
    const bounds = { ...unbounded(plan), low: Float64Array.of(-1, 0), high: Float64Array.of(1, 10) }
    const events = [
      [-2, -1],
      [1, 10],
      [0.5, 11],
      [1e308, -1e308],
      [-1, 0],
    ]
    const { rows, clipped } = jsonVectors(
      plan,
      events.map(([x, y]) => ({ id: 'e', x, y })),
      bounds,
    )
    expect(rows).toEqual([
      [-1, 0],
      [1, 10],
      [0.5, 10],
      [1, 0],
      [-1, 0],
    ])
    expect(clipped).toBe(5)
  })

  test('of an invalid event count nothing', () => {
    const plan = planOf([feature('x', { kind: 'none' }), feature('y', { kind: 'boolean' })])
    const bounds = { ...unbounded(plan), high: Float64Array.of(1, 1) }
    const { clipped, reasons } = jsonVectors(plan, [{ id: 'e', x: 5, y: 'no' }], bounds)
    expect([clipped, reasons[0]]).toEqual([0, 'wrong_type'])
  })
})

test('invalid events in any places leave the rows of the others what they are alone, and in order', () => {
  const plan = planOf(
    [
      feature('x', { kind: 'log' }, { missing: 'reject' }),
      feature('c', { kind: 'oneHot', values: ['a', 'b'] }, { missing: 'indicator' }),
      feature('at', { kind: 'dayOfWeek' }),
    ],
    'at',
  )
  const good = fc.record({
    id: fc.oneof(fc.string({ minLength: 1, maxLength: 9 }), fc.integer()),
    x: fc.double({ noNaN: true, noDefaultInfinity: true }),
    c: fc.constantFrom('a', 'b', 'c', null, 5),
    at: fc.constantFrom(0, -1e12, '2026-02-28', '1900-01-01T23:00-01:00'),
  })
  const bad = fc.constantFrom(
    '',
    '{',
    '[]',
    '{"id":"","x":1,"at":0}',
    '{"id":"e","at":0}',
    '{"id":"e","x":"1","at":0}',
    '{"id":"e","x":1,"at":"soon"}',
    '{"id":"e","x":1,"at":1e300}',
    '{"id":"e","x":1,"c":{},"at":0}',
    '{"id":"e","x":1e999,"at":0}',
  )
  fc.assert(
    fc.property(fc.array(fc.oneof(good, bad), { maxLength: 30 }), (events) => {
      const { rows, eventOf, reasons } = jsonVectors(plan, events)
      const places = events.flatMap((event, i) => (typeof event === 'string' ? [] : [i]))
      expect(eventOf).toEqual(places)
      expect(reasons.flatMap((reason, i) => (reason === 'valid' ? [i] : []))).toEqual(places)
      expect(rows).toEqual(places.map((i) => jsonVectors(plan, [events[i]]).rows[0]))
    }),
  )
})
