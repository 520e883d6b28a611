import { describe, expect, test } from 'vitest'
import {
  allowance,
  eventsBetweenFalse,
  lnFewer,
  pairDistance,
  pairProbability,
} from '../../../src/core/drift/bounds.ts'
import { kolmogorovSmirnov, totalVariation } from '../../../src/core/drift/distances.ts'
import { Random } from '../../../src/core/kmeans/random.ts'

/** Bins of a distribution with ties and a long tail: each half as likely as the one before. */
const bins = 12
const pairs = 500

function sampleOf(random: Random, n: number): Float64Array {
  const counts = new Float64Array(bins)
  for (let i = 0; i < n; i++) counts[Math.min(bins - 1, Math.floor(-Math.log2(1 - random.uniform())))]++
  return counts
}

type Distance = (a: Float64Array, b: Float64Array) => number

/** How often two samples of one distribution are farther apart than the limit. */
function shareBeyond(distance: Distance, n: number, m: number, limit: number): number {
  const random = new Random(n + m)
  let beyond = 0
  for (let pair = 0; pair < pairs; pair++) if (distance(sampleOf(random, n), sampleOf(random, m)) > limit) beyond++
  return beyond / pairs
}

describe('two samples of one distribution', () => {
  test.each([
    [1000, 1000],
    [4000, 200],
    [200, 200],
  ])('of %i and %i values are farther apart than a limit no more often than it says', (n, m) => {
    expect(shareBeyond(kolmogorovSmirnov, n, m, pairDistance(Math.log(0.2), n, m))).toBeLessThanOrEqual(0.2)
    const sets = (bins - 1) * Math.LN2
    expect(shareBeyond(totalVariation, n, m, pairDistance(Math.log(0.2), n, m, sets))).toBeLessThanOrEqual(0.2)
  })

  test('are farther apart than half of the limit now and then, so that what holds it is not emptiness', () => {
    expect(shareBeyond(kolmogorovSmirnov, 1000, 1000, pairDistance(Math.log(0.2), 1000, 1000) / 2)).toBeGreaterThan(
      0.02,
    )
  })

  test('have the distance of a probability and the probability of a distance, one the inverse of the other', () => {
    for (const ln of [-1, -10, -25]) {
      expect(Math.log(pairProbability(pairDistance(ln, 700, 4000, 3), 700, 4000, 3))).toBeCloseTo(ln, 9)
    }
  })

  test('of which one is empty are never apart', () => {
    expect(pairDistance(-10, 0, 1000)).toBe(Number.POSITIVE_INFINITY)
    expect(pairProbability(1, 1000, 0)).toBe(1)
  })
})

describe('what chance may spend', () => {
  test('comes, over all tests of all stretches of ten million events, to less than one false alarm in one family', () => {
    const [events, tests] = [1000, 13]
    const spent = (Math.exp(allowance(events, tests)) * tests * eventsBetweenFalse) / events
    expect(spent).toBeGreaterThan(0)
    expect(spent).toBeLessThanOrEqual(1 / 5)
  })
})

describe('a category', () => {
  test('has as few by chance no more often than its bound says', () => {
    const random = new Random(3)
    const [share, n, m, ln] = [0.04, 1000, 200, Math.log(0.01)]
    const draw = (of: number) => Array.from({ length: of }, () => random.uniform()).filter((x) => x < share).length
    const wrong = Array.from({ length: pairs }, () => lnFewer(draw(m), m, draw(n), n)).filter((x) => x <= ln).length
    expect(wrong / pairs).toBeLessThanOrEqual(0.01)
  })

  test('that is gone is no chance', () => {
    expect(lnFewer(0, 1000, 100, 1000)).toBeLessThan(-50)
  })
})
