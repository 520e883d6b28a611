import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Random } from '../../../src/core/kmeans/random.ts'
import { findTwoNearest, findWithout, twoNearest } from '../../../src/core/kmeans/two-nearest.ts'

test('what is found without a centroid is what would be found among the others, ties and endless distances included', () => {
  const problem = fc.record({
    n: fc.integer({ min: 0, max: 30 }),
    d: fc.integer({ min: 1, max: 3 }),
    k: fc.integer({ min: 1, max: 6 }),
    // A coarse grid makes ties.
    grid: fc.constantFrom(1, 2 ** 30),
    size: fc.constantFrom(1, 1e200),
    seed: fc.integer(),
  })
  fc.assert(
    fc.property(problem, ({ n, d, k, grid, size, seed }) => {
      const random = new Random(seed)
      const values = (length: number) =>
        Float64Array.from({ length }, () => (size * Math.round(random.gaussian() * grid)) / grid)
      const [rows, centroids, scale] = [values(n * d), values((k + 1) * d), new Float64Array(d).fill(1)]
      const removed = random.below(k + 1)
      const [found, expected] = [twoNearest(n), twoNearest(n)]
      findTwoNearest(rows, n, d, centroids, k + 1, scale, found)
      centroids.copyWithin(removed * d, (removed + 1) * d)
      findWithout(removed, rows, n, d, centroids, k, scale, found)
      findTwoNearest(rows, n, d, centroids, k, scale, expected)
      expect(found).toEqual(expected)
    }),
    { numRuns: 1000 },
  )
})
