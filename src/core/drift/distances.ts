/**
 * How far two distributions over the same bins are from each other. All take counts, and are 0 where one has none. Those that
 * each window is compared by take also a part of the bins, and how many values are in it: nothing is made for them.
 */
import { sum } from '../sum.ts'

/** Kolmogorov–Smirnov: the greatest difference of the distribution functions, at the bins' edges. */
export function kolmogorovSmirnov(
  a: Float64Array,
  b: Float64Array,
  from = 0,
  to = a.length,
  n = sum(a, from, to),
  m = sum(b, from, to),
): number {
  if (!(n > 0 && m > 0)) return 0
  let [before, after, most] = [0, 0, 0]
  for (let i = from; i < to; i++) {
    before += a[i]
    after += b[i]
    most = Math.max(most, Math.abs(before / n - after / m))
  }
  return Math.min(1, most)
}

/** Total variation: the greatest difference of the probabilities of any set of bins. */
export function totalVariation(
  a: Float64Array,
  b: Float64Array,
  from = 0,
  to = a.length,
  n = sum(a, from, to),
  m = sum(b, from, to),
): number {
  if (!(n > 0 && m > 0)) return 0
  let all = 0
  for (let i = from; i < to; i++) all += Math.abs(a[i] / n - b[i] / m)
  return Math.min(1, all / 2)
}

/** Population stability index, Σ(q − p)·ln(q/p), with half an event more in every bin: an empty one would make it endless. */
export function populationStability(a: Float64Array, b: Float64Array): number {
  const [n, m] = [sum(a), sum(b)]
  if (!(n > 0 && m > 0)) return 0
  let index = 0
  for (let i = 0; i < a.length; i++) {
    const p = (a[i] + 0.5) / (n + 0.5 * a.length)
    const q = (b[i] + 0.5) / (m + 0.5 * a.length)
    index += (q - p) * Math.log(q / p)
  }
  return index
}

/** Jensen–Shannon divergence in bits: 0 when they are equal, 1 when they share no bin. */
export function jensenShannon(a: Float64Array, b: Float64Array): number {
  const [n, m] = [sum(a), sum(b)]
  if (!(n > 0 && m > 0)) return 0
  let divergence = 0
  for (let i = 0; i < a.length; i++) {
    const p = a[i] / n
    const q = b[i] / m
    if (p > 0) divergence += (p / 2) * Math.log2((2 * p) / (p + q))
    if (q > 0) divergence += (q / 2) * Math.log2((2 * q) / (p + q))
  }
  return Math.min(1, Math.max(0, divergence))
}

/**
 * Wasserstein-1, the mean way that a value must go, in spreads of the first: each bin's values stand at its middle, and
 * those beyond the edges at the edge. Without edges a bin is one step wide.
 */
export function wasserstein(a: Float64Array, b: Float64Array, edges: Float64Array): number {
  const [n, m] = [sum(a), sum(b)]
  if (!(n > 0 && m > 0)) return 0
  const at = places(edges, a.length)
  const mean = a.reduce((total, count, i) => total + (count / n) * at[i], 0)
  const variance = a.reduce((total, count, i) => total + (count / n) * (at[i] - mean) ** 2, 0)
  let [before, after, way] = [0, 0, 0]
  for (let i = 0; i + 1 < a.length; i++) {
    before += a[i] / n
    after += b[i] / m
    way += Math.abs(before - after) * (at[i + 1] - at[i])
  }
  const spread = Math.sqrt(variance)
  const range = at[at.length - 1] - at[0]
  // What had one value only is measured by the range of the bins.
  const unit = spread > 0 ? spread : range > 0 ? range : 1
  const ways = way / unit
  return Number.isFinite(ways) ? ways : 0
}

/** The bin's middle, by bin. */
function places(edges: Float64Array, bins: number): Float64Array {
  if (edges.length === 0) return Float64Array.from({ length: bins }, (_, i) => i)
  const last = edges.length - 1
  return Float64Array.from({ length: bins }, (_, i) =>
    i === 0 ? edges[0] : i > last ? edges[last] : edges[i - 1] / 2 + edges[i] / 2,
  )
}
