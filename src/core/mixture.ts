/**
 * How far a row lies from all that is usual: learning.md section 7.
 *
 *     A_j = Σ_f min(|x_f − c_jf| / s_f, 1000)      p_j ∝ ((w_j + ½) / (W + k/2))²
 *     a   = Σ_f 0.7·√(S_f / W) / s_f               T   = −a · ln Σ_j p_j exp(−A_j / a)
 *     log distance = ln(T + 0.001·d)
 *
 * A hard minimum would let anomalies capture centroids and look normal there; the soft minimum over all of them,
 * weighted by mass, gives a light cluster little credit. Cost: k × d per event. Sums run over columns in ascending
 * order and clusters in ascending index, so that the same version and row give the same bits.
 */
import type { ColumnStatistics } from './statistics.ts'

/** A column adds at most so much to the L1 distance. */
export const capInSpreads = 1000
const leastPooled = 1e-9
/** exp(−40) is below the last bit of a sum that has a term of 1. */
const negligible = 40
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
  /** The same in tiles of four, column by column; what fills the last tile up is infinitely far away. */
  readonly tiles: Float64Array
  /** ln p_j, one for each lane; −∞ where there is no cluster. */
  readonly logShare: Float64Array
  /** a: the typical L1 distance of a row to its own centroid. */
  readonly typicalDistance: number
}

/** Freezes clusters, which may go on learning. */
export function freezeMixture(clusters: ColumnStatistics, centre: Float64Array, inverseScale: Float64Array): Mixture {
  const { k, d, mean } = clusters
  const slots = Math.ceil(k / lanes) * lanes
  const scaledCentroids = new Float64Array(k * d)
  const tiles = new Float64Array(slots * d).fill(Number.POSITIVE_INFINITY)
  for (let j = 0, at = 0; j < k; j++) {
    const tile = (j - (j % lanes)) * d + (j % lanes)
    for (let c = 0; c < d; c++, at++) {
      scaledCentroids[at] = (mean[at] - centre[c]) * inverseScale[c]
      tiles[tile + c * lanes] = scaledCentroids[at]
    }
  }
  return {
    k,
    d,
    inverseScale,
    centre,
    scaledCentroids,
    tiles,
    logShare: logShares(clusters.weight, slots),
    typicalDistance: typicalDistance(clusters, inverseScale),
  }
}

/** ln of the masses' shares after smoothing by ½ and squaring. */
function logShares(weight: Float64Array, slots: number): Float64Array {
  const k = weight.length
  const total = totalOf(weight)
  const logShare = new Float64Array(slots).fill(Number.NEGATIVE_INFINITY)
  let sum = 0
  for (let j = 0; j < k; j++) {
    const share = ((weight[j] + 0.5) / (total + 0.5 * k)) ** 2
    sum += share
    logShare[j] = share
  }
  for (let j = 0; j < k; j++) logShare[j] = Math.log(logShare[j] / sum)
  return logShare
}

function typicalDistance({ k, d, weight, m2 }: ColumnStatistics, inverseScale: Float64Array): number {
  const total = totalOf(weight)
  let typical = 0
  for (let c = 0; c < d; c++) {
    let pooled = 0
    for (let j = 0; j < k; j++) pooled += m2[j * d + c]
    typical += Math.sqrt(Math.max((pooled * inverseScale[c] * inverseScale[c]) / total, leastPooled))
  }
  return 0.7 * typical
}

function totalOf(weight: Float64Array): number {
  let total = 0
  for (const w of weight) total += w
  return Math.max(total, leastPooled)
}

/**
 * The log distance of each row, and the centroid at the least L1 distance to it; ties go to the lower index.
 *
 * @param rows n×d, clipped and finite.
 * @param labels OUT n indices of centroids.
 * @param logDistances OUT n.
 */
export function mixtureDistances(
  mixture: Mixture,
  rows: Float64Array,
  n: number,
  labels: Int32Array,
  logDistances: Float64Array,
): void {
  const { d, inverseScale, centre, tiles, logShare, typicalDistance: a } = mixture
  const slots = logShare.length
  const row = new Float64Array(d)
  const energies = new Float64Array(slots)
  const perTypical = 1 / a
  const slack = 0.001 * d
  for (let i = 0, from = 0; i < n; i++, from += d) {
    for (let c = 0; c < d; c++) row[c] = (rows[from + c] - centre[c]) * inverseScale[c]
    let label = 0
    let nearest = Number.POSITIVE_INFINITY
    let least = Number.POSITIVE_INFINITY
    for (let j = 0, at = 0; j < slots; j += lanes) {
      let a0 = 0
      let a1 = 0
      let a2 = 0
      let a3 = 0
      for (let c = 0; c < d; c++, at += lanes) {
        const x = row[c]
        const u0 = Math.abs(x - tiles[at])
        const u1 = Math.abs(x - tiles[at + 1])
        const u2 = Math.abs(x - tiles[at + 2])
        const u3 = Math.abs(x - tiles[at + 3])
        a0 += u0 < capInSpreads ? u0 : capInSpreads
        a1 += u1 < capInSpreads ? u1 : capInSpreads
        a2 += u2 < capInSpreads ? u2 : capInSpreads
        a3 += u3 < capInSpreads ? u3 : capInSpreads
      }
      energies[j] = a0
      energies[j + 1] = a1
      energies[j + 2] = a2
      energies[j + 3] = a3
    }
    for (let j = 0; j < slots; j++) {
      const absolute = energies[j]
      if (absolute < nearest) {
        nearest = absolute
        label = j
      }
      const energy = absolute * perTypical - logShare[j]
      energies[j] = energy
      if (energy < least) least = energy
    }
    let sum = 0
    for (let j = 0; j < slots; j++) {
      const behind = energies[j] - least
      if (behind < negligible) sum += Math.exp(-behind)
    }
    labels[i] = label
    logDistances[i] = Math.log(Math.max((least - Math.log(sum)) * a, 0) + slack)
  }
}
