/** Whether a proposal is better on rows that it was not made from. */
import { nearest } from '../kmeans/nearest.ts'
import type { WeightedRows } from '../kmeans/weighted-lloyd.ts'

/** The inertia must fall by the larger share for all that is known, or by the smaller one almost for sure. */
const likely = { share: 0.02, errors: 1 }
const sure = { share: 0.01, errors: 3 }

/** The rows are kept in 32 bits: so small a mean square of a column, in spreads, is what they leave out. */
const rounding = 1e-10

/**
 * Compares, row by row, the squared distance to the present centroids with that to the proposal made from the half that
 * the row is not in. The rows' differences have a mean, and that a standard error: half of the inertia may be that of ten
 * rows, and what two of them gain says little.
 *
 * @param proposals made from the even rows and from the odd ones; k × d each.
 */
export function holdsUp(
  data: WeightedRows,
  present: Float64Array,
  [fromEven, fromOdd]: readonly [Float64Array, Float64Array],
  k: number,
): boolean {
  const { n, d, rows, weight, inverseScale } = data
  const labels = new Int32Array(n)
  const [now, even, odd] = [present, fromEven, fromOdd].map((centroids) => {
    const squared = new Float64Array(n)
    nearest(rows, n, d, centroids, k, inverseScale, labels, squared)
    return squared
  })
  let inertia = 0
  let total = 0
  let gain = 0
  for (let i = 0; i < n; i++) {
    total += weight[i]
    inertia += weight[i] * now[i]
    gain += weight[i] * (now[i] - (i % 2 === 0 ? odd : even)[i])
  }
  if (!(inertia > rounding * total * d)) return false
  let squares = 0
  for (let i = 0; i < n; i++) squares += (weight[i] * (now[i] - (i % 2 === 0 ? odd : even)[i]) - gain / n) ** 2
  const error = Math.sqrt(squares)
  // A centroid that is the mean of m rows holds others 1 / m worse than the true one. What is adopted is made from twice as
  // many as what was judged.
  const expected = gain + (k / n) * (inertia - gain)
  return [likely, sure].some(({ share, errors }) => expected > share * inertia && gain > errors * error)
}
