/** One column of a birth's sample: its values in order, and measures of them that a few absurd ones cannot move. */

/** Squares of what lies within can be summed over more events than there will be, and one over it can be squared. */
export const largestValue = 1e100
/** Differences below this share of a value are rounding. */
const rounding = 1e-12
/** One or two values that differ from all others may be absurd: they say nothing of the column's spread. */
const leastDiffering = 3
/** The quartile range of a normal column, in standard deviations. */
export const normalQuartileRange = 1.35
const floorShare = 1e-3

/** The values of column c of rows (n × d) that are not missing (NaN), ascending. */
export function sortedColumn(rows: Float64Array, n: number, d: number, c: number): Float64Array {
  const values = new Float64Array(n)
  let count = 0
  for (let i = 0; i < n; i++) {
    const x = rows[i * d + c]
    if (!Number.isNaN(x)) values[count++] = x
  }
  return values.subarray(0, count).sort()
}

/** Linear interpolation between order statistics. */
export function quantileOf(sorted: Float64Array, share: number): number {
  const at = share * (sorted.length - 1)
  const below = Math.floor(at)
  const above = Math.min(below + 1, sorted.length - 1)
  const weight = at - below
  return sorted[below] * (1 - weight) + sorted[above] * weight
}

/** Each value is divided before it is added, so that huge ones do not overflow the sum. */
export function meanOf(sorted: Float64Array): number {
  const n = sorted.length
  let mean = 0
  for (let i = 0; i < n; i++) mean += sorted[i] / n
  return mean
}

/**
 * How far the column's ordinary values reach, and the least spread that it will ever have. Two measures that a few absurd
 * values cannot move, the larger of which counts: the quartile range, and the median distance from the median of what
 * differs from it, since more than half of a column may be one value. Where all is one value nothing is known yet, and
 * nothing may explode: a unit, or a tenth of the value.
 */
export function robustSpread(sorted: Float64Array, median: number): { reach: number; floor: number } {
  const least = Math.max(1 / largestValue, rounding * Math.abs(median))
  const differing = sorted
    .map((x) => Math.min(Math.abs(x - median), largestValue))
    .filter((distance) => distance > least)
  if (differing.length < leastDiffering) {
    const unit = Math.min(Math.max(1, Math.abs(median) * 0.1), largestValue)
    return { reach: unit, floor: unit }
  }
  const distance = quantileOf(differing.sort(), 0.5)
  const quartileRange = Math.min(quantileOf(sorted, 0.75) - quantileOf(sorted, 0.25), largestValue)
  const spread = Math.max(quartileRange / normalQuartileRange, distance * Math.sqrt(differing.length / sorted.length))
  return { reach: Math.max(quartileRange, distance), floor: floorShare * spread }
}

/** Values of the sample count as at most so many times the reach outside the quartiles. */
const fenceWidth = 50

/** Where the sample's values become absurd. */
export function sampleFences(sorted: Float64Array, reach: number): { readonly low: number; readonly high: number } {
  return {
    low: clamp(quantileOf(sorted, 0.25) - fenceWidth * reach, -largestValue, largestValue),
    high: clamp(quantileOf(sorted, 0.75) + fenceWidth * reach, -largestValue, largestValue),
  }
}

export function clamp(x: number, low: number, high: number): number {
  return Math.min(Math.max(x, low), high)
}
