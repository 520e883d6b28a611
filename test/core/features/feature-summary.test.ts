import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { binsOf } from '../../../src/core/features/feature-bins.ts'
import { emptyCounts } from '../../../src/core/features/feature-counts.ts'
import { quantile, summariseFeatures } from '../../../src/core/features/feature-summary.ts'
import { Random } from '../../../src/core/kmeans/random.ts'
import type { FeatureState } from '../../../src/core/model/model.ts'
import { bornFrom } from '../model/sample-model.ts'
import { feature, planOf } from './vectorising.ts'

/** One feature with the given edges and counts. */
function state(edges: readonly number[], bins: readonly number[]): FeatureState {
  const counts = { ...emptyCounts(1, bins.length), bins: Float64Array.from(bins) }
  const layout = binsOf([{ edges: Float64Array.from(edges), count: bins.length }])
  return { bins: layout, reference: counts, current: counts }
}

const at = (of: FeatureState, share: number) => quantile(of, of.current, 0, share)

describe('a quantile', () => {
  const edges = fc
    .uniqueArray(fc.double({ min: -1e100, max: 1e100, noNaN: true }), { minLength: 1, maxLength: 20 })
    .map((all) => [...new Set(all.map((x) => x + 0))].sort((a, b) => a - b))
  const some = edges.chain((all) =>
    fc
      .array(fc.oneof(fc.constantFrom(0, 5e-324, 2 ** 60), fc.double({ min: 0, max: 1e6, noNaN: true })), {
        minLength: all.length + 1,
        maxLength: all.length + 1,
      })
      .map((counts) => [all, counts] as const),
  )
  const share = fc.double({ min: 0, max: 1, noNaN: true })

  test('is finite, between the first edge and the last, and grows with its share', () => {
    fc.assert(
      fc.property(some, share, share, ([all, counts], a, b) => {
        const of = state(all, counts)
        const [low, high] = [at(of, Math.min(a, b)), at(of, Math.max(a, b))]
        if (low === null || high === null) {
          expect(counts.every((count) => count === 0)).toBe(true)
          return
        }
        const reach = 1e-9 * (all[all.length - 1] - all[0])
        expect(low).toBeGreaterThanOrEqual(all[0] - reach)
        expect(high).toBeLessThanOrEqual(all[all.length - 1] + reach)
        expect(low).toBeLessThanOrEqual(high + reach)
      }),
      { numRuns: 1000 },
    )
  })

  test('has at most its share of the counts in bins below its own, and the rest of it there', () => {
    fc.assert(
      fc.property(some, share, ([all, counts], p) => {
        const value = at(state(all, counts), p)
        const total = counts.reduce((sum, count) => sum + count, 0)
        if (value === null || total < 1e-3) return
        const bin = all.filter((edge) => edge <= value).length
        const below = counts.slice(0, bin - 1).reduce((sum, count) => sum + count, 0)
        const through = counts.slice(0, bin + 1).reduce((sum, count) => sum + count, 0)
        expect(below).toBeLessThanOrEqual(p * total + 1e-9 * total)
        expect(through).toBeGreaterThanOrEqual(p * total - 1e-9 * total)
      }),
      { numRuns: 1000 },
    )
  })

  test('of what is spread evenly within a bin is exact', () => {
    const of = state([0, 10, 30], [0, 100, 100, 0])
    expect([0, 0.25, 0.5, 0.75, 1].map((p) => at(of, p))).toEqual([0, 5, 10, 20, 30])
  })

  test('of what lies beyond all that the birth has seen is where that ends', () => {
    expect([at(state([2, 5], [7, 0, 0]), 0.5), at(state([2, 5], [0, 0, 7]), 0.5)]).toEqual([2, 5])
  })

  test('is null without a value, and without edges', () => {
    expect([at(state([1, 2], [0, 0, 0]), 0.5), at(state([], [4]), 0.5)]).toEqual([null, null])
  })
})

describe('the summary of a birth', () => {
  const random = new Random(3)
  const n = 4000
  const plan = planOf([
    feature('amount', { kind: 'log' }),
    feature('risk', { kind: 'none' }),
    feature('colour', { kind: 'oneHot', values: ['red', 'blue'] }),
  ])
  const rows = new Float64Array(4 * n)
  for (let i = 0; i < n; i++) {
    rows[4 * i] = Math.exp(3 + random.gaussian())
    rows[4 * i + 1] = i % 4 === 0 ? Number.NaN : 10 + 2 * random.gaussian()
    rows[4 * i + 2 + (i % 8 === 0 ? 1 : 0)] = Math.SQRT1_2
  }
  const [amount, risk, colour] = summariseFeatures(plan, bornFrom(plan, rows, n, 3), [0.01, 0.5, 0.99])

  test('has quantiles in the units of the user', () => {
    const exact = [-2.326, 0, 2.326].map((z) => Math.exp(3 + z))
    amount.quantiles?.forEach((value, i) => {
      expect(Math.abs(Math.log(value / exact[i]))).toBeLessThan(0.2)
    })
    expect(amount.quantiles).toHaveLength(3)
    expect([amount.missingShare, amount.clippedShare, amount.shares]).toEqual([0, 0, null])
  })

  test('has mean and spread of the values that there are', () => {
    expect(risk.missingShare).toBe(0.25)
    expect(risk.mean).toBeCloseTo(10, 0)
    expect(risk.spread).toBeCloseTo(2, 0)
  })

  test('has the shares of categories', () => {
    expect(colour).toMatchObject({ mean: null, spread: null, quantiles: null, shares: [0.875, 0.125, 0] })
  })
})
