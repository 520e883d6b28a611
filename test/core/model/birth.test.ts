import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodeModel } from '../../../src/core/codec/model-codec.ts'
import { Random } from '../../../src/core/kmeans/random.ts'
import { finish } from '../../../src/core/kmeans/steps.ts'
import { birth } from '../../../src/core/model/birth.ts'
import { fences } from '../../../src/core/model/fences.ts'
import { runningSpreads } from '../../../src/core/model/metric.ts'
import type { Model } from '../../../src/core/model/model.ts'
import { emptyScores, freeze, score } from '../../../src/core/score/scorer.ts'
import { inTurns } from '../../../src/runtime/in-turns.ts'
import { feature, planOf } from '../features/vectorising.ts'
import { bornFrom, clusteredRows, numericPlan } from './sample-model.ts'

/** Columns of values, and what birth has made of each, ascending: it has an order of its own. */
function born(columns: readonly (readonly number[])[], k: number, plan = numericPlan(columns.length)) {
  const n = columns[0].length
  const d = columns.length
  const rows = new Float64Array(n * d)
  columns.forEach((values, c) => {
    values.forEach((x, i) => {
      rows[i * d + c] = x
    })
  })
  const model = bornFrom(plan, rows, n, k)
  return {
    model,
    rows,
    column: (c: number) => Array.from({ length: n }, (_, i) => rows[i * d + c]).sort((a, b) => a - b),
  }
}

function expectSound(model: Model, rows: Float64Array, n: number): void {
  const { clusters, whole, floor, rarity } = model
  const numbers = [clusters.weight, clusters.mean, clusters.m2, whole.weight, whole.mean, whole.m2, rarity.bins]
  expect(numbers.every((values) => values.every(Number.isFinite))).toBe(true)
  expect([...clusters.m2, ...whole.m2].every((m2) => m2 >= 0)).toBe(true)
  expect(floor.every((least) => least > 0 && least < Infinity)).toBe(true)
  expect(clusters.weight.reduce((sum, w) => sum + w, 0)).toBe(n)
  expect([whole.weight[0], model.trainedEvents, rarity.weight]).toEqual([n, n, n])
  const bounds = fences(model)
  expect(bounds.low.every((low, c) => low < bounds.high[c] && Number.isFinite(bounds.fill[c]))).toBe(true)
  expect(rows.every(Number.isFinite)).toBe(true)
  const scores = emptyScores(n)
  score(freeze(model), rows, n, scores)
  expect([...scores.distances, ...scores.logDistances].every(Number.isFinite)).toBe(true)
  expect(scores.rarities.every((r) => r > 0 && r <= 1)).toBe(true)
}

function normal(seed: number, n: number, centre = 0, spread = 1): number[] {
  const random = new Random(seed)
  return Array.from({ length: n }, () => centre + spread * random.gaussian())
}

describe('a birth', () => {
  test('gives the same bits for the same sample', () => {
    const rows = clusteredRows(600, 4, 5, 3)
    const bytes = () => Buffer.from(encodeModel(bornFrom(numericPlan(4), rows.slice(), 600, 5)))
    expect(bytes().equals(bytes())).toBe(true)
  })

  test('gives the same bits in whatever order the sample comes', () => {
    const [n, d] = [400, 3]
    const rows = clusteredRows(n, d, 4, 5)
    for (let i = 0; i < n; i += 7) rows[i * d + 1] = Number.NaN
    const order = Array.from({ length: n }, (_, i) => (i * 171) % n)
    const others = Float64Array.from({ length: n * d }, (_, at) => rows[order[Math.floor(at / d)] * d + (at % d)])
    expect(new Set(order).size).toBe(n)
    const bytes = (of: Float64Array) => Buffer.from(encodeModel(bornFrom(numericPlan(d), of.slice(), n, 4)))
    expect(bytes(rows).equals(bytes(others))).toBe(true)
  })

  test('finds clusters that stand apart, names them 0 to k − 1 and holds their statistics', () => {
    const columns = [0, 100, 200].flatMap((centre, j) => normal(j + 1, 200, centre))
    const { model } = born([columns], 3)
    expect([...model.ids]).toEqual([0, 1, 2])
    expect([...model.bornVersions]).toEqual([1, 1, 1])
    expect([...model.clusters.weight]).toEqual([200, 200, 200])
    const means = [0, 1, 2].map((j) => columns.slice(200 * j, 200 * j + 200).reduce((a, b) => a + b) / 200)
    ;[...model.clusters.mean]
      .sort((a, b) => a - b)
      .forEach((mean, j) => {
        expect(mean).toBeCloseTo(means[j], 9)
      })
    const squares = columns.map((x, i) => (x - means[Math.floor(i / 200)]) ** 2).reduce((a, b) => a + b)
    expect(model.clusters.m2.reduce((a, b) => a + b)).toBeCloseTo(squares, 6)
  })

  test('begins to learn where its sample begins, so that its events are folded as covered and not twice', () => {
    const model = bornFrom(numericPlan(1), Float64Array.from(normal(1, 50)), 50, 2)
    expect([...model.learnedUpTo]).toEqual([
      [0, 0],
      [3, 17],
    ])
    expect([model.version, model.nextUpdateOffset]).toEqual([1, 0])
  })

  test('of k auto takes as many clusters as the sample has, and says why', () => {
    const options = {
      fingerprint: '0'.repeat(16),
      bornAtMs: 0,
      k: 'auto',
      seed: 1,
      budget: 0.005,
      bornFrom: [],
    } as const
    const lives = { halfLifeEvents: Infinity, rarityHalfLifeEvents: 1000 }
    const { model, choice } = finish(birth(numericPlan(2), clusteredRows(800, 2, 5, 3), 800, { ...options, ...lives }))
    expect([model.k, model.ids.length, model.clusters.weight.length, choice?.k]).toEqual([5, 5, 5, 5])
    expect(choice?.reason).toMatch(/^5 clusters: /)
  })

  test('lets other work through: it comes in many steps', async () => {
    const options = { fingerprint: '0'.repeat(16), bornAtMs: 0, k: 5, seed: 1, budget: 0.005, bornFrom: [] }
    const steps = birth(numericPlan(2), clusteredRows(500, 2, 5, 1), 500, {
      ...options,
      halfLifeEvents: Infinity,
      rarityHalfLifeEvents: 1000,
    })
    let count = 0
    await inTurns(steps, { yield: async () => void count++ })
    expect(count).toBeGreaterThan(20)
  })
})

describe('numbers that must not happen: a birth is sound of', () => {
  const random = new Random(9)
  const samples: readonly [string, readonly (readonly number[])[], number][] = [
    ['one row', [[5], [-3]], 2],
    ['as many rows as clusters', [normal(1, 8), normal(2, 8)], 8],
    ['fewer rows than clusters', [normal(1, 3)], 8],
    ['fewer distinct rows than clusters', [Array.from({ length: 100 }, (_, i) => i % 3)], 8],
    ['rows that are all equal', [new Array(100).fill(7), new Array(100).fill(-1e30)], 4],
    ['rows that are all 0', [new Array(100).fill(0)], 4],
    ['a constant column', [new Array(100).fill(3), normal(3, 100)], 4],
    ['a column with no value at all', [new Array(100).fill(Number.NaN), normal(3, 100)], 4],
    ['columns with one value', [[1, ...new Array(99).fill(Number.NaN)], normal(3, 100)], 4],
    ['1e308 and −1e308', [Array.from({ length: 100 }, (_, i) => (i % 2 ? 1e308 : -1e308)), normal(3, 100)], 4],
    ['1e308 throughout, some missing', [Array.from({ length: 100 }, (_, i) => (i % 5 ? 1e308 : Number.NaN))], 4],
    ['−1e300 throughout', [new Array(100).fill(-1e300), new Array(100).fill(1e300)], 4],
    ['the smallest numbers', [Array.from({ length: 100 }, (_, i) => (i % 3) * 5e-324)], 4],
    ['numbers whose squares vanish', [normal(1, 100, 0, 1e-200), normal(2, 100)], 4],
    ['numbers of all magnitudes', [Array.from({ length: 200 }, (_, i) => (i % 2 ? -1 : 1) * 10 ** (3 * i - 300))], 4],
    ['one absurd value', [[1e300, ...normal(1, 999)], normal(2, 1000)], 8],
    ['Cauchy tails', [Array.from({ length: 1000 }, () => random.gaussian() / random.gaussian())], 8],
  ]

  test.each(samples)('%s', (_, columns, k) => {
    const { model, rows } = born(columns, k)
    expectSound(model, rows, columns[0].length)
  })

  test('anything', () => {
    const value = fc.oneof(
      { weight: 4, arbitrary: fc.double({ noDefaultInfinity: true }) },
      { weight: 2, arbitrary: fc.constantFrom(0, -0, 1, 1e308, -1e308, 5e-324, 1e100, 1e-100, Number.NaN) },
      { weight: 2, arbitrary: fc.integer({ min: -3, max: 3 }) },
    )
    const sample = fc
      .record({
        n: fc.integer({ min: 1, max: 25 }),
        d: fc.integer({ min: 1, max: 3 }),
        k: fc.integer({ min: 1, max: 6 }),
      })
      .chain(({ n, d, k }) =>
        fc.tuple(fc.constant({ n, d, k }), fc.array(value, { minLength: n * d, maxLength: n * d })),
      )
    const kinds = ['none', 'oneHot', 'boolean'] as const
    fc.assert(
      fc.property(sample, fc.double({ min: 1e-6, max: 1e6, noNaN: true }), ([{ n, d, k }, values], weight) => {
        const plan = planOf(
          Array.from({ length: d }, (_, c) =>
            feature(`x${c}`, { kind: c === 0 ? 'none' : kinds[c % 3], values: ['a'] } as never, { weight }),
          ),
        )
        // Columns of a fixed scale hold what their transform makes.
        const rows = Float64Array.from(values, (x, at) => (at % d === 0 || Number.isNaN(x) ? x : Math.sign(x)))
        const model = bornFrom(plan, rows, n, k)
        expectSound(model, rows, n)
      }),
      { numRuns: 300 },
    )
  })
})

describe('the spread of a column', () => {
  test('is found whatever its unit: a birth in other units gives the same clusters', () => {
    const columns = [
      [...normal(1, 300), ...normal(2, 100, 50)],
      // Mostly one value.
      Array.from({ length: 400 }, (_, i) => (i % 7 === 0 ? 3 + (i % 5) : 0)),
    ]
    const { model } = born(columns, 4)
    for (const unit of [2 ** -80, 2 ** -20, 2 ** 40]) {
      const scaled = born(
        columns.map((values) => values.map((x) => x * unit)),
        4,
      ).model
      expect([...scaled.clusters.weight]).toEqual([...model.clusters.weight])
      expect([...scaled.floor]).toEqual([...model.floor.map((least) => least * unit)])
      expect([...scaled.rarity.bins]).toEqual([...model.rarity.bins])
    }
  })

  test.each([1e6, 1e12, 1e300])('is not moved by one absurd value of %d, which is clipped', (absurd) => {
    const { model, column } = born([[absurd, ...normal(1, 999)]], 4)
    expect(Math.abs(column(0).at(-1)!)).toBeLessThan(100)
    expect(runningSpreads(model)[0]).toBeLessThan(3)
    expect(model.floor[0]).toBeLessThan(2e-3)
  })

  test('is not moved by one absurd value in a column that is mostly one value', () => {
    const values = Array.from({ length: 1000 }, (_, i) => (i % 10 === 0 ? 1 : 0))
    const { model, column } = born([[1e12, ...values]], 4)
    expect(Math.abs(column(0).at(-1)!)).toBeLessThan(100)
    expect(runningSpreads(model)[0]).toBeLessThan(4)
  })

  test.each([1000, 100_000])('with few values that are not 0 among %d keeps those', (n) => {
    const values = Array.from({ length: n }, (_, i) => (i % Math.floor(n / 5) === 3 ? 40 + (i % 20) : 0))
    const { model, column } = born([values], 2)
    expect(column(0)).toEqual(values.toSorted((a, b) => a - b))
    const mean = values.reduce((a, b) => a + b) / n
    const deviation = Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / n)
    expect(runningSpreads(model)[0]).toBeCloseTo(deviation, 9)
  })

  test('of which three quarters are 0 is not that of the least of the rest', () => {
    const values = Array.from({ length: 1000 }, (_, i) => (i < 749 ? 0 : i === 749 ? 1e-9 : 100 + (i % 50)))
    const { column } = born([values], 4)
    expect(column(0)).toEqual(values.toSorted((a, b) => a - b))
  })

  test('is at least a thousandth of what it was at birth', () => {
    const { model } = born([normal(1, 20_000, 5, 12)], 2)
    expect(model.floor[0] / 0.012).toBeCloseTo(1, 1)
  })

  test.each([
    [0, 1],
    [3, 1],
    [-500, 50],
    [1e200, 1e100],
  ])('is not known when all values are %d: it counts as %d', (value, unit) => {
    const { model } = born([new Array(100).fill(value)], 2)
    expect([model.floor[0], runningSpreads(model)[0]]).toEqual([unit, unit])
  })

  test('far from 0 is still seen', () => {
    const { model } = born([normal(1, 1000, 1.7e12, 1000)], 2)
    expect(runningSpreads(model)[0] / 1000).toBeCloseTo(1, 1)
    expect(model.floor[0]).toBeLessThan(2)
  })
})

test('a missing value is the median of its column, or of a column of fixed scale the mean', () => {
  const plan = planOf([feature('x', { kind: 'none' }), feature('c', { kind: 'boolean' })])
  const columns = [
    [1, 2, Number.NaN, 1e9, 3, 4],
    [1, 0, 0, 0, Number.NaN, 0],
  ]
  const { column } = born(columns, 2, plan)
  expect(column(0).slice(0, 5)).toEqual([1, 2, 3, 3, 4])
  expect(column(1)).toEqual([0, 0, 0, 0, 0.2, 1])
})
