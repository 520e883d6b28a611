import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { vectorSoften } from '../../../src/core/kernel/vector-mixture.ts'
import { emptyStatistics } from '../../../src/core/model/statistics.ts'
import { blockedSoften, freezeMixture, mixtureDistances } from '../../../src/core/score/mixture.ts'

const far = 1e100
const value = fc.oneof(fc.constantFrom(0, -0, 1, far, -far, 5e-324), fc.double({ min: -far, max: far, noNaN: true }))
const mass = fc.oneof(fc.constantFrom(0, 5e-324, 1, 1e30), fc.double({ min: 0, max: 1e12, noNaN: true }))
const scale = fc.constantFrom(1e-100, 1e-3, 1, 1e3)
const many = <T>(of: fc.Arbitrary<T>, n: number) => fc.array(of, { minLength: n, maxLength: n })

/** Any k clusters of d columns that are sound, and n rows. */
const problem = fc
  .record({
    n: fc.constantFrom(1, 2, 3, 16, 17, 19, 21),
    d: fc.integer({ min: 1, max: 5 }),
    k: fc.integer({ min: 1, max: 9 }),
  })
  .chain(({ n, d, k }) =>
    fc.record({
      shape: fc.constant({ n, d, k }),
      weight: many(mass, k),
      mean: many(value, k * d),
      m2: many(fc.constantFrom(0, 1, 1e200), k * d),
      inverseScale: many(scale, d),
      rows: many(value, n * d),
    }),
  )

type Problem = typeof problem extends fc.Arbitrary<infer P> ? P : never

function scored({ shape: { n, d, k }, weight, mean, m2, inverseScale, rows }: Problem) {
  const places = emptyStatistics(k, d)
  places.weight.set(weight)
  places.mean.set(mean)
  places.m2.set(m2)
  const mixture = freezeMixture(places, new Float64Array(d), Float64Array.from(inverseScale))
  const [labels, logDistances] = [new Int32Array(n), new Float64Array(n)]
  mixtureDistances(mixture, Float64Array.from(rows), n, labels, new Float64Array(n), logDistances)
  return { mixture, labels, logDistances }
}

describe('the distance from what is usual', () => {
  test('is finite, and its label a cluster, whatever finite numbers there are', () => {
    fc.assert(
      fc.property(problem, (of) => {
        const { labels, logDistances } = scored(of)
        expect(logDistances.every(Number.isFinite)).toBe(true)
        expect(labels.every((label) => label >= 0 && label < of.shape.k)).toBe(true)
      }),
      { numRuns: 2000 },
    )
  })

  test('is the same on every machine, bit for bit', () => {
    fc.assert(
      fc.property(problem, (of) => {
        const { n } = of.shape
        const { mixture } = scored(of)
        const rows = Float64Array.from(of.rows)
        const empty = () => ({ labels: new Int32Array(n), leasts: new Float64Array(n), sums: new Float64Array(n) })
        const [vector, blocked] = [empty(), empty()]
        const done = vectorSoften(mixture, rows, n, vector.labels, vector.leasts, vector.sums)
        blockedSoften(mixture, rows, n, blocked.labels, blocked.leasts, blocked.sums)
        expect(done).toBe(n >= 16)
        if (done) expect(vector).toEqual(blocked)
      }),
      { numRuns: 2000 },
    )
  })

  test('is labelled by the least capped L1 distance, the lower index of equals', () => {
    fc.assert(
      fc.property(problem, (of) => {
        const { mixture, labels } = scored(of)
        const { n, d, k } = of.shape
        for (let i = 0; i < n; i++) {
          const to = Array.from({ length: k }, (_, j) => {
            let sum = 0
            for (let c = 0; c < d; c++) {
              const x = of.rows[i * d + c] * of.inverseScale[c]
              sum += Math.min(Math.abs(x - mixture.scaledCentroids[j * d + c]), 1000)
            }
            return sum
          })
          expect(labels[i]).toBe(to.indexOf(Math.min(...to)))
        }
      }),
      { numRuns: 1000 },
    )
  })
})
