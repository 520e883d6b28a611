import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { minimumCostMatching } from '../../../src/core/kmeans/hungarian.ts'

function permutations(k: number): number[][] {
  if (k === 0) return [[]]
  return permutations(k - 1).flatMap((rest) =>
    Array.from({ length: k }, (_, at) => [...rest.slice(0, at), k - 1, ...rest.slice(at)]),
  )
}

const costOf = (cost: readonly number[], k: number, columnOf: ArrayLike<number>) =>
  Array.from(columnOf).reduce((sum, column, row) => sum + cost[row * k + column], 0)

describe('a minimum-cost matching', () => {
  test('is a permutation, and none costs less', () => {
    const square = fc.integer({ min: 1, max: 6 }).chain((k) =>
      fc.tuple(
        fc.constant(k),
        fc.array(fc.oneof(fc.integer({ min: -9, max: 9 }), fc.double({ min: -1e6, max: 1e6, noNaN: true })), {
          minLength: k * k,
          maxLength: k * k,
        }),
      ),
    )
    fc.assert(
      fc.property(square, ([k, cost]) => {
        const found = minimumCostMatching(Float64Array.from(cost), k)
        expect([...found].sort()).toEqual([...Array(k).keys()])
        const least = Math.min(...permutations(k).map((columns) => costOf(cost, k, columns)))
        expect(costOf(cost, k, found)).toBeCloseTo(least, 6)
      }),
      { numRuns: 300 },
    )
  })

  test('of a thousand is found', () => {
    const k = 1000
    const cost = new Float64Array(k * k).fill(1)
    for (let row = 0; row < k; row++) cost[row * k + ((row * 7 + 3) % k)] = 0
    expect([...minimumCostMatching(cost, k)]).toEqual(Array.from({ length: k }, (_, row) => (row * 7 + 3) % k))
  })
})
