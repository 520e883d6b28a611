/** Lloyd's algorithm (1982) on rows that stand for others. */
import { nearest } from './nearest.ts'
import type { Steps } from './steps.ts'

/** n rows of d columns, in the metric of `inverseScale`. */
export interface WeightedRows {
  readonly n: number
  readonly d: number
  readonly rows: Float64Array
  /** How many rows each stands for, above 0. */
  readonly weight: Float64Array
  readonly inverseScale: Float64Array
}

export interface Settled {
  /** k × d. */
  readonly centroids: Float64Array
  /** Sum of the weighted, scaled, squared distances. */
  readonly inertia: number
}

/**
 * Moves the centroids to the means of their rows, until the inertia falls by less than a share of it or the iterations
 * are used up. A centroid without rows stays. One step an iteration.
 *
 * @param start k × d; not changed.
 */
export function* settleSteps(data: WeightedRows, start: Float64Array, k: number, iterations: number): Steps<Settled> {
  const { n, d, rows, inverseScale } = data
  const centroids = start.slice(0, k * d)
  const labels = new Int32Array(n)
  const squared = new Float64Array(n)
  let inertia = Number.POSITIVE_INFINITY
  for (let iteration = 0; ; iteration++) {
    nearest(rows, n, d, centroids, k, inverseScale, labels, squared)
    const found = weightedInertia(data.weight, squared)
    if (iteration === iterations || !(found < inertia * (1 - atRest))) return { centroids, inertia: found }
    inertia = found
    moveToMeans(data, labels, centroids, k)
    yield
  }
}

const atRest = 1e-3

/** Σ weight × squared distance, in the order of the rows. */
export function weightedInertia(weight: Float64Array, squared: Float64Array): number {
  let sum = 0
  for (let i = 0; i < weight.length; i++) sum += weight[i] * squared[i]
  return sum
}

/** The nearest of the centroids (k × d, in units) to each row. */
export function labelsOf({ rows, n, d, inverseScale }: WeightedRows, centroids: Float64Array, k: number): Int32Array {
  const labels = new Int32Array(n)
  nearest(rows, n, d, centroids, k, inverseScale, labels, new Float64Array(n))
  return labels
}

/** Sums are of differences from the centroid, in the order of the rows: a far origin costs no digits. */
function moveToMeans(
  { n, d, rows, weight }: WeightedRows,
  labels: Int32Array,
  centroids: Float64Array,
  k: number,
): void {
  const total = new Float64Array(k)
  const moved = new Float64Array(k * d)
  for (let i = 0, r = 0; i < n; i++) {
    const w = weight[i]
    total[labels[i]] += w
    for (let f = 0, c = labels[i] * d; f < d; f++, r++, c++) moved[c] += w * (rows[r] - centroids[c])
  }
  for (let j = 0, c = 0; j < k; j++) {
    for (let f = 0; f < d; f++, c++) if (total[j] > 0) centroids[c] += moved[c] / total[j]
  }
}
