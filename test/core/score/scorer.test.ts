import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { nearest } from '../../../src/core/kmeans/nearest.ts'
import { Random } from '../../../src/core/kmeans/random.ts'
import { fences } from '../../../src/core/model/fences.ts'
import { inverseScales, runningSpreads } from '../../../src/core/model/metric.ts'
import type { Model } from '../../../src/core/model/model.ts'
import { emptyStatistics } from '../../../src/core/model/statistics.ts'
import { emptyScores, freeze, type Scores, score } from '../../../src/core/score/scorer.ts'
import { modelByHand } from '../model/model-by-hand.ts'
import { bornFrom, clusteredRows, numericPlan } from '../model/sample-model.ts'

interface Parts {
  readonly d: number
  readonly centroids: readonly number[]
  readonly weights: readonly number[]
  /** Mean of squared deviations from the own centroid, in each column. */
  readonly within?: number
  readonly spread?: readonly number[]
  readonly mean?: readonly number[]
}

function modelOf({ d, centroids, weights, within = 1, spread = [], mean = [] }: Parts): Model {
  const k = weights.length
  const clusters = emptyStatistics(k, d)
  clusters.weight.set(weights)
  clusters.mean.set(centroids)
  for (let c = 0; c < k * d; c++) clusters.m2[c] = within * weights[Math.floor(c / d)]
  const whole = emptyStatistics(1, d)
  whole.weight[0] = 100
  for (let c = 0; c < d; c++) {
    whole.mean[c] = mean[c] ?? 0
    whole.m2[c] = 100 * (spread[c] ?? 1) ** 2
  }
  return modelByHand(clusters, whole, { floor: new Float64Array(d).fill(1e-9) })
}

function scored(model: Model, rows: readonly number[]): Scores {
  const n = rows.length / model.d
  const scores = emptyScores(n)
  score(freeze(model), Float64Array.from(rows), n, scores)
  return scores
}

const number = (size: number) => fc.double({ min: -size, max: size, noNaN: true })
const numbers = (length: number, size: number) => fc.array(number(size), { minLength: length, maxLength: length })

/** Models of all shapes, and rows in and around them. */
const problem = fc
  .record({ n: fc.integer({ min: 1, max: 6 }), d: fc.integer({ min: 1, max: 4 }), k: fc.integer({ min: 1, max: 6 }) })
  .chain(({ n, d, k }) =>
    fc.record({
      d: fc.constant(d),
      n: fc.constant(n),
      centroids: numbers(k * d, 20),
      weights: fc.array(fc.oneof(fc.constant(0), fc.double({ min: 0, max: 1e6, noNaN: true })), {
        minLength: k,
        maxLength: k,
      }),
      within: fc.double({ min: 0, max: 5, noNaN: true }),
      spread: fc.array(fc.double({ min: 0.1, max: 10, noNaN: true }), { minLength: d, maxLength: d }),
      mean: numbers(d, 20),
      rows: numbers(n * d, 100),
    }),
  )

describe('the assignment', () => {
  test('is the nearest centroid of the plain kernel, away from ties', () => {
    fc.assert(
      fc.property(problem, ({ n, rows, ...parts }) => {
        const model = modelOf(parts)
        const { d, k } = model
        const { labels, distances } = scored(model, rows)
        const scale = inverseScales(model.upkeep, runningSpreads(model))
        const expected = { labels: new Int32Array(n), squared: new Float64Array(n) }
        nearest(Float64Array.from(rows), n, d, model.clusters.mean, k, scale, expected.labels, expected.squared)
        for (let i = 0; i < n; i++) {
          const shortest = Math.sqrt(expected.squared[i])
          expect(Math.abs(distances[i] - shortest)).toBeLessThanOrEqual(1e-9 * Math.max(1, shortest))
          const to = (j: number) =>
            Math.hypot(...Array.from(scale, (s, c) => (rows[i * d + c] - model.clusters.mean[j * d + c]) * s))
          const isTie = Math.abs(to(labels[i]) - shortest) <= 1e-9 * Math.max(1, shortest)
          expect(isTie || labels[i] === expected.labels[i]).toBe(true)
        }
      }),
      { numRuns: 500 },
    )
  })

  test('of a tie goes to the lower index, whatever its mass', () => {
    const tied = modelOf({ d: 1, centroids: [5, 1, -1, 1, -1], weights: [1, 1, 50, 9, 99] })
    expect([...scored(tied, [0, 1, -1, -3, 3]).labels]).toEqual([1, 1, 2, 2, 0])
  })

  test('weighs a feature in the squared distance by its weight', () => {
    const model = modelOf({ d: 2, centroids: [0, 0], weights: [1], spread: [2, 1000] })
    const upkeep = { ...model.upkeep, stretch: Float64Array.of(3, 1), fixedScale: Float64Array.of(0, 0.5) }
    expect(scored({ ...model, upkeep }, [4, 1]).distances[0]).toBe(Math.hypot((4 * 3) / 2, 1 / 0.5))
  })

  test('keeps its digits far from the origin', () => {
    const far = 1e12
    const there = modelOf({ d: 1, centroids: [far - 1, far + 1], weights: [1, 1], mean: [far], spread: [0.7] })
    for (const distance of scored(there, [far - 0.375, far + 0.375]).distances) {
      expect(distance).toBeCloseTo(0.625 / 0.7, 9)
    }
  })
})

describe('the score', () => {
  test('is finite for every row within the fences, whatever the model', () => {
    const edge = fc.constantFrom(-1, 0, 1, 1e-9)
    const model = fc
      .record({ d: fc.integer({ min: 1, max: 3 }), k: fc.integer({ min: 1, max: 4 }) })
      .chain(({ d, k }) =>
        fc.record({
          d: fc.constant(d),
          centroids: fc.array(fc.oneof(number(1e100), number(1)), { minLength: k * d, maxLength: k * d }),
          weights: fc.array(fc.constantFrom(0, 5e-324, 1e-200, 1, 1e15), { minLength: k, maxLength: k }),
          within: fc.constantFrom(0, 1e-300, 1, 1e100),
          spread: fc.array(fc.constantFrom(0, 1e-9, 1, 1e50, 1e100), { minLength: d, maxLength: d }),
          mean: fc.array(fc.oneof(number(1e100), number(1)), { minLength: d, maxLength: d }),
          at: fc.array(fc.oneof(edge, number(1)), { minLength: d, maxLength: d }),
        }),
      )
    fc.assert(
      fc.property(model, ({ at, ...parts }) => {
        const { low, high, fill } = fences(modelOf(parts))
        const row = at.map((x, c) => (x < 0 ? fill[c] + x * (fill[c] - low[c]) : fill[c] + x * (high[c] - fill[c])))
        const { labels, distances, logDistances, rarities } = scored(modelOf(parts), row)
        expect([distances[0], logDistances[0], rarities[0]].every(Number.isFinite)).toBe(true)
        expect(labels[0]).toBeLessThan(parts.weights.length)
      }),
      { numRuns: 2000 },
    )
  })

  test('of a row farther out along a ray is never less unusual', () => {
    fc.assert(
      fc.property(
        problem,
        fc.nat(63),
        fc.array(fc.double({ min: 0, max: 300, noNaN: true })),
        (parts, corner, steps) => {
          const { d } = parts
          const model = modelOf(parts)
          model.rarity.bins[384] = 500
          model.rarity.bins[400] = 5
          model.rarity.weight = 505
          // Out of the box that holds all centroids, at one of its corners.
          const sign = Array.from({ length: d }, (_, c) => ((corner >> c) & 1 ? 1 : -1))
          const rows = [0, ...steps].sort((a, b) => a - b).flatMap((step) => sign.map((s) => s * (20 + step)))
          const { logDistances, rarities } = scored(model, rows)
          for (let i = 1; i < logDistances.length; i++) {
            expect(logDistances[i]).toBeGreaterThanOrEqual(logDistances[i - 1] - 1e-12)
            expect(rarities[i]).toBeLessThanOrEqual(rarities[i - 1] * (1 + 1e-9))
          }
        },
      ),
    )
  })

  test('at the centre of a cluster is by the formula: a light one gives little credit', () => {
    // The clusters are so far apart that each counts for itself: T = −a·ln p, p squared from the smoothed masses.
    const at = (light: number) => {
      const model = modelOf({ d: 1, centroids: [0, 900], weights: [99, light], within: 1 })
      return [...scored(model, [0, 900]).logDistances]
    }
    const expected = (own: number, other: number) =>
      Math.log(-0.7 * Math.log((own + 0.5) ** 2 / ((own + 0.5) ** 2 + (other + 0.5) ** 2)) + 0.001)
    for (const light of [0, 1, 10, 99]) {
      const [heavyCentre, lightCentre] = at(light)
      expect(heavyCentre).toBeCloseTo(expected(99, light), 9)
      expect(lightCentre).toBeCloseTo(expected(light, 99), 9)
    }
    const lights = [0, 1, 10, 50, 99].map((light) => at(light)[1])
    expect(lights).toEqual([...lights].sort((a, b) => b - a))
    // An anomaly that has made itself a cluster is still thousands of times as far as what is usual.
    expect(at(1)[1] - at(1)[0]).toBeGreaterThan(Math.log(1000))
  })

  test('grows by ln 2 when a row is twice as far from all there is', () => {
    const model = modelOf({ d: 3, centroids: [0, 0, 0], weights: [10] })
    const [near, far] = scored(model, [100, 100, 100, 200, 200, 200]).logDistances
    expect(far - near).toBeCloseTo(Math.log(2), 4)
  })

  test('counts no column for more than a thousand spreads', () => {
    const model = modelOf({ d: 2, centroids: [0, 0], weights: [10] })
    const [a, b, c] = scored(model, [1000, 1, 1e9, 1, 1e9, 2]).logDistances
    expect(a).toBe(b)
    expect(c).toBeGreaterThan(b)
  })

  test('of a row is the same bits alone and among others', () => {
    const rows = [...clusteredRows(200, 3, 4, 1)]
    const model = bornFrom(numericPlan(3), Float64Array.from(rows), 200, 4)
    const together = scored(model, rows)
    for (let i = 0; i < 200; i += 7) {
      const alone = scored(model, rows.slice(i * 3, i * 3 + 3))
      for (const name of ['labels', 'distances', 'logDistances', 'rarities'] as const) {
        expect(alone[name][0]).toBe(together[name][i])
      }
    }
  })

  test('is by the model as it was when it was frozen', () => {
    const rows = clusteredRows(200, 2, 3, 1)
    const model = bornFrom(numericPlan(2), rows, 200, 3)
    const scorer = freeze(model)
    const run = () => {
      const scores = emptyScores(200)
      score(scorer, rows, 200, scores)
      return scores
    }
    const before = run()
    for (const { weight, mean, m2 } of [model.clusters, model.whole]) {
      weight.fill(3)
      mean.fill(7)
      m2.fill(9)
    }
    model.rarity.bins.fill(1)
    expect(run()).toEqual(before)
  })
})

describe('the budget', () => {
  /** The share of the sample that a model born from it calls anomalous. */
  function flagged(rows: Float64Array, d: number, budget: number): number {
    const n = rows.length / d
    const { rarities } = scored(bornFrom(numericPlan(d), rows, n, 8), [...rows])
    return rarities.filter((rarity) => rarity <= budget).length / n
  }

  test.each<[string, Float64Array, number]>([
    ['clusters', clusteredRows(5000, 4, 6, 2), 4],
    ['one cloud', clusteredRows(5000, 3, 1, 3), 3],
    ['heavy tails', clusteredRows(5000, 2, 1, 4).map((x) => Math.sinh(x / 8)), 2],
  ])('is about the share of the birth sample that is called anomalous: %s', (_, rows, d) => {
    for (const budget of [0.005, 0.01, 0.05, 0.2]) {
      expect(flagged(rows, d, budget) / budget).toBeGreaterThan(0.5)
      expect(flagged(rows, d, budget) / budget).toBeLessThan(1.6)
    }
  })

  test('is not gone beyond where many rows have the same score', () => {
    for (const budget of [0.005, 0.01, 0.05, 0.2]) expect(flagged(grid(), 2, budget)).toBeLessThan(1.6 * budget)
  })
})

/** Where many rows have the same score. */
function grid(): Float64Array {
  const random = new Random(8)
  return Float64Array.from({ length: 10_000 }, () => random.below(4))
}

test('a spread is at least the floor, also when there is no mass', () => {
  const model = modelOf({ d: 2, centroids: [0, 0], weights: [1], spread: [5, 0] })
  expect([runningSpreads(model)[0], runningSpreads(model)[1]]).toEqual([5, 1e-9])
  model.whole.weight[0] = 0
  expect(runningSpreads(model)[0]).toBe(1e-9)
})
