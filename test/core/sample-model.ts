/** A model born from seeded rows, for tests of what is done with models. */
import { birth } from '../../src/core/birth.ts'
import { type FeaturePlan, planFeatures } from '../../src/core/feature-plan.ts'
import type { FeatureSpec } from '../../src/core/features.ts'
import type { Model } from '../../src/core/model.ts'
import { Random } from '../../src/core/random.ts'
import { finish } from '../../src/core/steps.ts'

export const sampleFingerprint = '0123456789abcdef'

export function numericPlan(d: number): FeaturePlan {
  const features = Array.from(
    { length: d },
    (_, c): FeatureSpec => ({ name: `x${c}`, field: `x${c}`, transform: { kind: 'none' }, weight: 1, missing: 'mean' }),
  )
  return planFeatures({ id: 'id', time: null, timeUnitMs: 1, features })
}

/** n rows around k centres, well apart. */
export function clusteredRows(n: number, d: number, k: number, seed: number): Float64Array {
  const random = new Random(seed)
  const centres = Float64Array.from({ length: k * d }, () => 20 * random.gaussian())
  const rows = new Float64Array(n * d)
  for (let i = 0; i < n; i++) {
    const j = random.below(k)
    for (let c = 0; c < d; c++) rows[i * d + c] = centres[j * d + c] + random.gaussian()
  }
  return rows
}

export function bornFrom(plan: FeaturePlan, rows: Float64Array, n: number, k: number): Model {
  return finish(
    birth(plan, rows, n, {
      fingerprint: sampleFingerprint,
      bornAtMs: 1_760_000_000_000,
      k,
      seed: 1,
      halfLifeEvents: 100_000,
      rarityHalfLifeEvents: 20_000,
      bornFrom: [
        { partition: 0, from: 0, to: n },
        { partition: 3, from: 17, to: 1017 },
      ],
    }),
  )
}
