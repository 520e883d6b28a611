import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { sampleBounds } from '../../../src/core/features/vectorise.ts'
import { Random } from '../../../src/core/kmeans/random.ts'
import { fold } from '../../../src/core/model/fold.ts'
import type { Model } from '../../../src/core/model/model.ts'
import { freeze } from '../../../src/core/score/scorer.ts'
import { diffView, diffViewSchema } from '../../../src/runtime/views/diff-view.ts'
import { modelView, modelViewSchema } from '../../../src/runtime/views/model-view.ts'
import { versionFacts, versionView, versionViewSchema } from '../../../src/runtime/views/version-view.ts'
import { feature, jsonVectors, planOf } from '../../core/features/vectorising.ts'
import { randomModel, randomUpdate } from '../../core/model/random-learning.ts'
import { bornFrom, numericPlan } from '../../core/model/sample-model.ts'

const everyKind = [
  feature('plain', { kind: 'none' }),
  feature('amount', { kind: 'log' }),
  feature('size', { kind: 'squash' }),
  feature('either', { kind: 'auto' }),
  feature('hour', { kind: 'hourOfDay' }),
  feature('day', { kind: 'dayOfWeek' }),
  feature('colour', { kind: 'oneHot', values: ['red', 'blue'] }),
  feature('shop', { kind: 'hash', buckets: 4 }),
  feature('online', { kind: 'boolean' }),
  feature('risk', { kind: 'none' }, { missing: 'indicator', weight: 3 }),
]
const plan = planOf(everyKind)
const settings = { name: 'sample', plan, budget: 0.005 }

const number = fc.oneof(fc.constantFrom(0, -0, 1e300, -1e300, 5e-324), fc.double({ min: -100, max: 100, noNaN: true }))
const time = fc.oneof(fc.constantFrom(0), fc.integer({ min: 0, max: 4e12 }))
const event = fc.record(
  {
    plain: number,
    amount: number,
    size: number,
    either: number,
    hour: time,
    day: time,
    colour: fc.constantFrom('red', 'blue', 'green'),
    shop: fc.string({ maxLength: 3 }),
    online: fc.boolean(),
    risk: number,
  },
  { requiredKeys: [] },
)

function bornOf(events: readonly object[], k: number): Model {
  const given = events.map((each) => ({ id: 'e', ...each }))
  const { rows } = jsonVectors(plan, given, sampleBounds(plan.columns.length))
  return bornFrom(plan, Float64Array.from(rows.flat()), rows.length, k)
}

const published = (model: Model) => ({ scorer: freeze(model), offset: 7, publishedAtMs: 1_760_000_000_500 })

function told(model: Model, newest: Model = model) {
  return { model, view: versionView(versionFacts(published(model)), newest.control) }
}

/** What reads it must find in it what the schema says, and nothing else. */
function expectAll(model: Model, of: typeof settings, other: Model = model): void {
  const views = [
    [modelViewSchema, modelView(published(model), of)],
    [versionViewSchema, told(model).view],
    [diffViewSchema, diffView(told(other), told(model), of.plan)],
  ] as const
  for (const [schema, view] of views) {
    const asJson: unknown = JSON.parse(JSON.stringify(view))
    expect(schema.parse(asJson)).toEqual(asJson)
  }
}

describe('what the views say is what their schemas say', () => {
  test('of models born from events of every kind of feature, absurd and missing values among them', () => {
    fc.assert(
      fc.property(fc.array(event, { minLength: 1, maxLength: 40 }), fc.integer({ min: 1, max: 5 }), (events, k) => {
        expectAll(bornOf(events, k), settings)
      }),
      { numRuns: 40 },
    )
  })

  test('of models as hostile as they may be while they are sound, and of what they become', () => {
    const [k, d] = [3, 2]
    const of = { ...settings, plan: numericPlan(d) }
    fc.assert(
      fc.property(randomModel(k, d), randomUpdate(k, d), randomModel(k, d), (model, update, other) => {
        expectAll(model, of, other)
        fold(model, update, model.nextUpdateOffset)
        expectAll(model, of, other)
      }),
    )
  })
})

const random = new Random(7)
const evening = Date.UTC(2021, 0, 6, 21)
const usual = () => ({
  plain: random.gaussian(),
  amount: Math.exp(4 + random.gaussian()),
  hour: evening,
  day: evening,
  colour: random.below(4) === 0 ? 'blue' : 'red',
  shop: 'corner',
  online: random.below(2) === 0,
  risk: 0.25,
})
/** One in four is a blue one with an amount a hundred times as large. */
const apart = () => ({ ...usual(), amount: Math.exp(9 + random.gaussian() / 4), colour: 'blue' })
const model = bornOf([...Array.from({ length: 300 }, usual), ...Array.from({ length: 100 }, apart)], 2)
const view = modelView(published(model), settings)
const [large] = view.clusters.toSorted((a, b) => a.share - b.share)

describe('the view of a model', () => {
  test('names what its features are', () => {
    expect(view.features.map(({ kind }) => kind)).toEqual([
      'number',
      'number',
      'number',
      'number',
      'hour',
      'weekday',
      'category',
      'hash',
      'boolean',
      'number',
    ])
  })

  test('has centroids in the units of the user', () => {
    const at = Object.fromEntries(large.centroid.map((part) => [part.feature, part]))
    expect(Number(at.amount.value)).toBeGreaterThan(6000)
    expect(Number(at.amount.value)).toBeLessThan(11_000)
    expect(at.hour.value).toBeCloseTo(21, 6)
    expect(at.day.value).toBeCloseTo(2 + 21 / 24, 6)
    expect(at.colour).toMatchObject({ value: 'blue', spread: null })
    expect(at.risk).toMatchObject({ value: 0.25, spread: 0 })
  })

  test('tells shares that sum to 1, and a spread of the distances that events have', () => {
    expect(view.clusters.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 12)
    expect(large.share).toBeCloseTo(0.25, 1)
    expect(large.spread).toBeGreaterThan(0)
  })

  test('says first of what stands out what lies farthest from the whole, in spreads', () => {
    const [first, second] = large.standsOut
    expect([first.feature, second.feature].sort()).toEqual(['amount', 'colour'])
    expect(first.spreads).toBeGreaterThanOrEqual(second.spreads)
    const amount = large.standsOut.find((of) => of.feature === 'amount')
    const column = plan.features[1].firstColumn
    const spread = Math.sqrt(model.whole.m2[column] / model.whole.weight[0])
    const away = Math.log1p(Number(amount?.value)) - Math.log1p(Number(amount?.whole))
    expect(amount?.spreads).toBeCloseTo(Math.abs(away) / spread, 9)
  })

  test('says of a category which one has another share here than in the whole', () => {
    const colour = large.standsOut.find((of) => of.feature === 'colour')
    expect(colour?.value).toBe('blue')
    const c = plan.features[6].firstColumn + (colour?.category?.name === 'red' ? 0 : 1)
    expect(colour?.category?.share).toBeCloseTo(colour?.category?.name === 'red' ? 0 : 1, 1)
    expect(colour?.category?.wholeShare).toBe(model.whole.mean[c] / Math.SQRT1_2)
  })
})

describe('the difference of two versions', () => {
  const later = structuredClone(model)
  const column = plan.features[0].firstColumn
  later.version = 9
  later.clusters.mean[column] += 2 * freeze(later).inverseScale[column] ** -1

  test('says how far a centroid has moved, and in what', () => {
    const { clusters, born, died } = diffView(told(model), told(later), plan)
    expect([born, died]).toEqual([[], []])
    expect(clusters[0].id).toBe(model.ids[0])
    expect(clusters[0].moved).toBeCloseTo(2, 9)
    expect(clusters[0].features.map((of) => of.feature)).toEqual(['plain'])
    expect(clusters[0].features[0].spreads).toBeCloseTo(2, 9)
    expect(clusters[1]).toMatchObject({ moved: 0, features: [] })
  })

  test('says which clusters came and went', () => {
    const others = structuredClone(later)
    others.ids[1] = 12
    const { clusters, born, died } = diffView(told(model), told(others), plan)
    expect({ born, died }).toEqual({ born: [12], died: [model.ids[1]] })
    expect(clusters.map(({ id }) => id)).toEqual([model.ids[0]])
  })

  test('of a version and itself is nothing', () => {
    const { clusters, born, died } = diffView(told(model), told(model), plan)
    expect([born, died, clusters.filter(({ moved }) => moved > 0)]).toEqual([[], [], []])
  })
})

test('a version is said to be pinned by what the newest remembers', () => {
  const newest = structuredClone(model)
  newest.control.pinned = [3]
  const facts = versionFacts(published(model))
  expect([3, 4].map((version) => versionView({ ...facts, version }, newest.control).pinned)).toEqual([true, false])
})

test('a version that a rollback has led away from is said to be undone, by what the newest remembers', () => {
  const newest = structuredClone(model)
  newest.control.undone = [{ from: 3, to: 8 }]
  const facts = versionFacts(published(model))
  const isUndone = (version: number) => versionView({ ...facts, version }, newest.control).undone
  expect([3, 4, 8, 9].map(isUndone)).toEqual([false, true, true, false])
})
