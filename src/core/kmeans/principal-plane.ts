/** The plane in which points differ most: principal axes (Pearson 1901), by power iteration with deflation. */

export interface Plane {
  /** What the coordinates are taken about, length d. */
  readonly centre: Float64Array
  /** Two axes of length 1, at right angles to one another, length d each. */
  readonly x: Float64Array
  readonly y: Float64Array
}

const iterations = 200
const leastLength = 1e-12

/**
 * The plane of n points (n × d, row-major) of the given weights. Of an axis and its opposite, the one whose largest part is
 * positive, so that the same points always give the same picture. Where points differ along fewer axes than two, the
 * columns along which they do not stand in.
 */
export function principalPlane(points: Float64Array, weights: Float64Array, d: number): Plane {
  const n = weights.length
  const centre = new Float64Array(d)
  const total = weights.reduce((sum, weight) => sum + weight, 0) || 1
  for (let i = 0; i < n; i++) for (let c = 0; c < d; c++) centre[c] += (weights[i] / total) * points[i * d + c]
  const away = points.map((value, at) => (value - centre[at % d]) * Math.sqrt(weights[Math.floor(at / d)] / total))
  const x = leadingAxis(away, d, [])
  return { centre, x, y: leadingAxis(away, d, [x]) }
}

/** The coordinates of a point (d values at `from` in `points`). */
export function placeOn({ centre, x, y }: Plane, points: ArrayLike<number>, from: number): readonly [number, number] {
  let along = 0
  let across = 0
  for (let c = 0; c < centre.length; c++) {
    const away = points[from + c] - centre[c]
    along += away * x[c]
    across += away * y[c]
  }
  return [along, across]
}

/** The axis of most spread at right angles to those that are known. */
function leadingAxis(away: Float64Array, d: number, known: readonly Float64Array[]): Float64Array {
  let axis = startingAxis(away, d, known)
  for (let i = 0; i < iterations; i++) {
    const next = spreadAlong(away, axis)
    atRightAngles(next, known)
    const length = lengthOf(next)
    // Along no axis that is left do they differ.
    if (!(length > leastLength)) break
    axis = next.map((value) => value / length)
  }
  const largest = axis.reduce((most, value, c) => (Math.abs(value) > Math.abs(axis[most]) + leastLength ? c : most), 0)
  return axis[largest] < 0 ? axis.map((value) => -value) : axis
}

/** The column along which they differ most, as far as it is at right angles to those that are known. */
function startingAxis(away: Float64Array, d: number, known: readonly Float64Array[]): Float64Array {
  const spread = new Float64Array(d)
  for (let at = 0; at < away.length; at++) spread[at % d] += away[at] ** 2
  const order = Array.from(spread.keys()).sort((a, b) => spread[b] - spread[a] || a - b)
  for (const column of order) {
    const axis = new Float64Array(d)
    axis[column] = 1
    atRightAngles(axis, known)
    const length = lengthOf(axis)
    if (length > 1e-6) return axis.map((value) => value / length)
  }
  // There is but one column.
  return new Float64Array(d)
}

/** The covariance times an axis. */
function spreadAlong(away: Float64Array, axis: Float64Array): Float64Array {
  const d = axis.length
  const out = new Float64Array(d)
  for (let from = 0; from < away.length; from += d) {
    let dot = 0
    for (let c = 0; c < d; c++) dot += away[from + c] * axis[c]
    for (let c = 0; c < d; c++) out[c] += dot * away[from + c]
  }
  return out
}

/** Twice: where nearly all of the axis (IN and OUT) lay along a known one, rounding leaves a part of that beside the rest. */
function atRightAngles(axis: Float64Array, known: readonly Float64Array[]): void {
  for (const other of [...known, ...known]) {
    const dot = axis.reduce((sum, value, c) => sum + value * other[c], 0)
    for (let c = 0; c < axis.length; c++) axis[c] -= dot * other[c]
  }
}

function lengthOf(axis: Float64Array): number {
  return Math.hypot(...axis)
}
