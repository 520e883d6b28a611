/**
 * How far a row lies from all that is usual: learning.md section 7.
 *
 *     A_j = Σ_f min(|x_f − c_jf| / s_f, 1000)      p_j ∝ ((w_j + ½) / (W + k/2))²
 *     a   = Σ_f 0.7·√(S_f / W) / s_f               T   = −a · ln Σ_j p_j exp(−A_j / a)
 *     log distance = ln(T + 0.001·d)
 *
 * A hard minimum would let anomalies capture centroids and look normal there; the soft minimum over all of them,
 * weighted by mass, gives a light cluster little credit. Cost: k × d per event. Sums run over columns in ascending
 * order and clusters modulo four in ascending index, so that the same version and row give the same bits.
 */

import { vectorSoften } from '../kernel/vector-mixture.ts'
import { packByLane } from '../kmeans/nearest.ts'
import type { ColumnStatistics } from '../model/statistics.ts'
import { sum } from '../sum.ts'
import { decayingExp } from './decaying-exp.ts'

/** A column adds at most so much to the L1 distance. */
export const capInSpreads = 1000
const leastPooled = 1e-9
/** Centroids that a row meets at once: independent sums keep the processor's pipeline full. */
const lanes = 4

/** Statistics of k clusters frozen for scoring; immutable. */
export interface Mixture {
  readonly k: number
  readonly d: number
  /** Stretch over spread, length d: distances are taken after multiplying by it. */
  readonly inverseScale: Float64Array
  /** Length d: subtracted before scaling so that large offsets lose no bits. */
  readonly centre: Float64Array
  /** (centroid − centre) × inverseScale, k × d. */
  readonly scaledCentroids: Float64Array
  /** The same in the tiles of `packByLane`. */
  readonly tiles: Float64Array
  /** The largest of the scaled centroids' coordinates. */
  readonly reach: number
  /** ln p_j, one for each lane; −∞ where there is no cluster. */
  readonly logShare: Float64Array
  /** a: the typical L1 distance of a row to its own centroid. */
  readonly typicalDistance: number
  /** 1 / a. */
  readonly perTypical: number
  readonly cap: number
}

/** Freezes clusters, which may go on learning. */
export function freezeMixture(clusters: ColumnStatistics, centre: Float64Array, inverseScale: Float64Array): Mixture {
  const { k, d, mean } = clusters
  const scaledCentroids = new Float64Array(k * d)
  const typical = typicalDistance(clusters, inverseScale)
  scale(mean, k, centre, inverseScale, scaledCentroids)
  return {
    k,
    d,
    inverseScale,
    centre,
    scaledCentroids,
    tiles: packByLane(scaledCentroids, k, d),
    reach: largestOf(scaledCentroids, 0, k * d),
    logShare: logShares(clusters.weight),
    typicalDistance: typical,
    perTypical: 1 / typical,
    cap: capInSpreads,
  }
}

/** ln of the masses' shares after smoothing by ½ and squaring. */
function logShares(weight: Float64Array): Float64Array {
  const k = weight.length
  const total = Math.max(sum(weight), leastPooled)
  const logShare = new Float64Array(Math.ceil(k / lanes) * lanes).fill(Number.NEGATIVE_INFINITY)
  const shares = weight.map((w) => ((w + 0.5) / (total + 0.5 * k)) ** 2)
  const all = sum(shares)
  for (let j = 0; j < k; j++) logShare[j] = Math.log(shares[j] / all)
  return logShare
}

function typicalDistance({ k, d, weight, m2 }: ColumnStatistics, inverseScale: Float64Array): number {
  const total = Math.max(sum(weight), leastPooled)
  let typical = 0
  for (let c = 0; c < d; c++) {
    let pooled = 0
    for (let j = 0; j < k; j++) pooled += m2[j * d + c]
    typical += Math.sqrt(Math.max((pooled * inverseScale[c] * inverseScale[c]) / total, leastPooled))
  }
  return 0.7 * typical
}

/**
 * The log distance of each row, and the centroid at the least L1 distance to it; ties go to the lower index.
 *
 * @param rows n×d, clipped and finite.
 * @param labels OUT n indices of centroids.
 * @param softDistances OUT n: what the logarithms are of.
 * @param logDistances OUT n.
 */
export function mixtureDistances(
  mixture: Mixture,
  rows: Float64Array,
  n: number,
  labels: Int32Array,
  softDistances: Float64Array,
  logDistances: Float64Array,
): void {
  const { d, typicalDistance } = mixture
  // Sums and least energies first, until what they give takes their place.
  if (!vectorSoften(mixture, rows, n, labels, logDistances, softDistances)) {
    blockedSoften(mixture, rows, n, labels, logDistances, softDistances)
  }
  for (let i = 0; i < n; i++) {
    const soft = Math.max((logDistances[i] - Math.log(softDistances[i])) * typicalDistance, 0) + 0.001 * d
    softDistances[i] = soft
    logDistances[i] = Math.log(soft)
  }
}

/** As `vectorSoften`, everywhere. */
export function blockedSoften(
  mixture: Mixture,
  rows: Float64Array,
  n: number,
  labels: Int32Array,
  leasts: Float64Array,
  sums: Float64Array,
): void {
  const { d, centre, inverseScale, tiles, reach, logShare } = mixture
  const slots = logShare.length
  const scaled = new Float64Array(n * d)
  scale(rows, n, centre, inverseScale, scaled)
  const distances = new Float64Array(n * slots)
  l1Distances(scaled, n, d, tiles, slots, distances)
  for (let i = 0; i < n; i++) {
    if (largestOf(scaled, i * d, (i + 1) * d) + reach >= capInSpreads) cappedDistances(mixture, scaled, i, distances)
  }
  softMinimum(mixture, distances, n, labels, leasts, sums)
}

/** (row − centre) × inverseScale of n rows, into `scaled` (OUT). */
function scale(
  rows: Float64Array,
  n: number,
  centre: Float64Array,
  inverseScale: Float64Array,
  scaled: Float64Array,
): void {
  const d = centre.length
  for (let i = 0, at = 0; i < n; i++) {
    for (let c = 0; c < d; c++, at++) scaled[at] = (rows[at] - centre[c]) * inverseScale[c]
  }
}

/** distances (n × slots, OUT): L1 from every row to every centroid; two rows meet four centroids at a time, as in `nearest`. */
function l1Distances(
  rows: Float64Array,
  n: number,
  d: number,
  tiles: Float64Array,
  slots: number,
  distances: Float64Array,
): void {
  for (let i = 0; i < n; i += 2) {
    // An odd last row is paired with itself.
    const second = i + 1 < n ? i + 1 : i
    const x0 = i * d
    const y0 = second * d
    for (let j = 0, at = 0; j < slots; j += lanes) {
      let xa = 0
      let xb = 0
      let xc = 0
      let xd = 0
      let ya = 0
      let yb = 0
      let yc = 0
      let yd = 0
      for (let f = 0; f < d; f++, at += lanes) {
        const x = rows[x0 + f]
        const y = rows[y0 + f]
        const a = tiles[at]
        const b = tiles[at + 1]
        const c = tiles[at + 2]
        const e = tiles[at + 3]
        xa += Math.abs(x - a)
        xb += Math.abs(x - b)
        xc += Math.abs(x - c)
        xd += Math.abs(x - e)
        ya += Math.abs(y - a)
        yb += Math.abs(y - b)
        yc += Math.abs(y - c)
        yd += Math.abs(y - e)
      }
      const toX = i * slots + j
      distances[toX] = xa
      distances[toX + 1] = xb
      distances[toX + 2] = xc
      distances[toX + 3] = xd
      const toY = second * slots + j
      distances[toY] = ya
      distances[toY + 1] = yb
      distances[toY + 2] = yc
      distances[toY + 3] = yd
    }
  }
}

/** The distances of row i again, no column of which counts for more than the cap: what few rows need. */
function cappedDistances(
  { d, k, scaledCentroids, logShare }: Mixture,
  rows: Float64Array,
  i: number,
  distances: Float64Array,
) {
  for (let j = 0; j < k; j++) {
    let sum = 0
    for (let c = 0; c < d; c++) sum += Math.min(Math.abs(rows[i * d + c] - scaledCentroids[j * d + c]), capInSpreads)
    distances[i * logShare.length + j] = sum
  }
}

function largestOf(values: Float64Array, from: number, to: number): number {
  let largest = 0
  for (let at = from; at < to; at++) {
    const size = Math.abs(values[at])
    if (size > largest) largest = size
  }
  return largest
}

function softMinimum(
  { logShare, perTypical }: Mixture,
  distances: Float64Array,
  n: number,
  labels: Int32Array,
  leasts: Float64Array,
  sums: Float64Array,
): void {
  const slots = logShare.length
  const energies = new Float64Array(slots)
  for (let i = 0, from = 0; i < n; i++, from += slots) {
    let label = 0
    let nearest = Number.POSITIVE_INFINITY
    let least = Number.POSITIVE_INFINITY
    for (let j = 0; j < slots; j++) {
      const distance = distances[from + j]
      if (distance < nearest) {
        nearest = distance
        label = j
      }
      const energy = distance * perTypical - logShare[j]
      energies[j] = energy
      if (energy < least) least = energy
    }
    let a = 0
    let b = 0
    let c = 0
    let e = 0
    for (let j = 0; j < slots; j += lanes) {
      a += decayingExp(energies[j] - least)
      b += decayingExp(energies[j + 1] - least)
      c += decayingExp(energies[j + 2] - least)
      e += decayingExp(energies[j + 3] - least)
    }
    labels[i] = label
    leasts[i] = least
    sums[i] = a + b + (c + e)
  }
}
