/** What a proposal is worth to rows that it was not made from. */
import { nearest } from '../kmeans/nearest.ts'
import { findTwoNearest, twoNearest } from '../kmeans/two-nearest.ts'
import type { WeightedRows } from '../kmeans/weighted-lloyd.ts'

/** The inertia must fall by the larger share for all that is known, or by the smaller one almost for sure. */
const likely = { share: 0.02, errors: 1 }
const sure = { share: 0.01, errors: 4 }

/** The rows are kept in 32 bits: so small a mean square of a column, in spreads, is what they leave out. */
const rounding = 1e-10

export interface Judgement {
  /** The proposal is better, as far as can be told. */
  readonly holdsUp: boolean
  /** The present inertia over the proposed one; null where none can be told, as of one row. */
  readonly ratio: number | null
}

/**
 * Compares, row by row, the squared distance to the present centroids with that to the proposed ones (k × d each). These
 * were made from the same rows, so of each row they are taken as they would be without it: its centroid is the mean of the
 * others in its cluster, and of a row that is alone in it nothing is left but the next nearest one. The rows' differences
 * have a mean, and that a standard error: half of the inertia may be that of ten rows, and what two of them gain says
 * little.
 */
export function judged(data: WeightedRows, present: Float64Array, proposed: Float64Array, k: number): Judgement {
  const { n, d, rows, weight, inverseScale } = data
  const now = new Float64Array(n)
  nearest(rows, n, d, present, k, inverseScale, new Int32Array(n), now)
  const then = distancesWithoutOwn(data, proposed, k)
  let inertia = 0
  let total = 0
  let gain = 0
  let proposedInertia = 0
  for (let i = 0; i < n; i++) {
    total += weight[i]
    inertia += weight[i] * now[i]
    gain += weight[i] * (now[i] - then[i])
    proposedInertia += weight[i] * then[i]
  }
  if (!(inertia > rounding * total * d)) return { holdsUp: false, ratio: 1 }
  let squares = 0
  for (let i = 0; i < n; i++) squares += (weight[i] * (now[i] - then[i]) - gain / n) ** 2
  const error = Math.sqrt(squares)
  return {
    holdsUp: [likely, sure].some(({ share, errors }) => gain > share * inertia && gain > errors * error),
    ratio: inertia < Number.POSITIVE_INFINITY && proposedInertia > 0 ? inertia / proposedInertia : null,
  }
}

/** Of each row the squared distance to the nearest of the centroids, as they would be without the row. */
function distancesWithoutOwn(data: WeightedRows, centroids: Float64Array, k: number): Float64Array {
  const { n, d, rows, weight, inverseScale } = data
  const near = twoNearest(n)
  findTwoNearest(rows, n, d, centroids, k, inverseScale, near)
  const { first, firstSquared, secondSquared } = near
  const mass = new Float64Array(k)
  for (let i = 0; i < n; i++) mass[first[i]] += weight[i]
  const distances = new Float64Array(n)
  for (let i = 0; i < n; i++) {
    const own = mass[first[i]]
    const others = own - weight[i]
    const moved = others > 0 ? firstSquared[i] * (own / others) ** 2 : Number.POSITIVE_INFINITY
    distances[i] = Math.min(moved, secondSquared[i])
  }
  return distances
}
