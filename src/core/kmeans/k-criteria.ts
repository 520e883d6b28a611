/** What is said of a clustering into k clusters, to compare it with clusterings into fewer and more. */
import { separationOf } from '../quality/separation.ts'
import type { Clustering } from './lloyd.ts'

export interface KCriteria {
  readonly k: number
  /** Sum of the squared distances of the rows to their centroids; smaller is tighter, and it always falls with k. */
  readonly inertia: number
  /** Mean simplified silhouette; 0 with one cluster. */
  readonly silhouette: number
  /** Smaller is better; 0 with one cluster. */
  readonly daviesBouldin: number
  /** Caliński & Harabasz 1974; larger is better. */
  readonly calinskiHarabasz: number
  /** Of the mixture of k spheres of one size (as in X-means, Pelleg & Moore 2000); smaller is better. */
  readonly bic: number
  /** Rows of the smallest cluster that has any. */
  readonly smallest: number
}

/**
 * The criteria of a clustering of rows (n × d, scaled already).
 * @param total the sum of the squared distances of the rows to their mean.
 */
export function criteriaOf(rows: Float64Array, n: number, d: number, found: Clustering, total: number): KCriteria {
  const { centroids, labels, sizes, inertia } = found
  const k = sizes.length
  const alike = { n, d, rows, weight: new Float64Array(n).fill(1), inverseScale: new Float64Array(d).fill(1) }
  const { silhouette, daviesBouldin } = separationOf(alike, centroids, labels, k)
  const live = sizes.filter((size) => size > 0)
  const within = Math.max(inertia, leastInertia(total))
  return {
    k,
    inertia,
    silhouette: silhouette ?? 0,
    daviesBouldin: daviesBouldin ?? 0,
    calinskiHarabasz: n > k && k > 1 ? (total - inertia) / (k - 1) / (within / (n - k)) : 0,
    bic: bic(n, d, k, live, within),
    smallest: live.reduce((least, size) => Math.min(least, size), n),
  }
}

/** Rows that all lie on their centroids are as near as rounding can tell, and no logarithm of theirs is infinite. */
function leastInertia(total: number): number {
  return Math.max(total * 1e-12, 1e-300)
}

function bic(n: number, d: number, k: number, sizes: Float64Array, within: number): number {
  const freedom = Math.max(1, n - k)
  let logLikelihood = -0.5 * n * d * Math.log((2 * Math.PI * within) / (d * freedom)) - 0.5 * freedom * d
  for (const size of sizes) logLikelihood += size * Math.log(size / n)
  const parameters = k - 1 + k * d + 1
  return parameters * Math.log(n) - 2 * logLikelihood
}
