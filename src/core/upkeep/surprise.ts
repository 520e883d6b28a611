/** Whether a batch is unlike what was learned: a reason to look after the clusters sooner. */

import { nearest } from '../kmeans/nearest.ts'
import { type WeightedRows, weightedInertia } from '../kmeans/weighted-lloyd.ts'
import type { ModelUpdate } from '../model/update.ts'
import { sum } from '../sum.ts'
import type { Upkeep } from './upkeep.ts'

/** A row is far whose squared distance to its centroid is beyond so many mean ones. */
export const farInMeans = 4
/**
 * At most a quarter of what the model has learned lies beyond four mean squared distances, whatever its distribution
 * (Markov's inequality): where it is half of a batch, the stream has come to a place that the model does not know.
 */
const impossibleShare = 1 / 2
/** So many standard errors above what was usual, and a few rows: one that is far, however far, surprises nobody. */
const errors = 6
const fewest = 10
const halfLifeEvents = 20_000

export function isSurprising({ farShare }: Upkeep, { trained, farEvents }: ModelUpdate): boolean {
  const usual = farShare * trained
  const many = Math.min(impossibleShare * trained, usual + errors * Math.sqrt(usual))
  return farEvents >= fewest + many
}

/** Learns how many events are far (IN and OUT). */
export function learnFar(upkeep: Upkeep, { trained, farEvents }: ModelUpdate): void {
  const share = 1 - 2 ** (-trained / halfLifeEvents)
  upkeep.farShare = Math.min(1, Math.max(0, upkeep.farShare + share * (farEvents / trained - upkeep.farShare)))
}

/** The share of these rows that is far from all centroids (k × d): what is usual for clusters that have just changed. */
export function farShareOf({ rows, n, d, weight, inverseScale }: WeightedRows, centroids: Float64Array): number {
  const squared = new Float64Array(n)
  nearest(rows, n, d, centroids, centroids.length / d, inverseScale, new Int32Array(n), squared)
  const total = sum(weight)
  const inertia = weightedInertia(weight, squared)
  let far = 0
  for (let i = 0; i < n; i++) if (squared[i] * total > farInMeans * inertia) far += weight[i]
  return total > 0 ? Math.min(1, far / total) : 0
}
