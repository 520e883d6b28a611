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
