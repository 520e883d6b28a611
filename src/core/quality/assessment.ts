/** Assesses the clusters of a model by its sample: with each step of upkeep, which has made a refit anyway. */
import { adjustedRand } from '../kmeans/adjusted-rand.ts'
import { nearest } from '../kmeans/nearest.ts'
import type { Steps } from '../kmeans/steps.ts'
import type { WeightedRows } from '../kmeans/weighted-lloyd.ts'
import type { Model } from '../model/model.ts'
import { sum } from '../sum.ts'
import { kept } from '../upkeep/reservoir.ts'
import { centroidsInUnits } from '../upkeep/upkeep-sample.ts'
import { largestRatio } from './quality.ts'
import { separationOf } from './separation.ts'
import { sizesOf } from './sizes.ts'

/** What a refit would gain, and whether it was taken. */
export interface Refit {
  /** Inertia of the clusters that served over that of the refitted ones; null where none can be told. */
  readonly ratio: number | null
  readonly taken: boolean
}

/**
 * Assesses the clusters of the model (IN and OUT) as they are now. In 3·k distances a row of the sample; one step each.
 *
 * @param data the model's sample.
 * @param refit null where none was made.
 */
export function* assessSteps(model: Model, data: WeightedRows, refit: Refit | null): Steps<void> {
  const { k, quality, version, trainedEvents } = model
  const centroids = centroidsInUnits(model)
  const labels = labelsOf(data, centroids, k)
  yield
  const { silhouette, variance, daviesBouldin, inertia } = separationOf(data, centroids, labels, k)
  yield
  const before = quality.assessed.length === centroids.length ? quality.record : null
  const labelsBefore = before === null ? null : labelsOf(data, Float64Array.from(quality.assessed), k)
  const total = sum(data.weight)
  const aboutMean = separationOf(data, meanOf(data, total), new Int32Array(data.n), 1).inertia
  quality.record = {
    version,
    trainedEvents,
    rows: data.n,
    effectiveRows: effectiveRows(data.weight, total),
    silhouette,
    silhouetteVariance: variance,
    daviesBouldin,
    unexplained: bounded(aboutMean > 0 ? inertia / aboutMean : 0) ?? 1,
    refitRatio: bounded(refit?.ratio ?? null),
    refitted: refit?.taken ?? false,
    stability: labelsBefore === null ? null : adjustedRand(labels, labelsBefore, data.weight),
    comparedVersion: before?.version ?? null,
    ...sizesOf(model.clusters.weight),
  }
  quality.assessed = Float32Array.from(centroids, (x) => kept(x, 0, 1))
}

function labelsOf({ rows, n, d, inverseScale }: WeightedRows, centroids: Float64Array, k: number): Int32Array {
  const labels = new Int32Array(n)
  nearest(rows, n, d, centroids, k, inverseScale, labels, new Float64Array(n))
  return labels
}

function effectiveRows(weight: Float64Array, total: number): number {
  let squares = 0
  for (const w of weight) squares += w * w
  return squares > 0 ? Math.min(weight.length, (total * total) / squares) : 0
}

function meanOf({ n, d, rows, weight }: WeightedRows, total: number): Float64Array {
  const mean = new Float64Array(d)
  for (let i = 0; i < n; i++) for (let c = 0; c < d; c++) mean[c] += (weight[i] / total) * rows[i * d + c]
  return mean
}

function bounded(ratio: number | null): number | null {
  return ratio === null || Number.isNaN(ratio) ? null : Math.min(ratio, largestRatio)
}
