import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { planFeatures } from '../../../src/core/features/feature-plan.ts'
import { vectorise } from '../../../src/core/features/vectorise.ts'
import { FieldColumns, FieldKind } from '../../../src/core/fields/fields.ts'
import { Random } from '../../../src/core/kmeans/random.ts'
import { fences } from '../../../src/core/model/fences.ts'
import { fold } from '../../../src/core/model/fold.ts'
import { runningSpreads } from '../../../src/core/model/metric.ts'
import type { Model } from '../../../src/core/model/model.ts'
import { accumulate, emptyStatistics } from '../../../src/core/model/statistics.ts'
import { emptyScores, freeze, score } from '../../../src/core/score/scorer.ts'
import { allMissing } from '../features/sample-features.ts'
import { bornFrom, noSample, numericPlan, usuallyAs } from './sample-model.ts'

const plan = numericPlan(1)

/** A model that was born from these values of one column. */
function bornOf(values: Float64Array): Model {
  return bornFrom(plan, values.slice(), values.length, 4)
}

/** Events whose one field holds these values. */
function numbers(values: readonly number[]): FieldColumns {
  const fields = new FieldColumns(values.length, 2)
  fields.kind.fill(FieldKind.number)
  values.forEach((value, i) => {
    fields.number[2 * i + 1] = value
  })
  return fields
}

/** Scores the values and folds them, as the stages do; gives how many were clipped. */
function learn(model: Model, values: readonly number[]): number {
  const n = values.length
  const rows = new Float64Array(n)
  const bounds = fences(model)
  const { clipped } = vectorise(plan, numbers(values), new Uint8Array(0), n, bounds, rows, new Int32Array(n))
  const scores = emptyScores(n)
  score(freeze(model), rows, n, scores)
  expect([...scores.distances, ...scores.logDistances].every(Number.isFinite)).toBe(true)
  const clusters = emptyStatistics(model.k, 1)
  accumulate(rows, n, scores.labels, model.clusters.mean, clusters)
  const { bornAtMs, version, ids: clusterIds, nextUpdateOffset } = model
  const none = { ranges: [], bins: new Int32Array(0), counts: new Float64Array(0), ...noSample() }
  const features = allMissing(model, n)
  fold(
    model,
    { bornAtMs, version, d: 1, trained: n, clusterIds, clusters, features, ...usuallyAs(clusters), ...none },
    nextUpdateOffset,
  )
  return clipped
}

function normal(random: Random, n: number): Float64Array {
  return Float64Array.from({ length: n }, () => random.gaussian())
}

test('the fences stand a hundred running spreads from the running mean', () => {
  const model = bornOf(normal(new Random(1), 1000))
  const { low, high, fill } = fences(model)
  const spread = runningSpreads(model)[0]
  expect([low[0], high[0], fill[0]]).toEqual([fill[0] - 100 * spread, fill[0] + 100 * spread, model.whole.mean[0]])
  expect(spread).toBeGreaterThan(0.9)
})

test('a column of a fixed scale has none, because its transform keeps it in bounds: a boolean is 0 or 1', () => {
  const boolean = planFeatures({
    id: 'id',
    time: null,
    timeUnitMs: 1,
    features: [{ name: 'x', field: 'x', transform: { kind: 'boolean' }, weight: 1, missing: 'mean' }],
  })
  const bounds = fences(bornFrom(boolean, normal(new Random(1), 1000), 1000, 4))
  expect([bounds.low[0], bounds.high[0]]).toEqual([-Number.MAX_VALUE, Number.MAX_VALUE])
  const fields = numbers([1e308, -7, 0, -0])
  const rows = new Float64Array(4)
  vectorise(boolean, fields, new Uint8Array(0), 4, bounds, rows, new Int32Array(4))
  expect([...rows]).toEqual([1, 1, 0, 0])
})

test('one absurd value adds at most 10 variances to what is known, and 1000² / n to what n > 100,000 events taught', () => {
  const random = new Random(2)
  const model = bornOf(normal(random, 1000))
  const added = () => {
    const before = runningSpreads(model)[0]
    expect(learn(model, [1e300])).toBe(1)
    return (runningSpreads(model)[0] / before) ** 2 - 1
  }
  expect(added()).toBeLessThanOrEqual(10)
  for (let batch = 0; batch < 200; batch++) learn(model, [...normal(random, 1000)])
  const n = model.whole.weight[0]
  expect(n).toBeGreaterThan(100_000)
  expect(added()).toBeLessThanOrEqual(1000 ** 2 / n)
})

describe('what a column really holds is not kept out', () => {
  test('when it was constant at birth', () => {
    const random = new Random(3)
    const model = bornOf(new Float64Array(1000))
    const batch = () => Array.from({ length: 1000 }, () => (random.below(20) === 0 ? 50_000 : 0))
    expect(learn(model, batch())).toBeGreaterThan(30)
    for (let i = 0; i < 200; i++) learn(model, batch())
    expect(learn(model, batch())).toBe(0)
    expect(Math.abs(runningSpreads(model)[0] / (50_000 * Math.sqrt(0.05 * 0.95)) - 1)).toBeLessThan(0.1)
  })

  test('when its tails are heavy', () => {
    const random = new Random(4)
    const heavy = (n: number) => Array.from(normal(random, n), (x) => Math.exp(2 * x))
    const model = bornOf(Float64Array.from(heavy(1000)))
    for (let i = 0; i < 20; i++) learn(model, heavy(1000))
    let clipped = 0
    for (let i = 0; i < 100; i++) clipped += learn(model, heavy(1000))
    expect(clipped).toBeLessThanOrEqual(10)
  })

  test('when its level jumps', () => {
    const random = new Random(5)
    const model = bornOf(normal(random, 1000))
    const jumped = () => Array.from(normal(random, 1000), (x) => x + 1e6)
    expect(learn(model, jumped())).toBe(1000)
    for (let i = 0; i < 10; i++) learn(model, jumped())
    expect(learn(model, jumped())).toBe(0)
  })
})

test('no finite values make NaN or infinity', () => {
  const value = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constantFrom(-1e308, 1e308, 0))
  fc.assert(
    fc.property(fc.array(fc.array(value, { minLength: 1, maxLength: 8 }), { maxLength: 6 }), (batches) => {
      const model = bornOf(normal(new Random(6), 100))
      for (const batch of batches) learn(model, batch)
      const { mean, m2 } = model.whole
      expect([...mean, ...m2, runningSpreads(model)[0]].every(Number.isFinite)).toBe(true)
    }),
  )
})
