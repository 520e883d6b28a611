import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { adjustedRand } from '../../../src/core/kmeans/adjusted-rand.ts'
import { separationOf } from '../../../src/core/quality/separation.ts'

interface Golden {
  readonly separations: readonly {
    readonly name: string
    readonly d: number
    readonly k: number
    readonly rows: number[]
    readonly weight: number[]
    readonly scale: number[]
    readonly centroids: number[]
    readonly labels: number[]
    readonly silhouette: number
    readonly variance: number
    readonly daviesBouldin: number
    readonly inertia: number
  }[]
  readonly agreements: readonly {
    readonly name: string
    readonly a: number[]
    readonly b: number[]
    readonly adjustedRand: number
  }[]
}

const golden: Golden = JSON.parse(readFileSync(new URL('../../golden/quality.json', import.meta.url), 'utf8'))

describe('the separation of clusters', () => {
  test.each(golden.separations)('is what scikit-learn and numpy say of the rows, each so often: $name', (of) => {
    const data = {
      n: of.labels.length,
      d: of.d,
      rows: Float64Array.from(of.rows),
      weight: Float64Array.from(of.weight),
      inverseScale: Float64Array.from(of.scale),
    }
    const found = separationOf(data, Float64Array.from(of.centroids), Int32Array.from(of.labels), of.k)
    for (const name of ['silhouette', 'variance', 'daviesBouldin', 'inertia'] as const) {
      expect(Math.abs((found[name] ?? 0) / of[name] - 1)).toBeLessThan(1e-9)
    }
  })

  test('of one cluster, or of several of which one has rows, is none', () => {
    const data = {
      n: 2,
      d: 1,
      rows: Float64Array.of(1, 3),
      weight: Float64Array.of(1, 1),
      inverseScale: Float64Array.of(1),
    }
    const none = { silhouette: null, variance: 0, daviesBouldin: null, inertia: 2 }
    expect(separationOf(data, Float64Array.of(2), Int32Array.of(0, 0), 1)).toEqual(none)
    expect(separationOf(data, Float64Array.of(9, 2, 7), Int32Array.of(1, 1), 3)).toEqual(none)
  })

  test('is finite and within its bounds for any rows, weights, scales and centroids', () => {
    const value = fc.oneof(
      fc.constantFrom(0, -0, 1, 5e-324, 1e150, 1e300, -1e300, Number.MAX_VALUE),
      fc.double({ min: -3, max: 3, noNaN: true }),
    )
    const weight = fc.oneof(fc.constantFrom(0, 5e-324, 1, 1e30), fc.double({ min: 0, max: 9, noNaN: true }))
    const scale = fc.constantFrom(0, 1e-300, 1, 1e300, Number.MAX_VALUE)
    const of = fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 0, max: 8 })).chain(([k, n]) =>
      fc.record({
        k: fc.constant(k),
        n: fc.constant(n),
        rows: fc.array(value, { minLength: 2 * n, maxLength: 2 * n }),
        weight: fc.array(weight, { minLength: n, maxLength: n }),
        inverseScale: fc.tuple(scale, scale),
        centroids: fc.array(value, { minLength: 2 * k, maxLength: 2 * k }),
        labels: fc.array(fc.nat(k - 1), { minLength: n, maxLength: n }),
      }),
    )
    fc.assert(
      fc.property(of, ({ k, n, rows, weight: weights, inverseScale, centroids, labels }) => {
        const data = {
          n,
          d: 2,
          rows: Float64Array.from(rows),
          weight: Float64Array.from(weights),
          inverseScale: Float64Array.from(inverseScale),
        }
        const found = separationOf(data, Float64Array.from(centroids), Int32Array.from(labels), k)
        const { silhouette, variance, daviesBouldin, inertia } = found
        expect(Math.abs(silhouette ?? 0)).toBeLessThanOrEqual(1 + 1e-12)
        for (const x of [variance, daviesBouldin ?? 0, inertia]) {
          expect(Number.isFinite(x)).toBe(true)
          expect(x).toBeGreaterThanOrEqual(0)
        }
      }),
      { numRuns: 2000 },
    )
  })
})

describe('the agreement of two clusterings', () => {
  test.each(golden.agreements)('is what scikit-learn says: $name', ({ a, b, adjustedRand: value }) => {
    expect(adjustedRand(Int32Array.from(a), Int32Array.from(b))).toBeCloseTo(value, 12)
  })

  test('counts a pair for the product of the weights of its rows', () => {
    const row = fc.tuple(fc.nat(3), fc.nat(3), fc.double({ min: 0.1, max: 9, noNaN: true }))
    fc.assert(
      fc.property(fc.array(row, { minLength: 2, maxLength: 12 }), (rows) => {
        let [both, inA, inB, all] = [0, 0, 0, 0]
        rows.forEach(([a, b, w], i) => {
          for (const [otherA, otherB, v] of rows.slice(i + 1)) {
            if (a === otherA && b === otherB) both += w * v
            if (a === otherA) inA += w * v
            if (b === otherB) inB += w * v
            all += w * v
          }
        })
        const chance = (inA * inB) / all
        fc.pre((inA + inB) / 2 - chance > 1e-6 * all)
        const [a, b] = [0, 1].map((side) => Int32Array.from(rows, (of) => of[side]))
        const weight = Float64Array.from(rows, ([, , w]) => w)
        expect(adjustedRand(a, b, weight)).toBeCloseTo((both - chance) / ((inA + inB) / 2 - chance), 6)
      }),
    )
  })
})
