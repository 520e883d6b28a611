/** The nearest centroid of every row and the one after it. */

export interface TwoNearest {
  readonly first: Int32Array
  readonly firstSquared: Float64Array
  readonly second: Int32Array
  readonly secondSquared: Float64Array
}

export function twoNearest(n: number): TwoNearest {
  return {
    first: new Int32Array(n),
    firstSquared: new Float64Array(n),
    second: new Int32Array(n),
    secondSquared: new Float64Array(n),
  }
}

/** Fills `out`; ties go to the lower id. With one centroid the second is none (-1), infinitely far. */
export function findTwoNearest(
  rows: Float64Array,
  n: number,
  d: number,
  centroids: Float64Array,
  k: number,
  inverseScale: Float64Array,
  out: TwoNearest,
): void {
  for (let i = 0, r = 0; i < n; i++, r += d) {
    let first = 0
    let second = -1
    let firstSquared = Number.POSITIVE_INFINITY
    let secondSquared = Number.POSITIVE_INFINITY
    for (let j = 0, c = 0; j < k; j++) {
      let squared = 0
      for (let f = 0; f < d; f++, c++) {
        const t = (rows[r + f] - centroids[c]) * inverseScale[f]
        squared += t * t
      }
      if (squared < firstSquared) {
        secondSquared = firstSquared
        second = first
        firstSquared = squared
        first = j
      } else if (squared < secondSquared) {
        secondSquared = squared
        second = j
      }
    }
    out.first[i] = first
    out.firstSquared[i] = firstSquared
    out.second[i] = k > 1 ? second : -1
    out.secondSquared[i] = secondSquared
  }
}

/**
 * Makes of what was found among k + 1 centroids (IN and OUT: `near`) what is found among the k that are left when the one of
 * index `removed` has gone and those behind it have moved up: only the rows that had it need another look, a share of
 * about 2 / k.
 */
export function findWithout(
  removed: number,
  rows: Float64Array,
  n: number,
  d: number,
  centroids: Float64Array,
  k: number,
  inverseScale: Float64Array,
  near: TwoNearest,
): void {
  const { first, second } = near
  const again = new Int32Array(n)
  let count = 0
  for (let i = 0; i < n; i++) {
    if (first[i] === removed || second[i] === removed) again[count++] = i
    if (first[i] > removed) first[i]--
    if (second[i] > removed) second[i]--
  }
  const some = new Float64Array(count * d)
  for (let a = 0, to = 0; a < count; a++) {
    for (let c = 0, at = again[a] * d; c < d; c++) some[to++] = rows[at++]
  }
  const found = twoNearest(count)
  findTwoNearest(some, count, d, centroids, k, inverseScale, found)
  for (let at = 0; at < count; at++) {
    const i = again[at]
    first[i] = found.first[at]
    second[i] = found.second[at]
    near.firstSquared[i] = found.firstSquared[at]
    near.secondSquared[i] = found.secondSquared[at]
  }
  // Where all others were infinitely far it may have been any.
  if (k === 1) second.fill(-1, 0, n)
}
