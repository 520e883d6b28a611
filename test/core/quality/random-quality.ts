/** The quality of a model's clusters, as good or bad as may be while it is sound. */
import fc from 'fast-check'
import { largestRatio, type Quality } from '../../../src/core/quality/quality.ts'

const orNull = (of: fc.Arbitrary<number>) => fc.oneof(fc.constant(null), of)
const ratio = fc.oneof(fc.constantFrom(0, 1, 5e-324, largestRatio), fc.double({ min: 0, max: 9, noNaN: true }))
const index = fc.double({ min: -1, max: 1, noNaN: true })
const share = fc.double({ min: 0, max: 1, noNaN: true })
const version = fc.integer({ min: 1, max: 1e9 })

const count = fc.oneof(fc.nat(1e6), fc.constant(Number.MAX_SAFE_INTEGER))

/** Of k clusters of d columns. */
export function randomQuality(k: number, d: number): fc.Arbitrary<Quality> {
  const value = fc.oneof(fc.constantFrom(0, 1e30, -1e30), fc.double({ min: -9, max: 9, noNaN: true }))
  return fc
    .record({
      version,
      trainedEvents: fc.nat(1e9),
      rows: fc.nat(4000),
      effectiveShare: share,
      silhouette: orNull(index),
      silhouetteVariance: share,
      daviesBouldin: orNull(ratio),
      unexplained: ratio,
      refitRatio: orNull(ratio),
      refitted: fc.boolean(),
      stability: orNull(index),
      comparedVersion: orNull(version),
      smallest: share,
      median: share,
      largest: share,
      effective: fc.double({ min: 0, max: k, noNaN: true }),
      empty: fc.nat(k >> 1),
      starved: fc.nat(k >> 1),
      watch: fc.record({
        reference: fc.oneof(
          fc.constant(null),
          fc.record({ version, silhouette: index, least: index, unexplained: ratio }),
        ),
        settledAtEvents: count,
        streak: fc.nat(3),
        open: fc.nat(9),
        usualAtEvents: count,
      }),
      assessed: fc.oneof(fc.constant([]), fc.array(value, { minLength: k * d, maxLength: k * d })),
    })
    .map(({ assessed, watch, effectiveShare, ...record }) => ({
      record: { ...record, effectiveRows: effectiveShare * record.rows },
      assessed: Float32Array.from(assessed),
      watch: watch.reference === null ? { ...watch, open: 0 } : watch,
    }))
}
