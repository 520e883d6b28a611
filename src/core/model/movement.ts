/** How far a model has moved since an earlier version of it. */

import { runningSpreads } from './metric.ts'
import type { Model } from './model.ts'

/**
 * The mass-weighted mean distance between the clusters' centroids now and then, in spreads of the columns then
 * (root mean square over the columns, so that 1 means one spread in every column).
 */
export function movement(then: Model, now: Model): number {
  const { d, k } = then
  const spreads = runningSpreads(then)
  let moved = 0
  let mass = 0
  for (let j = 0; j < k; j++) {
    let squared = 0
    for (let c = 0; c < d; c++) {
      const difference = now.clusters.mean[j * d + c] - then.clusters.mean[j * d + c]
      squared += (difference / spreads[c]) ** 2
    }
    moved += now.clusters.weight[j] * Math.sqrt(squared / d)
    mass += now.clusters.weight[j]
  }
  return mass > 0 ? moved / mass : 0
}
