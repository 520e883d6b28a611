/** A model born from seeded rows, for tests of what is done with models. */

import { type Drift, type DriftOptions, driftDefaults, firstDrift } from '../../../src/core/drift/drift.ts'
import { binsOf } from '../../../src/core/features/feature-bins.ts'
import { emptyCounts } from '../../../src/core/features/feature-counts.ts'
import { type FeaturePlan, planFeatures } from '../../../src/core/features/feature-plan.ts'
import type { FeatureSpec } from '../../../src/core/features/features.ts'
import { Random } from '../../../src/core/kmeans/random.ts'
import { finish } from '../../../src/core/kmeans/steps.ts'
import { birth } from '../../../src/core/model/birth.ts'
import type { Model } from '../../../src/core/model/model.ts'
import type { ColumnStatistics } from '../../../src/core/model/statistics.ts'
import type { ModelUpdate } from '../../../src/core/model/update.ts'
import { firstUpkeep, type Upkeep } from '../../../src/core/upkeep/upkeep.ts'

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

/** The upkeep of a model that was put together by hand: an empty sample, nothing due for long. */
export function emptyUpkeep(k: number, d: number): Upkeep {
  const scales = { stretch: new Float64Array(d).fill(1), fixedScale: new Float64Array(d) }
  const upkeep = firstUpkeep(scales, 0, k, new Float64Array(d), new Float64Array(d).fill(1))
  return { ...upkeep, nextId: 1_000_000, intervalEvents: 2 ** 50, nextAtEvents: 2 ** 50 }
}

/** The detection of drift in a model that was put together by hand, whose features are not counted. */
export function noDrift(k: number): Drift {
  return firstDrift(numericPlan(0), binsOf([]), emptyCounts(0, 0), 0, k, driftDefaults)
}

/** What an update holds that sampled no rows, of records without a time. */
export function noSample(): Pick<ModelUpdate, 'farEvents' | 'sampled' | 'fromMs' | 'toMs' | 'segments'> {
  const none = new Float32Array(0)
  return { fromMs: -1, toMs: -1, segments: [], farEvents: 0, sampled: { drawn: none, importance: none, rows: none } }
}

/** What an update holds whose events fell to usual places as to clusters (0, 1 and so on), at the default budget. */
export function usuallyAs(clusters: ColumnStatistics): Pick<ModelUpdate, 'usual' | 'budget'> {
  const index = Int32Array.from({ length: clusters.k }, (_, i) => i)
  return { usual: { sinceVersion: 1, index, statistics: clusters }, budget: 0.005 }
}

export function bornFrom(
  plan: FeaturePlan,
  rows: Float64Array,
  n: number,
  k: number,
  drift: DriftOptions = driftDefaults,
  budget = 0.005,
): Model {
  return finish(
    birth(plan, rows, n, {
      fingerprint: sampleFingerprint,
      bornAtMs: 1_760_000_000_000,
      k,
      drift,
      budget,
      seed: 1,
      halfLifeEvents: 100_000,
      rarityHalfLifeEvents: 20_000,
      bornFrom: [
        { partition: 0, from: 0, to: n },
        { partition: 3, from: 17, to: 1017 },
      ],
    }),
  ).model
}
