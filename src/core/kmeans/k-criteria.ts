/** What is said of a clustering into k clusters, to compare it with clusterings into fewer and more. */
import type { Clustering } from './lloyd.ts'

export interface KCriteria {
  readonly k: number
  /** Sum of the squared distances of the rows to their centroids; smaller is tighter, and it always falls with k. */
  readonly inertia: number
  /** Mean simplified silhouette, in [−1, 1] (Hruschka, de Castro & Campello 2004); larger is better. */
  readonly silhouette: number
  /** Davies & Bouldin 1979; smaller is better. */
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
  const { centroids, sizes, inertia } = found
  const k = sizes.length
  const { silhouette, spread } = silhouettes(rows, n, d, found)
  const live = sizes.filter((size) => size > 0)
  const within = Math.max(inertia, leastInertia(total))
  return {
    k,
    inertia,
    silhouette,
    daviesBouldin: daviesBouldin(centroids, sizes, spread, d),
    calinskiHarabasz: n > k && k > 1 ? (total - inertia) / (k - 1) / (within / (n - k)) : 0,
    bic: bic(n, d, k, live, within),
    smallest: live.reduce((least, size) => Math.min(least, size), n),
  }
}

/** Rows that all lie on their centroids are as near as rounding can tell, and no logarithm of theirs is infinite. */
function leastInertia(total: number): number {
  return Math.max(total * 1e-12, 1e-300)
}

/** The mean of (b − a) / max(a, b), a and b the distances to the nearest and the second-nearest centroid; Σ a by cluster. */
function silhouettes(
  rows: Float64Array,
  n: number,
  d: number,
  { centroids, labels, sizes }: Clustering,
): { silhouette: number; spread: Float64Array } {
  const k = sizes.length
  const spread = new Float64Array(k)
  let sum = 0
  for (let i = 0; i < n; i++) {
    let own = 0
    let other = Number.POSITIVE_INFINITY
    for (let j = 0; j < k; j++) {
      if (sizes[j] === 0) continue
      const distance = Math.sqrt(squared(rows, i * d, centroids, j * d, d))
      if (j === labels[i]) own = distance
      else if (distance < other) other = distance
    }
    spread[labels[i]] += own
    const larger = Math.max(own, other)
    if (other < Number.POSITIVE_INFINITY && larger > 0) sum += (other - own) / larger
  }
  return { silhouette: sum / n, spread }
}

function daviesBouldin(centroids: Float64Array, sizes: Float64Array, spread: Float64Array, d: number): number {
  let sum = 0
  let live = 0
  for (let j = 0; j < sizes.length; j++) {
    if (sizes[j] === 0) continue
    live++
    let worst = 0
    for (let other = 0; other < sizes.length; other++) {
      if (other === j || sizes[other] === 0) continue
      const apart = Math.sqrt(squared(centroids, j * d, centroids, other * d, d))
      if (apart > 0) worst = Math.max(worst, (spread[j] / sizes[j] + spread[other] / sizes[other]) / apart)
    }
    sum += worst
  }
  return live > 0 ? sum / live : 0
}

function bic(n: number, d: number, k: number, sizes: Float64Array, within: number): number {
  const freedom = Math.max(1, n - k)
  let logLikelihood = -0.5 * n * d * Math.log((2 * Math.PI * within) / (d * freedom)) - 0.5 * freedom * d
  for (const size of sizes) logLikelihood += size * Math.log(size / n)
  const parameters = k - 1 + k * d + 1
  return parameters * Math.log(n) - 2 * logLikelihood
}

function squared(a: Float64Array, from: number, b: Float64Array, at: number, d: number): number {
  let sum = 0
  for (let f = 0; f < d; f++) {
    const t = a[from + f] - b[at + f]
    sum += t * t
  }
  return sum
}
