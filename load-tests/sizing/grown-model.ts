/** A model of many clusters, as a birth makes one around centroids; a birth's own search for 10,000 would take hours. */

import { driftDefaults, firstDrift } from '../../src/core/drift/drift.ts'
import type { FeaturePlan } from '../../src/core/features/feature-plan.ts'
import { nearest } from '../../src/core/kmeans/nearest.ts'
import { Random } from '../../src/core/kmeans/random.ts'
import { inverseScales, runningSpreads, scalesOf } from '../../src/core/model/metric.ts'
import type { Model } from '../../src/core/model/model.ts'
import { accumulate, emptyStatistics } from '../../src/core/model/statistics.ts'
import { noQuality } from '../../src/core/quality/quality.ts'
import { usualOf } from '../../src/core/score/usual.ts'
import { firstUpkeep, sampleBirth } from '../../src/core/upkeep/upkeep.ts'

/** `rows`: n × d, as the birth of `born` left them; centroids are rows that are drawn. */
export function grownModel(plan: FeaturePlan, born: Model, rows: Float64Array, n: number, k: number): Model {
  const { d, whole, features } = born
  const random = new Random(1)
  const order = Int32Array.from({ length: n }, (_, i) => i)
  const centroids = new Float64Array(k * d)
  for (let j = 0; j < k; j++) {
    const at = j + random.below(n - j)
    ;[order[j], order[at]] = [order[at], order[j]]
    centroids.set(rows.subarray(order[j] * d, (order[j] + 1) * d), j * d)
  }
  const scales = scalesOf(plan.columns)
  const unit = runningSpreads(born)
  const [labels, squaredDistances] = [new Int32Array(n), new Float64Array(n)]
  nearest(rows, n, d, centroids, k, inverseScales(scales, unit), labels, squaredDistances)
  const clusters = emptyStatistics(k, d)
  accumulate(rows, n, labels, centroids, clusters)
  const upkeep = firstUpkeep(scales, n, k, whole.mean.slice(), unit)
  upkeep.support.set(clusters.weight)
  sampleBirth(upkeep, rows.subarray(0, n * d), squaredDistances)
  return {
    ...born,
    k,
    ids: Int32Array.from({ length: k }, (_, j) => j),
    bornVersions: new Float64Array(k).fill(1),
    clusters,
    upkeep,
    usual: usualOf(clusters, 1),
    drift: firstDrift(plan, features.bins, features.reference, n, k, driftDefaults),
    quality: noQuality(),
  }
}
