import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { breathingSteps } from '../../../src/core/kmeans/breathing.ts'
import { Random } from '../../../src/core/kmeans/random.ts'
import { finish } from '../../../src/core/kmeans/steps.ts'
import { settleSteps, type WeightedRows } from '../../../src/core/kmeans/weighted-lloyd.ts'
import { clusteredRows } from '../model/sample-model.ts'

function evenly(rows: Float64Array, d: number): WeightedRows {
  const n = rows.length / d
  return { n, d, rows, weight: new Float64Array(n).fill(1), inverseScale: new Float64Array(d).fill(1) }
}

/** The least and the largest of the k centroids' distances to the nearest of these points on a line. */
const near = (centroids: Float64Array, points: readonly number[]) =>
  points.map((point) => Math.min(...centroids.map((c) => Math.abs(c - point))))

describe('settling', () => {
  test('is Lloyd: with weights it is what repeating the rows would be', () => {
    const rows = clusteredRows(60, 2, 3, 5)
    const weight = Float64Array.from({ length: 60 }, (_, i) => 1 + (i % 3))
    const repeated = Float64Array.from(
      [...weight.keys()].flatMap((i) =>
        Array(weight[i])
          .fill([...rows.subarray(2 * i, 2 * i + 2)])
          .flat(),
      ),
    )
    const start = rows.slice(0, 6)
    const some = finish(settleSteps({ ...evenly(rows, 2), weight }, start, 3, 20))
    const all = finish(settleSteps(evenly(repeated, 2), start, 3, 20))
    expect(some.inertia).toBeCloseTo(all.inertia, 6)
    some.centroids.forEach((x, at) => {
      expect(x).toBeCloseTo(all.centroids[at], 9)
    })
  })
})

describe('breathing', () => {
  test('brings a centroid from where two share a cluster to where two clusters share one', () => {
    const random = new Random(1)
    const places = [0, 10, 20, 30]
    const rows = Float64Array.from({ length: 400 }, (_, i) => places[i % 4] + random.gaussian())
    const { centroids } = finish(breathingSteps(evenly(rows, 1), Float64Array.of(-1, 1, 10, 25), 4, new Random(2)))
    for (const distance of near(centroids, places)) expect(distance).toBeLessThan(0.5)
  })

  test('never ends with more inertia than settling alone, nor with a number that is none', () => {
    const value = fc.oneof(
      fc.double({ min: -10, max: 10, noNaN: true }),
      fc.constantFrom(0, 1e30, -1e30, 5e-324),
      fc.double({ min: -1e30, max: 1e30, noNaN: true }),
    )
    const weight = fc.constantFrom(1, 0.5, 1e-9, 1e12)
    fc.assert(
      fc.property(
        fc.array(fc.tuple(value, value, weight), { minLength: 1, maxLength: 40 }),
        fc.integer({ min: 1, max: 6 }),
        (all, k) => {
          const data = {
            ...evenly(Float64Array.from(all.flat()), 2),
            weight: Float64Array.from(all, ([, , w]) => w),
          }
          const start = Float64Array.from({ length: 2 * k }, (_, at) => data.rows[at % data.rows.length])
          const settled = finish(settleSteps(data, start, k, 6))
          const found = finish(breathingSteps(data, start, k, new Random(3)))
          expect(found.centroids.every(Number.isFinite)).toBe(true)
          expect(found.centroids).toHaveLength(2 * k)
          expect(found.inertia).toBeLessThanOrEqual(settled.inertia)
        },
      ),
      { numRuns: 300 },
    )
  })
})
