import { inertia, nearest } from './nearest.ts'
import { finish, type Steps } from './steps.ts'

/** k clusters of n rows, at rest. */
export interface Clustering {
  /** k×d, in the rows' own units. */
  readonly centroids: Float64Array
  /** n ids: the nearest centroid of each row. */
  readonly labels: Int32Array
  /** k counts of rows; 0 for a surplus cluster when the rows hold fewer than k distinct values. */
  readonly sizes: Float64Array
  /** The sum of the scaled squared distances of the rows to their centroids. */
  readonly inertia: number
  readonly iterations: number
}

export interface LloydOptions {
  /** Rest is a total squared shift of at most this share of a scaled column's mean variance; scikit-learn's 1e-4. */
  readonly tolerance?: number
  readonly maxIterations?: number
}

/**
 * Lloyd's algorithm from given centroids (Lloyd 1982): assign every row to its nearest centroid, move every centroid
 * to the mean of its rows, until no label changes, or all centroids together move less than the tolerance. It stops
 * where scikit-learn's KMeans(algorithm="lloyd") stops.
 *
 * In steps of one iteration each.
 *
 * A cluster left empty takes the row farthest from its centroid, as scikit-learn does, unless every row lies on a
 * centroid already: then there is nothing to take, and it stays where it is with no rows. Ids never change places.
 *
 * @param rows n×d, within ±1e100; n ≥ 1.
 * @param start k×d; not changed.
 * @param inverseScale d factors.
 */
export function* lloydSteps(
  rows: Float64Array,
  n: number,
  d: number,
  start: Float64Array,
  k: number,
  inverseScale: Float64Array,
  { tolerance = 1e-4, maxIterations = 300 }: LloydOptions = {},
): Steps<Clustering> {
  const atRest = tolerance * meanScaledVariance(rows, n, d, inverseScale)
  let centroids = start.slice(0, k * d)
  let moved = new Float64Array(k * d)
  const labels = new Int32Array(n)
  const previousLabels = new Int32Array(n).fill(-1)
  const squaredDistances = new Float64Array(n)
  const sizes = new Float64Array(k)

  let iterations = 0
  let settled = false
  while (iterations < maxIterations && !settled) {
    iterations++
    nearest(rows, n, d, centroids, k, inverseScale, labels, squaredDistances)
    if (sameLabels(labels, previousLabels)) {
      settled = true
      break
    }
    previousLabels.set(labels)
    fillEmptyClusters(labels, squaredDistances, sizes)
    moveToMeans(rows, n, d, centroids, labels, sizes, moved)
    const shift = squaredShift(centroids, moved, d, inverseScale)
    ;[centroids, moved] = [moved, centroids]
    yield
    if (shift <= atRest) break
  }
  // Unless the labels settled, the centroids have moved since the rows were assigned.
  if (!settled) nearest(rows, n, d, centroids, k, inverseScale, labels, squaredDistances)
  count(labels, sizes)
  return { centroids, labels, sizes, inertia: inertia(squaredDistances, n), iterations }
}

/** `lloydSteps` at once. */
export function lloyd(...parameters: Parameters<typeof lloydSteps>): Clustering {
  return finish(lloydSteps(...parameters))
}

/** Mean over the columns of their population variance, scaled; by two passes. */
function meanScaledVariance(rows: Float64Array, n: number, d: number, inverseScale: Float64Array): number {
  let total = 0
  for (let f = 0; f < d; f++) {
    const pivot = rows[f]
    let sum = 0
    for (let i = 0; i < n; i++) sum += rows[i * d + f] - pivot
    const mean = pivot + sum / n
    let squares = 0
    for (let i = 0; i < n; i++) {
      const t = (rows[i * d + f] - mean) * inverseScale[f]
      squares += t * t
    }
    total += squares / n
  }
  return total / d
}

function sameLabels(a: Int32Array, b: Int32Array): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

function count(labels: Int32Array, sizes: Float64Array): void {
  sizes.fill(0)
  for (let i = 0; i < labels.length; i++) sizes[labels[i]] += 1
}

/** Gives each empty cluster, by id, the farthest row whose cluster can spare it, and counts the sizes. */
function fillEmptyClusters(labels: Int32Array, squaredDistances: Float64Array, sizes: Float64Array): void {
  count(labels, sizes)
  for (let empty = 0; empty < sizes.length; empty++) {
    if (sizes[empty] !== 0) continue
    let farthest = -1
    let distance = 0
    for (let i = 0; i < labels.length; i++) {
      // A cluster of one row has nothing to spare: taking it would only move the emptiness elsewhere.
      if (squaredDistances[i] > distance && sizes[labels[i]] > 1) {
        farthest = i
        distance = squaredDistances[i]
      }
    }
    if (farthest < 0) return
    sizes[labels[farthest]] -= 1
    sizes[empty] = 1
    labels[farthest] = empty
    squaredDistances[farthest] = 0
  }
}

/** The mean of each cluster's rows, summed in row order as differences from its centroid: a far origin costs no digits. */
function moveToMeans(
  rows: Float64Array,
  n: number,
  d: number,
  centroids: Float64Array,
  labels: Int32Array,
  sizes: Float64Array,
  moved: Float64Array,
): void {
  moved.fill(0)
  for (let i = 0; i < n; i++) {
    const at = labels[i] * d
    for (let f = 0; f < d; f++) moved[at + f] += rows[i * d + f] - centroids[at + f]
  }
  for (let j = 0; j < sizes.length; j++) {
    const size = Math.max(1, sizes[j])
    for (let f = 0; f < d; f++) moved[j * d + f] = centroids[j * d + f] + moved[j * d + f] / size
  }
}

function squaredShift(from: Float64Array, to: Float64Array, d: number, inverseScale: Float64Array): number {
  let sum = 0
  for (let c = 0; c < from.length; c++) {
    const t = (to[c] - from[c]) * inverseScale[c % d]
    sum += t * t
  }
  return sum
}
