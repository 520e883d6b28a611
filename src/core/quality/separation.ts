/** How well apart clusters are, by rows that stand for others. */
import type { WeightedRows } from '../kmeans/weighted-lloyd.ts'

export interface Separation {
  /**
   * Simplified silhouette (Hruschka, de Castro & Campello 2004): the mean over the rows of (b − a) / max(a, b), a the
   * distance to the own centroid and b that to the nearest other one; in [−1, 1], larger is better. Null with one cluster.
   */
  readonly silhouette: number | null
  /** Variance of these over the rows; 0 with one cluster. */
  readonly variance: number
  /**
   * Davies & Bouldin 1979: the mean over the clusters of max over the others of (S_i + S_j) / M_ij, S the mean distance of
   * its rows to a centroid and M_ij that between two of them; smaller is better. Null with one cluster.
   */
  readonly daviesBouldin: number | null
  /** Sum of the weighted squared distances of the rows to their own centroids. */
  readonly inertia: number
}

/** No squared distance counts for more: its root, summed over all rows, and the square of that are finite. */
const largestSquare = 1e200

/**
 * The separation of the clusters that have rows; a centroid without any is none. In k × n distances.
 *
 * @param centroids k × d, in the rows' units.
 * @param labels of each row its cluster: it need not be the nearest.
 */
export function separationOf(data: WeightedRows, centroids: Float64Array, labels: Int32Array, k: number): Separation {
  const { n, d, rows, weight, inverseScale } = data
  const mass = new Float64Array(k)
  for (let i = 0; i < n; i++) mass[labels[i]] += weight[i]
  const live = Array.from(mass.keys()).filter((j) => mass[j] > 0)
  const spread = new Float64Array(k)
  const silhouettes = new Float64Array(n)
  let inertia = 0
  for (let i = 0; i < n; i++) {
    const own = squaredDistance(rows, i * d, centroids, labels[i] * d, inverseScale, largestSquare)
    let other = largestSquare
    for (let l = 0; l < live.length; l++) {
      if (live[l] !== labels[i]) other = squaredDistance(rows, i * d, centroids, live[l] * d, inverseScale, other)
    }
    const [a, b] = [Math.sqrt(own), Math.sqrt(other)]
    inertia += weight[i] * own
    spread[labels[i]] += weight[i] * a
    silhouettes[i] = Math.max(a, b) > 0 ? (b - a) / Math.max(a, b) : 0
  }
  if (live.length < 2) return { silhouette: null, variance: 0, daviesBouldin: null, inertia }
  const { mean, variance } = momentsOf(silhouettes, weight)
  for (const j of live) spread[j] /= mass[j]
  return { silhouette: mean, variance, daviesBouldin: daviesBouldin(centroids, spread, live, inverseScale), inertia }
}

function daviesBouldin(
  centroids: Float64Array,
  spread: Float64Array,
  live: readonly number[],
  inverseScale: Float64Array,
): number {
  const d = inverseScale.length
  let sum = 0
  for (const j of live) {
    let worst = 0
    for (const other of live) {
      if (other === j) continue
      const apart = Math.sqrt(squaredDistance(centroids, j * d, centroids, other * d, inverseScale, largestSquare))
      // Of two that are at one place nothing is said, as by scikit-learn.
      if (apart > 0) worst = Math.max(worst, (spread[j] + spread[other]) / apart)
    }
    sum += Math.min(worst, largestRatio)
  }
  return sum / live.length
}

const largestRatio = 1e9

function momentsOf(values: Float64Array, weight: Float64Array): { readonly mean: number; readonly variance: number } {
  let total = 0
  let sum = 0
  for (let i = 0; i < values.length; i++) {
    total += weight[i]
    sum += weight[i] * values[i]
  }
  const mean = sum / total
  let squares = 0
  for (let i = 0; i < values.length; i++) squares += weight[i] * (values[i] - mean) ** 2
  return { mean, variance: squares / total }
}

/** The squared distance, at most `limit`: where it is beyond that, the other columns need not be looked at. */
function squaredDistance(
  a: Float64Array,
  from: number,
  b: Float64Array,
  at: number,
  inverseScale: Float64Array,
  limit: number,
): number {
  let sum = 0
  for (let f = 0; f < inverseScale.length; f++) {
    const t = (a[from + f] - b[at + f]) * inverseScale[f]
    sum += t * t
    if (sum >= limit) return limit
  }
  // Endless differences of columns that count for nothing are no number.
  return Number.isNaN(sum) ? limit : sum
}
