/** The slope of a line through points with outliers: Theil (1950), Sen (1968). */

export interface Slope {
  /** Median of the slopes between any two points. */
  readonly slope: number
  /** A 95 % interval, from the distribution of Kendall's S (Sen 1968): points are taken for independent of one another. */
  readonly least: number
  readonly most: number
}

const z95 = 1.959964
/** Pairs grow with the square: more points are put together first. */
const mostPoints = 300

export type Point = readonly [x: number, y: number]

/** Null for fewer than four points. Ties in y are not corrected for, which makes the interval wider. */
export function theilSen(points: readonly Point[]): Slope | null {
  const few = inBlocks(points, mostPoints)
  const n = few.length
  if (n < 4) return null
  const slopes = new Float64Array((n * (n - 1)) / 2)
  let count = 0
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++) slopes[count++] = (few[j][1] - few[i][1]) / (few[j][0] - few[i][0])
  }
  slopes.sort()
  const wide = z95 * Math.sqrt((n * (n - 1) * (2 * n + 5)) / 18)
  const least = Math.max(0, Math.round((count - wide) / 2) - 1)
  const most = Math.min(count - 1, Math.round((count + wide) / 2))
  return { slope: medianOf([...slopes]), least: slopes[least], most: slopes[most] }
}

/** Medians of so many runs of consecutive points: neighbours are alike, and what is thrown up and falls back cancels out. */
export function inBlocks(points: readonly Point[], most: number): readonly Point[] {
  if (points.length <= most) return points
  return Array.from({ length: most }, (_, i) => {
    const from = Math.floor((i * points.length) / most)
    const block = points.slice(from, Math.floor(((i + 1) * points.length) / most))
    return [medianOf(block.map(([x]) => x)), medianOf(block.map(([, y]) => y))]
  })
}

export function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = (sorted.length - 1) / 2
  return (sorted[Math.floor(middle)] + sorted[Math.ceil(middle)]) / 2
}
