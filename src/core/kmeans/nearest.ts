/** The nearest centroid of every row of a batch: the inner loop of birth, and of the assignment. */

import { vectorNearest } from '../kernel/vector-nearest.ts'

const lanes = 4
/** Fewer rows are done before the centroids are packed for them: one row in a third of the time, three in as much. */
const fewRows = 3

/**
 * Finds for each row the centroid at the least squared distance Σ_f ((x_f − c_f) · s_f)²; ties go to the lower id.
 *
 * Bit-reproducible: each distance is summed in column order in one accumulator, exactly as the plain double loop
 * would, so neither the blocking nor the place of a row in the batch changes a bit. Differences are taken before they
 * are squared, because the expanded form (x² − 2xc + c²) cancels catastrophically far from the origin.
 *
 * By the vector unit where there is one and the rows are many, by the plain loop where they are one or two, with the same bits:
 * measured in load-tests/kernel.ts.
 *
 * @param rows n×d, finite.
 * @param centroids k×d, finite; k ≥ 1.
 * @param inverseScale d factors: 1 / spread, times the root of the feature's weight.
 * @param labels OUT n ids in [0, k).
 * @param squaredDistances OUT n squared distances, scaled; Infinity (and id 0) when every one overflows, never NaN.
 */
export function nearest(
  rows: Float64Array,
  n: number,
  d: number,
  centroids: Float64Array,
  k: number,
  inverseScale: Float64Array,
  labels: Int32Array,
  squaredDistances: Float64Array,
): void {
  if (vectorNearest(rows, n, d, centroids, k, inverseScale, labels, squaredDistances)) return
  const loop = n < fewRows ? plainNearest : blockedNearest
  loop(rows, n, d, centroids, k, inverseScale, labels, squaredDistances)
}

/** As `nearest`, by its definition. */
export function plainNearest(
  rows: Float64Array,
  n: number,
  d: number,
  centroids: Float64Array,
  k: number,
  inverseScale: Float64Array,
  labels: Int32Array,
  squaredDistances: Float64Array,
): void {
  for (let i = 0; i < n; i++) {
    let best = Infinity
    let label = 0
    for (let j = 0; j < k; j++) {
      let sum = 0
      for (let f = 0; f < d; f++) {
        const t = (rows[i * d + f] - centroids[j * d + f]) * inverseScale[f]
        sum += t * t
      }
      if (sum < best) {
        best = sum
        label = j
      }
    }
    labels[i] = label
    squaredDistances[i] = best
  }
}

/**
 * As `nearest`, everywhere. Two rows meet four centroids at a time: eight independent sums keep the processor's pipeline
 * full, and each value loaded is used more than once.
 */
export function blockedNearest(
  rows: Float64Array,
  n: number,
  d: number,
  centroids: Float64Array,
  k: number,
  inverseScale: Float64Array,
  labels: Int32Array,
  squaredDistances: Float64Array,
): void {
  const packed = packByLane(centroids, k, d)
  for (let i = 0; i < n; i += 2) {
    // An odd last row is paired with itself, which costs one row's work and saves a second copy of the loop.
    const second = i + 1 < n ? i + 1 : i
    const x0 = i * d
    const y0 = second * d
    let xBest = Infinity
    let yBest = Infinity
    let xLabel = 0
    let yLabel = 0
    let p = 0
    for (let j = 0; j < k; j += lanes) {
      let xa = 0
      let xb = 0
      let xc = 0
      let xd = 0
      let ya = 0
      let yb = 0
      let yc = 0
      let yd = 0
      for (let f = 0; f < d; f++) {
        const x = rows[x0 + f]
        const y = rows[y0 + f]
        const s = inverseScale[f]
        const a = packed[p]
        const b = packed[p + 1]
        const c = packed[p + 2]
        const e = packed[p + 3]
        p += lanes
        let t = (x - a) * s
        xa += t * t
        t = (x - b) * s
        xb += t * t
        t = (x - c) * s
        xc += t * t
        t = (x - e) * s
        xd += t * t
        t = (y - a) * s
        ya += t * t
        t = (y - b) * s
        yb += t * t
        t = (y - c) * s
        yc += t * t
        t = (y - e) * s
        yd += t * t
      }
      if (xa < xBest) {
        xBest = xa
        xLabel = j
      }
      if (xb < xBest) {
        xBest = xb
        xLabel = j + 1
      }
      if (xc < xBest) {
        xBest = xc
        xLabel = j + 2
      }
      if (xd < xBest) {
        xBest = xd
        xLabel = j + 3
      }
      if (ya < yBest) {
        yBest = ya
        yLabel = j
      }
      if (yb < yBest) {
        yBest = yb
        yLabel = j + 1
      }
      if (yc < yBest) {
        yBest = yc
        yLabel = j + 2
      }
      if (yd < yBest) {
        yBest = yd
        yLabel = j + 3
      }
    }
    labels[i] = xLabel
    squaredDistances[i] = xBest
    labels[second] = yLabel
    squaredDistances[second] = yBest
  }
}

/**
 * Tiles of four centroids side by side, column by column, so that a kernel reads memory in one direction. What fills the
 * last tile up is infinitely far away.
 */
export function packByLane(centroids: Float64Array, k: number, d: number): Float64Array {
  const tiles = Math.ceil(k / lanes)
  // The distance to a lane without a centroid (infinite, or NaN at scale 0) is below nothing.
  const packed = new Float64Array(tiles * lanes * d).fill(Infinity)
  for (let j = 0; j < k; j++) {
    const tile = (j - (j % lanes)) * d + (j % lanes)
    for (let f = 0; f < d; f++) packed[tile + f * lanes] = centroids[j * d + f]
  }
  return packed
}

/**
 * The squared distance of every row to one point (the d values of `points` from `at`), summed as `nearest` sums it.
 *
 * @param squaredDistances OUT n squared distances, scaled.
 */
export function squaredDistancesTo(
  rows: Float64Array,
  n: number,
  d: number,
  points: Float64Array,
  at: number,
  inverseScale: Float64Array,
  squaredDistances: Float64Array,
): void {
  for (let i = 0, r = 0; i < n; i++) {
    let sum = 0
    for (let f = 0; f < d; f++, r++) {
      const t = (rows[r] - points[at + f]) * inverseScale[f]
      sum += t * t
    }
    squaredDistances[i] = sum
  }
}

/** The sum of the first n squared distances, in row order: what k-means minimises. */
export function inertia(squaredDistances: Float64Array, n: number): number {
  let sum = 0
  for (let i = 0; i < n; i++) sum += squaredDistances[i]
  return sum
}
