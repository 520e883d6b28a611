/** Count, mean and spread per cluster and column, in the form that merges: what workers send and the model folds. */

import { vectorAccumulate } from '../kernel/vector-sums.ts'

/** For k clusters of d columns: weight[j], and mean and M2 = Σ(x − mean)² at [j·d + f], void where the weight is 0. */
export interface ColumnStatistics {
  readonly k: number
  readonly d: number
  readonly weight: Float64Array
  readonly mean: Float64Array
  readonly m2: Float64Array
}

/**
 * No value beyond this counts for more than this. It is far beyond any meaning, and keeps the square of every
 * difference, summed over more rows than will ever be, finite: so no finite input can make NaN (∞ − ∞).
 */
const largestMagnitude = 1e100
/** A difference that is less than this of what it was taken from has lost too many digits. */
const mostCancelled = 2 ** -10
/** Unless its centre was as near to the mean as to 2^-30 of it, here squared: what is lost is then below its last digit. */
const nearCentre = 2 ** -60
/** More events than any log will hold, few enough that what they weigh together stays finite. */
const mostWeight = 1e30

export function emptyStatistics(k: number, d: number): ColumnStatistics {
  return { k, d, weight: new Float64Array(k), mean: new Float64Array(k * d), m2: new Float64Array(k * d) }
}

/** Nothing is in them from now on. */
export function clear({ weight, mean, m2 }: ColumnStatistics): void {
  weight.fill(0)
  mean.fill(0)
  m2.fill(0)
}

/**
 * The statistics of one labelled batch: in one pass the sums of the differences from a pivot and of their squares, which give
 * mean and M2. When a tight cluster lies far from its pivot, the difference that M2 is loses its digits: such a cluster is summed
 * once more about its mean, in the same way, so that what the mean's own rounding left over corrects both (the corrected two-pass
 * algorithm of Chan, Golub & LeVeque 1983).
 * Rows count in their order: the same batch gives the same bits.
 *
 * @param rows n×d, finite.
 * @param labels n cluster ids; a row with a negative one is left out.
 * @param pivots k×d, any point near each cluster: its centroid.
 * @param into OUT statistics of k×d, overwritten.
 */
export function accumulate(
  rows: Float64Array,
  n: number,
  labels: Int32Array,
  pivots: Float64Array,
  into: ColumnStatistics,
): void {
  if (!vectorAccumulate(rows, n, labels, pivots, into)) plainAccumulate(rows, n, labels, pivots, into)
}

/** As `vectorAccumulate`, everywhere: cluster by cluster, and of those that no row fell to there is nothing to do. */
export function plainAccumulate(
  rows: Float64Array,
  n: number,
  labels: Int32Array,
  pivots: Float64Array,
  into: ColumnStatistics,
): void {
  const { k, d, weight, mean, m2 } = into
  clear(into)
  const first = new Int32Array(k).fill(-1)
  const next = new Int32Array(n)
  for (let i = n - 1; i >= 0; i--) {
    if (labels[i] < 0) continue
    next[i] = first[labels[i]]
    first[labels[i]] = i
  }
  const centre = new Float64Array(d)
  for (let j = 0; j < k; j++) {
    if (first[j] < 0) continue
    for (let f = 0; f < d; f++) centre[f] = bounded(pivots[j * d + f])
    sumAbout(centre, rows, first[j], next, j, into)
    if (!toMoments(centre, j, into)) continue
    centre.set(mean.subarray(j * d, (j + 1) * d))
    weight[j] = 0
    mean.fill(0, j * d, (j + 1) * d)
    m2.fill(0, j * d, (j + 1) * d)
    sumAbout(centre, rows, first[j], next, j, into)
    toMoments(centre, j, into)
  }
}

/** Of cluster j how many rows it has, and by column the sums of their differences from its centre (in `mean`) and of their squares. */
function sumAbout(
  centre: Float64Array,
  rows: Float64Array,
  first: number,
  next: Int32Array,
  j: number,
  { d, weight, mean, m2 }: ColumnStatistics,
): void {
  for (let i = first; i >= 0; i = next[i]) {
    weight[j] += 1
    for (let f = 0, r = i * d, c = j * d; f < d; f++, r++, c++) {
      const difference = bounded(rows[r]) - centre[f]
      mean[c] += difference
      m2[c] += difference * difference
    }
  }
}

/** Makes mean and M2 of the sums of cluster j about its centre; gives whether M2 of any column has lost too many digits. */
function toMoments(centre: Float64Array, j: number, { d, weight, mean, m2 }: ColumnStatistics): boolean {
  const count = weight[j]
  let cancels = false
  for (let f = 0, c = j * d; f < d; f++, c++) {
    const squares = m2[c]
    const perRow = mean[c] / count
    const left = squares - mean[c] * perRow
    mean[c] = centre[f] + perRow
    m2[c] = Math.max(0, left)
    cancels ||= left < squares * mostCancelled && squares > count * (mean[c] * mean[c]) * nearCentre
  }
  return cancels
}

/**
 * Merges cluster `ib` of b into cluster `ia` of a (Chan, Golub & LeVeque 1979). A merge of weight 0 changes nothing,
 * and a merge into weight 0 is a copy, bit for bit. With b a batch and no decay this is the mini-batch k-means step
 * of Sculley (WWW 2010): the centroid moves by n/(N + n) of the way to the batch's mean.
 */
export function mergeInto(
  weightA: Float64Array,
  meanA: Float64Array,
  m2A: Float64Array,
  ia: number,
  weightB: Float64Array,
  meanB: Float64Array,
  m2B: Float64Array,
  ib: number,
  d: number,
): void {
  const wa = weightA[ia]
  const wb = weightB[ib]
  if (!(wb > 0)) return
  weightA[ia] = wa + wb
  const a = ia * d
  const b = ib * d
  if (!(wa > 0)) {
    for (let f = 0; f < d; f++) {
      meanA[a + f] = meanB[b + f]
      m2A[a + f] = m2B[b + f]
    }
    return
  }
  const share = wb / (wa + wb)
  for (let f = 0; f < d; f++) {
    const difference = meanB[b + f] - meanA[a + f]
    meanA[a + f] += difference * share
    m2A[a + f] += m2B[b + f] + difference * difference * share * wa
  }
}

/** Merges every cluster of `from` into the same cluster of `into`, in the order of their ids. */
export function mergeAll(into: ColumnStatistics, from: ColumnStatistics): void {
  for (let j = 0; j < into.k; j++) {
    mergeInto(into.weight, into.mean, into.m2, j, from.weight, from.mean, from.m2, j, into.d)
  }
}

/** Merges all clusters of `from` into the one of `into`, in the order of their ids. */
export function mergeTogether(into: ColumnStatistics, from: ColumnStatistics): void {
  for (let j = 0; j < from.k; j++) {
    mergeInto(into.weight, into.mean, into.m2, 0, from.weight, from.mean, from.m2, j, into.d)
  }
}

/** Makes cluster `ia` of a (OUT) what cluster `ib` of b is. */
export function copyCluster(a: ColumnStatistics, ia: number, b: ColumnStatistics, ib: number): void {
  const { d } = a
  a.weight[ia] = b.weight[ib]
  a.mean.set(b.mean.subarray(ib * d, (ib + 1) * d), ia * d)
  a.m2.set(b.m2.subarray(ib * d, (ib + 1) * d), ia * d)
}

export function copyOf({ k, d, weight, mean, m2 }: ColumnStatistics): ColumnStatistics {
  return { k, d, weight: weight.slice(), mean: mean.slice(), m2: m2.slice() }
}

/** Makes what was seen count for `factor` (in [0, 1]) of what it did; means stay where they are. */
export function decay(statistics: ColumnStatistics, factor: number): void {
  const { weight, m2 } = statistics
  for (let j = 0; j < weight.length; j++) weight[j] *= factor
  for (let c = 0; c < m2.length; c++) m2[c] *= factor
}

/**
 * Whether cluster j is what rows can give: anything else, however well it was encoded, would bring infinity, and then NaN,
 * into whatever it is merged with. The bounds leave room for rounding.
 */
export function isSound({ weight, mean, m2, d }: ColumnStatistics, j: number): boolean {
  // Decay brings a weight to 0 before what was summed under it.
  const mostM2 = Math.max(weight[j], 1) * (4 * largestMagnitude) ** 2
  if (!(weight[j] >= 0 && weight[j] <= mostWeight)) return false
  for (let c = j * d; c < (j + 1) * d; c++) {
    if (!(Math.abs(mean[c]) <= 2 * largestMagnitude && m2[c] >= 0 && m2[c] <= mostM2)) return false
  }
  return true
}

function bounded(value: number): number {
  return Math.max(-largestMagnitude, Math.min(largestMagnitude, value))
}
