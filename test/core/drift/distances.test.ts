import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { allowance, pairDistance, pairProbability, wealthNeeded } from '../../../src/core/drift/bounds.ts'
import {
  jensenShannon,
  kolmogorovSmirnov,
  populationStability,
  totalVariation,
  wasserstein,
} from '../../../src/core/drift/distances.ts'
import { place } from '../../../src/core/drift/fit.ts'
import { Random } from '../../../src/core/kmeans/random.ts'

const count = fc.oneof(fc.nat(1000), fc.constantFrom(0, 1, 5e-324, 2 ** 53 - 1))
const pairs = fc
  .integer({ min: 1, max: 40 })
  .chain((bins) =>
    fc.tuple(
      ...[0, 1].map(() => fc.array(count, { minLength: bins, maxLength: bins }).map((of) => Float64Array.from(of))),
    ),
  )
const ascending = (bins: number) => Float64Array.from({ length: bins - 1 }, (_, i) => i * i)

describe('a distance of two distributions', () => {
  test('is finite whatever the counts, within its bounds, and nothing of one from itself', () => {
    fc.assert(
      fc.property(pairs, ([a, b]) => {
        for (const distance of [kolmogorovSmirnov, totalVariation, jensenShannon]) {
          expect(distance(a, b)).toBeGreaterThanOrEqual(0)
          expect(distance(a, b)).toBeLessThanOrEqual(1)
          expect(distance(a, a)).toBeCloseTo(0, 12)
        }
        expect(populationStability(a, b)).toBeGreaterThanOrEqual(-1e-12)
        for (const edges of [ascending(a.length), new Float64Array(0)]) {
          expect(wasserstein(a, b, edges)).toBeGreaterThanOrEqual(0)
          expect(Number.isFinite(wasserstein(a, b, edges))).toBe(true)
        }
      }),
    )
  })

  test('of distribution functions is at most that of probabilities', () => {
    fc.assert(
      fc.property(pairs, ([a, b]) => {
        expect(kolmogorovSmirnov(a, b)).toBeLessThanOrEqual(totalVariation(a, b) + 1e-9)
      }),
    )
  })

  test('is what is known by hand', () => {
    const [a, b] = [Float64Array.of(0, 5, 5, 0), Float64Array.of(0, 0, 5, 5)]
    expect(kolmogorovSmirnov(a, b)).toBeCloseTo(0.5, 12)
    expect(totalVariation(a, b)).toBeCloseTo(0.5, 12)
    expect(jensenShannon(a, b)).toBeCloseTo(0.5, 12)
    // Half of the values go two bins on; the spread is half a bin.
    expect(wasserstein(a, b, new Float64Array(0))).toBeCloseTo(2, 12)
    expect(populationStability(a, b)).toBeCloseTo(2 * (5 / 12) * Math.log(11), 12)
  })
})

describe('the bound of a distance', () => {
  test('has the probability that it was asked for', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -60, max: -3, noNaN: true }),
        fc.integer({ min: 100, max: 1e6 }),
        fc.integer({ min: 100, max: 1e6 }),
        (ln, n, m) => {
          expect(Math.log(pairProbability(pairDistance(ln, n, m), n, m))).toBeCloseTo(ln, 6)
        },
      ),
    )
  })

  test('of two samples of a thousand is below the default threshold, with a hundred features, at the promised rate', () => {
    expect(pairDistance(allowance(1000, 201), 1000, 1000)).toBeLessThan(0.2)
  })
})

describe('a sequential test', () => {
  test('does not call what is at its bound', () => {
    const random = new Random(1)
    const wealth = new Float64Array(4)
    const needed = wealthNeeded(1000, 4)
    let most = 0
    for (let window = 0; window < 20_000; window++) {
      const hits = Math.max(0, Math.round(20 + Math.sqrt(19.6) * random.gaussian()))
      place(wealth, [{ hits, events: 1000, usual: 0.02 }, null, null, null], 1000)
      most = Math.max(most, wealth[0])
    }
    expect(most).toBeLessThan(needed)
    expect(wealth.subarray(1)).toEqual(new Float64Array(3))
  })

  test('calls three times as many within a few windows', () => {
    const wealth = new Float64Array(4)
    for (let window = 0; window < 2; window++) place(wealth, [{ hits: 60, events: 1000, usual: 0.02 }], 1000)
    expect(wealth[0]).toBeGreaterThan(wealthNeeded(1000, 4))
  })
})
