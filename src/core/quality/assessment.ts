/** Assesses the clusters of a model by its sample: with each step of upkeep, which has made a refit anyway. */
import { computed, type Steps } from '../kmeans/steps.ts'
import type { WeightedRows } from '../kmeans/weighted-lloyd.ts'
import type { Model } from '../model/model.ts'
import { sum } from '../sum.ts'
import { kept } from '../upkeep/reservoir.ts'
import { centroidsInUnits } from '../upkeep/upkeep-sample.ts'
import { examinationOf } from './examination.ts'
import { largestRatio } from './quality.ts'
import { sizesOf } from './sizes.ts'

/** What a refit would gain, and whether it was taken. */
export interface Refit {
  /** Inertia of the clusters that served over that of the refitted ones; null where none can be told. */
  readonly ratio: number | null
  readonly taken: boolean
}

/**
 * Assesses the clusters of the model (IN and OUT) as they are now.
 *
 * @param data the model's sample.
 * @param refit null where none was made.
 */
export function* assessSteps(model: Model, data: WeightedRows, refit: Refit | null): Steps<void> {
  const { k, quality, version, trainedEvents } = model
  const centroids = centroidsInUnits(model)
  const last = quality.assessed.length === centroids.length ? quality.record : null
  const before = last === null ? null : Float64Array.from(quality.assessed)
  const found = yield* computed(examinationOf({ data, centroids, before, k }))
  const { silhouette, variance, daviesBouldin, inertia, inertiaAboutMean, stability } = found
  quality.record = {
    version,
    trainedEvents,
    rows: data.n,
    effectiveRows: effectiveRows(data.weight),
    silhouette,
    silhouetteVariance: variance,
    daviesBouldin,
    unexplained: bounded(inertiaAboutMean > 0 ? inertia / inertiaAboutMean : 0) ?? 1,
    refitRatio: bounded(refit?.ratio ?? null),
    refitted: refit?.taken ?? false,
    stability,
    comparedVersion: last?.version ?? null,
    ...sizesOf(model.clusters.weight),
  }
  quality.assessed = Float32Array.from(centroids, (x) => kept(x, 0, 1))
}

function effectiveRows(weight: Float64Array): number {
  const total = sum(weight)
  let squares = 0
  for (const w of weight) squares += w * w
  return squares > 0 ? Math.min(weight.length, (total * total) / squares) : 0
}

function bounded(ratio: number | null): number | null {
  return ratio === null || Number.isNaN(ratio) ? null : Math.min(ratio, largestRatio)
}
