/**
 * How many clusters a sample has, by trying: for each k of a range a batch k-means, what is said of it, and how alike the
 * clusters of parts of the sample are. The recommendation is the k whose clusters are apart, are found again, and are
 * more than what cutting up one blob gives; where there is none, the default.
 */
import { adjustedRand } from './adjusted-rand.ts'
import { drawRows } from './drawn-rows.ts'
import { criteriaOf } from './k-criteria.ts'
import { type Recommendation, recommended, type TriedK } from './k-recommendation.ts'
import { kmeansSteps } from './kmeans.ts'
import type { Clustering } from './lloyd.ts'
import { nearest } from './nearest.ts'
import { Random } from './random.ts'
import type { Steps } from './steps.ts'

/** How many clusters: so many, or as many as the sample of the birth says. */
export type ClusterCount = number | 'auto'

export interface KChoice extends Recommendation {
  /** Ascending in k. */
  readonly tried: readonly TriedK[]
  /** Rows that were looked at. */
  readonly rows: number
}

export interface KChoiceOptions {
  readonly from: number
  readonly to: number
  /** What is recommended where no number stands out. */
  readonly otherwise: number
  readonly seed: number
}

/** What `auto` tries, and what it is where no number stands out: the default of `clusters.k`. */
export function autoRange(seed: number): KChoiceOptions {
  return { from: 2, to: 32, otherwise: 16, seed }
}

/** Events that a model is born from: 50 for each cluster is within some per cent of the best batch fit. */
export function birthEvents(k: ClusterCount): number {
  return k === 'auto' ? mostRows : Math.max(1000, 50 * k)
}

/** The fewest that it may be born from, when there are no more. */
export function leastBirthEvents(k: ClusterCount): number {
  return k === 'auto' ? 10 * rowsPerCluster : 2 * k
}

const restarts = 10
const resamples = 4
const resampleRestarts = 4
const resampleShare = 0.6
const mostIterations = 60
/** A row of the blob is the sum of so many rows' deviations: nearly normal, with their covariance. */
const blobTerms = 16
/** Work is bounded by rows × columns: 5 s of two columns and 16 s of twelve, with k up to 32, of a processor that others share. */
const mostRows = 5000
const mostValues = 40_000
const leastRows = 1000
const rowsPerCluster = 20

/**
 * Tries every k of the range that the sample has rows for.
 * @param rows n × d, within ±1e100; n ≥ 1. The result depends on their order.
 * @param inverseScale d factors.
 */
export function* chooseKSteps(
  rows: Float64Array,
  n: number,
  d: number,
  inverseScale: Float64Array,
  { from, to, otherwise, seed }: KChoiceOptions,
): Steps<KChoice> {
  const sample = scaledSample(rows, n, d, inverseScale)
  const total = squaredDeviations(sample.rows, sample.n, d)
  const blob = blobLike(sample.rows, sample.n, d, new Random(seed))
  const blobTotal = squaredDeviations(blob, sample.n, d)
  const tried: TriedK[] = []
  for (let k = from; k <= Math.min(to, Math.floor(sample.n / rowsPerCluster)); k++) {
    const found = yield* clustered(sample.rows, sample.n, d, k, restarts, new Random(seed))
    const ofBlob = yield* clustered(blob, sample.n, d, k, 1, new Random(seed))
    tried.push({
      ...criteriaOf(sample.rows, sample.n, d, found, total),
      blobSilhouette: criteriaOf(blob, sample.n, d, ofBlob, blobTotal).silhouette,
      stability: yield* stability(sample.rows, sample.n, d, found, new Random(seed)),
    })
  }
  return { ...recommended(tried, sample.n, otherwise), tried, rows: sample.n }
}

/** Evenly spaced rows, as many as may be looked at, about their mean and in scaled units. */
function scaledSample(
  rows: Float64Array,
  n: number,
  d: number,
  inverseScale: Float64Array,
): { readonly rows: Float64Array; readonly n: number } {
  const most = Math.min(mostRows, Math.max(leastRows, Math.floor(mostValues / d)))
  const kept = Math.min(n, most)
  const scaled = new Float64Array(kept * d)
  for (let i = 0; i < kept; i++) {
    const from = Math.floor((i * n) / kept) * d
    for (let f = 0; f < d; f++) scaled[i * d + f] = rows[from + f] * inverseScale[f]
  }
  for (let f = 0; f < d; f++) {
    let mean = 0
    for (let i = 0; i < kept; i++) mean += scaled[i * d + f] / kept
    for (let i = 0; i < kept; i++) scaled[i * d + f] -= mean
  }
  return { rows: scaled, n: kept }
}

function squaredDeviations(centred: Float64Array, n: number, d: number): number {
  let sum = 0
  for (let at = 0; at < n * d; at++) sum += centred[at] * centred[at]
  return sum
}

function blobLike(centred: Float64Array, n: number, d: number, random: Random): Float64Array {
  const blob = new Float64Array(n * d)
  for (let i = 0; i < n; i++) {
    for (let term = 0; term < blobTerms; term++) {
      const from = random.below(n) * d
      const sign = random.uniform() < 0.5 ? -1 : 1
      for (let f = 0; f < d; f++) blob[i * d + f] += (sign * centred[from + f]) / Math.sqrt(blobTerms)
    }
  }
  return blob
}

function clustered(
  rows: Float64Array,
  n: number,
  d: number,
  k: number,
  times: number,
  random: Random,
): Steps<Clustering> {
  const ones = new Float64Array(d).fill(1)
  return kmeansSteps(rows, n, d, k, ones, random, { restarts: times, maxIterations: mostIterations })
}

/** How alike the clusters are that parts of the rows give when all rows are assigned to them (Ben-Hur et al. 2002). */
function* stability(rows: Float64Array, n: number, d: number, found: Clustering, random: Random): Steps<number> {
  const k = found.sizes.length
  const part = Math.max(1, Math.floor(n * resampleShare))
  const labels = new Int32Array(n)
  const distances = new Float64Array(n)
  const ones = new Float64Array(d).fill(1)
  let sum = 0
  for (let resample = 0; resample < resamples; resample++) {
    const again = yield* clustered(drawRows(rows, n, d, part, random), part, d, k, resampleRestarts, random)
    nearest(rows, n, d, again.centroids, k, ones, labels, distances)
    sum += adjustedRand(labels, found.labels)
  }
  return sum / resamples
}
