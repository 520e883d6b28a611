import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { FeaturePlan } from '../../../src/core/features/feature-plan.ts'
import { sampleBounds, vectorise } from '../../../src/core/features/vectorise.ts'
import { FieldColumns } from '../../../src/core/fields/fields.ts'
import { jsonProjection } from '../../../src/core/fields/json-projection.ts'
import { Random } from '../../../src/core/kmeans/random.ts'
import { fences } from '../../../src/core/model/fences.ts'
import type { Model } from '../../../src/core/model/model.ts'
import { type Contribution, explain, heavyClusters } from '../../../src/core/score/explanation.ts'
import { emptyScores, freeze, score } from '../../../src/core/score/scorer.ts'
import { feature, jsonVectors, planOf } from '../features/vectorising.ts'
import { eventsOf } from '../fields/projecting.ts'
import { bornFrom, clusteredRows, numericPlan } from '../model/sample-model.ts'

/** What is said of one event by a model. */
function why(model: Model, plan: FeaturePlan, values: object, top = 99) {
  const bounds = fences(model)
  const events = eventsOf([Buffer.from('{'), Buffer.from(JSON.stringify({ id: 'e', ...values }))])
  const fields = new FieldColumns(2, plan.fields.length)
  jsonProjection(plan.fields, { maxEventBytes: 1 << 20 }).project(events, 0, 2, fields)
  const rows = new Float64Array(2 * model.d)
  const eventOf = new Int32Array(2)
  expect(vectorise(plan, fields, events.bytes, 2, bounds, rows, eventOf).valid).toBe(1)
  const scorer = freeze(model)
  const scores = emptyScores(1)
  score(scorer, rows, 1, scores)
  const label = scores.labels[0]
  const event = { fields, event: eventOf[0], bytes: events.bytes }
  const heavy = heavyClusters(model.usual.places.weight)
  return { ...explain(scorer, plan, heavy, event, rows, 0, label, top), label, row: rows.slice(0, model.d), scorer }
}

function bornOf(plan: FeaturePlan, events: readonly object[], k = 2): Model {
  const { rows } = jsonVectors(
    plan,
    events.map((event) => ({ id: 'e', ...event })),
    sampleBounds(plan.columns.length),
  )
  return bornFrom(plan, Float64Array.from(rows.flat()), rows.length, k)
}

const named = (contributions: readonly Contribution[], name: string) => contributions.find((c) => c.feature === name)

describe('the shares of an explanation', () => {
  const d = 5
  const plan = numericPlan(d)
  const rows = clusteredRows(600, d, 4, 5)
  const model = bornFrom(plan, rows, 600, 4)
  const eventOf = (i: number) => Object.fromEntries(Array.from({ length: d }, (_, c) => [`x${c}`, rows[i * d + c]]))

  test('sum to 1 over all features, the largest first', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -500, max: 500, noNaN: true }), { minLength: d, maxLength: d }),
        (values) => {
          const event = Object.fromEntries(values.map((x, c) => [`x${c}`, x]))
          const shares = why(model, plan, event).contributions.map(({ share }) => share)
          expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9)
          expect(shares).toEqual([...shares].sort((a, b) => b - a))
          expect(shares.every((share) => share >= 0)).toBe(true)
        },
      ),
    )
  })

  test('put the feature first that was moved far away, and keep as many as are asked for', () => {
    fc.assert(
      fc.property(
        fc.nat(599),
        fc.nat(d - 1),
        fc.constantFrom(-1, 1),
        fc.integer({ min: 1, max: d }),
        (i, c, sign, top) => {
          const moved = { ...eventOf(i), [`x${c}`]: sign * 1500 }
          const { contributions } = why(model, plan, moved, top)
          expect(contributions[0].feature).toBe(`x${c}`)
          expect(contributions[0].share).toBeGreaterThan(0.5)
          expect(contributions).toHaveLength(top)
        },
      ),
    )
  })

  test('of an event in the middle of a heavy cluster are all 0', () => {
    const heaviest = model.clusters.weight.indexOf(Math.max(...model.clusters.weight))
    const centre = Object.fromEntries(
      Array.from({ length: d }, (_, c) => [`x${c}`, model.clusters.mean[heaviest * d + c]]),
    )
    const { contributions } = why(model, plan, centre)
    expect(contributions.map(({ share }) => share)).toEqual([0, 0, 0, 0, 0])
    expect(contributions.map(({ value }) => value)).toEqual(contributions.map(({ expected }) => expected))
  })

  test('are of the score: a weight counts, and no column counts for more than a thousand spreads', () => {
    const weighted = planOf([feature('a', { kind: 'none' }, { weight: 1e6 }), feature('b', { kind: 'none' })])
    const random = new Random(4)
    const born = bornOf(
      weighted,
      Array.from({ length: 300 }, () => ({ a: random.gaussian(), b: random.gaussian() })),
      1,
    )
    const [mean] = born.clusters.mean
    const spread = Math.sqrt(born.whole.m2[0] / 300)
    const far = { a: mean + 50 * spread, b: born.clusters.mean[1] + 10 * Math.sqrt(born.whole.m2[1] / 300) }
    const { contributions } = why(born, weighted, far)
    expect(contributions.map((c) => c.feature)).toEqual(['a', 'b'])
    expect(contributions[0].share).toBeCloseTo(1000 / 1010, 9)
  })
})

describe('values and expectations are in the units of the user', () => {
  const random = new Random(7)
  const transforms = [
    feature('plain', { kind: 'none' }),
    feature('amount', { kind: 'log' }),
    feature('hour', { kind: 'hourOfDay' }),
    feature('day', { kind: 'dayOfWeek' }),
    feature('colour', { kind: 'oneHot', values: ['red', 'blue', '5', 'true'] }),
    feature('shop', { kind: 'hash', buckets: 16 }),
    feature('online', { kind: 'boolean' }),
    feature('risk', { kind: 'none' }, { missing: 'indicator' }),
  ]
  const plan = planOf(transforms)
  // Wednesday 6 January 2021, around 21:00.
  const wednesday = Date.UTC(2021, 0, 6, 21)
  const usual = () => ({
    plain: -40 + random.gaussian(),
    amount: -99 + random.gaussian(),
    hour: wednesday + 60_000 * random.gaussian(),
    day: wednesday,
    colour: 'blue',
    shop: 'corner',
    online: random.below(4) === 0,
    risk: 0.25,
  })
  const model = bornOf(plan, Array.from({ length: 400 }, usual), 1)
  const said = (event: object) => {
    const { contributions } = why(model, plan, event)
    return Object.fromEntries(contributions.map(({ feature: name, value, expected }) => [name, { value, expected }]))
  }
  const event = { ...usual(), plain: 7, amount: 1234.56, hour: '2021-01-06T06:30:00', day: Date.UTC(2021, 0, 10, 12) }

  test('numbers as they were given, whatever the transform', () => {
    const { plain, amount } = said(event)
    expect([plain.value, amount.value]).toEqual([7, 1234.56])
    expect(plain.expected).toBeCloseTo(-40, 0)
    expect(amount.expected).toBeCloseTo(-99, 0)
  })

  test('hours of the day and days of the week from Monday, from 0', () => {
    const { hour, day } = said(event)
    expect(hour.value).toBeCloseTo(6.5, 9)
    expect(hour.expected).toBeCloseTo(21, 1)
    expect(day.value).toBeCloseTo(6.5, 9)
    expect(day.expected).toBeCloseTo(2 + 21 / 24, 9)
    const midnight = said({ ...event, hour: 0, day: '2021-01-04' })
    expect([midnight.hour.value, midnight.day.value]).toEqual([0, 0])
  })

  test.each([
    ['red', 'red'],
    [5, '5'],
    [true, 'true'],
    [false, 'false'],
    ['green', 'green'],
    ['ü'.repeat(200), 'ü'.repeat(128)],
    [`a${'ü'.repeat(200)}`, `a${'ü'.repeat(127)}`],
  ])('the category %j by its text, declared or not, at most 256 bytes of it', (given, value) => {
    expect(said({ ...event, colour: given }).colour).toEqual({ value, expected: 'blue' })
  })

  test('what is hashed by its bucket, which is all that the centre knows', () => {
    const { shop } = said(event)
    expect(shop.value).toMatch(/^bucket \d+$/)
    expect(shop.expected).toBe(shop.value)
    expect(said({ ...event, shop: 'elsewhere' }).shop.value).not.toBe(shop.value)
  })

  test('booleans as 0 or 1, and the expected share of 1', () => {
    const { online } = said({ ...event, online: true })
    expect(online.value).toBe(1)
    expect(online.expected).toBeGreaterThan(0.15)
    expect(online.expected).toBeLessThan(0.35)
  })

  test('what is usual around an expectation, as far as that is a number', () => {
    const { contributions } = why(model, plan, event)
    const spread = Object.fromEntries(contributions.map((of) => [of.feature, of.spread]))
    expect(spread).toMatchObject({ day: 0, colour: null, shop: null, online: null, risk: 0 })
    expect(Math.abs(Number(spread.plain) - 1)).toBeLessThan(0.15)
    // A deviation of 1 around 99, on the scale of logarithms and back.
    expect(Math.abs(Number(spread.amount) - 1)).toBeLessThan(0.15)
    expect(Math.abs(Number(spread.hour) - 1 / 60)).toBeLessThan(0.15 / 60)
  })

  test('what is missing as null, whatever stands for it in the row', () => {
    const nothing = said({})
    expect(Object.values(nothing).map(({ value }) => value)).toEqual(transforms.map(() => null))
    expect(nothing.risk.expected).toBe(0.25)
    const { contributions } = why(model, plan, { ...usual(), risk: null })
    expect(named(contributions, 'risk')).toMatchObject({ value: null, expected: 0.25 })
    expect(contributions[0].feature).toBe('risk')
  })

  test('a value that the score clips as it was given', () => {
    expect(said({ ...event, plain: -1e12 }).plain.value).toBe(-1e12)
  })

  test('an expectation without a category is null', () => {
    const none = bornOf(
      plan,
      Array.from({ length: 50 }, () => ({ ...usual(), colour: 'green' })),
      1,
    )
    expect(named(why(none, plan, event).contributions, 'colour')).toMatchObject({ value: 'blue', expected: null })
  })

  test('hours that are spread over the whole day as an even spread, 24/√12', () => {
    const allDay = Array.from({ length: 400 }, (_, i) => ({ ...usual(), hour: wednesday + (i * 86_400_000) / 400 }))
    const around = bornOf(plan, allDay, 1)
    expect(named(why(around, plan, event).contributions, 'hour')?.spread).toBeCloseTo(24 / Math.sqrt(12), 6)
  })
})

describe('the clusters of an explanation', () => {
  /** Two heavy clusters, at 0 and 100, and a light one at 40. */
  const around = (centre: number, n: number) => Array.from({ length: n }, (_, i) => ({ x: centre + (i % 5) - 2 }))
  const plan = planOf([feature('x', { kind: 'none' })])
  const model = bornOf(plan, [...around(0, 500), ...around(100, 450), ...around(40, 50)], 3)
  const at = (x: number) => model.clusters.mean.findIndex((mean) => Math.abs(mean - x) < 1)

  test('are the heaviest that hold 65 % of the mass', () => {
    const flags = (...weight: number[]) => [...heavyClusters(Float64Array.from(weight))]
    expect(flags(1)).toEqual([1])
    expect(flags(65, 35)).toEqual([1, 0])
    expect(flags(64, 36)).toEqual([1, 1])
    expect(flags(10, 40, 10, 40)).toEqual([0, 1, 0, 1])
    expect(flags(25, 25, 25, 25)).toEqual([1, 1, 1, 0])
    expect(flags(0, 0)).toEqual([1, 0])
  })

  test('are the nearest heavy one for what is expected, though a light one is nearer', () => {
    const { contributions, label } = why(model, plan, { x: 41 })
    expect(label).toBe(at(40))
    expect(contributions[0].expected).toBeCloseTo(0, 9)
    expect(why(model, plan, { x: 60 }).contributions[0].expected).toBeCloseTo(100, 9)
  })

  test('are the second-nearest beside the assigned one, with its scaled distance', () => {
    for (const [x, nearest, second] of [
      [30, 40, 0],
      [75, 100, 40],
      [-5, 0, 40],
    ]) {
      const found = why(model, plan, { x })
      expect([found.label, found.second?.cluster]).toEqual([at(nearest), at(second)])
      expect(found.second?.distance).toBeCloseTo(Math.abs(x - second) * found.scorer.inverseScale[0], 9)
    }
  })

  test('expect what is usual, wherever upkeep has put the clusters since', () => {
    const refitted = structuredClone(model)
    refitted.clusters.mean.fill(41)
    const { contributions, scorer } = why(refitted, plan, { x: 41 })
    expect(contributions[0].expected).toBeCloseTo(0, 9)
    expect(scorer.centroids[0]).toBe(41)
  })

  test('have no second when there is only one', () => {
    expect(why(bornOf(plan, around(0, 50), 1), plan, { x: 3 }).second).toBeNull()
  })
})
