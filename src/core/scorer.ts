/**
 * Assignment and score by one version of the model: learning.md sections 3 and 7.
 *
 *     A_j = Σ_f min(|x_f − c_jf| / s_f, 1000)      p_j ∝ ((w_j + ½) / (W + k/2))²
 *     a   = Σ_f 0.7·√(S_f / W) / s_f               T   = −a · ln Σ_j p_j exp(−A_j / a)
 *     log distance = ln(T + 0.001·d)               score = 1 − P(log distance or more)
 *
 * A hard minimum would let anomalies capture centroids and look normal there; the soft minimum over all of them,
 * weighted by mass, gives a light cluster little credit. Cost: k × d per event. Sums run over columns in ascending
 * order and clusters in ascending index, so that the same version and row give the same bits.
 */
import type { Model } from './model.ts'
import { type RarityTable, rarityOf, rarityTable } from './rarity.ts'

/** A column adds at most so much to the L1 distance. */
export const capInSpreads = 1000
const leastPooled = 1e-9
/** exp(−40) is below the last bit of a sum that has a term of 1. */
const negligible = 40

/** A version frozen for scoring; immutable. */
export interface Scorer {
  readonly model: Model
  readonly k: number
  readonly d: number
  readonly version: number
  /** Stretch over spread, length d: distances are taken after multiplying by it. */
  readonly inverseScale: Float64Array
  /** Mean of all events, length d: subtracted before scaling so that large offsets lose no bits. */
  readonly centre: Float64Array
  /** (centroid − centre) × inverseScale, k × d. */
  readonly scaledCentroids: Float64Array
  /** ln p_j, length k. */
  readonly logShare: Float64Array
  /** The typical L1 distance of a row to its own centroid. */
  readonly typicalDistance: number
  readonly rarity: RarityTable
}

/** What scoring a batch fills; each at least n long. */
export interface Scores {
  /** Index of the nearest centroid; ties go to the lower. */
  readonly labels: Int32Array
  /** Scaled Euclidean distance to it. */
  readonly distances: Float64Array
  readonly logDistances: Float64Array
  readonly rarities: Float64Array
}

export function emptyScores(capacity: number): Scores {
  return {
    labels: new Int32Array(capacity),
    distances: new Float64Array(capacity),
    logDistances: new Float64Array(capacity),
    rarities: new Float64Array(capacity),
  }
}

/** Standard deviation of a column over all events, at least the column's floor. */
export function runningSpread(
  { whole: { weight, m2 }, floor }: Pick<Model, 'whole' | 'floor'>,
  column: number,
): number {
  return Math.max(weight[0] > 0 ? Math.sqrt(m2[column] / weight[0]) : 0, floor[column])
}

/** Stretch over the running (or the fixed) spread, length d. */
export function inverseScaleOf(model: Model, columns: readonly ScaledColumn[]): Float64Array {
  return Float64Array.from(columns, ({ stretch, fixedScale }, c) => stretch / (fixedScale ?? runningSpread(model, c)))
}

/** What of a column a scorer needs to know. */
interface ScaledColumn {
  readonly stretch: number
  readonly fixedScale: number | null
}

/** Freezes the model (which may go on learning) for scoring. */
export function freeze(model: Model, columns: readonly ScaledColumn[]): Scorer {
  const { d, k } = model
  const inverseScale = inverseScaleOf(model, columns)
  const centre = model.whole.mean.slice()
  const scaledCentroids = new Float64Array(k * d)
  for (let j = 0, at = 0; j < k; j++) {
    for (let c = 0; c < d; c++, at++) scaledCentroids[at] = (model.clusters.mean[at] - centre[c]) * inverseScale[c]
  }
  return {
    model,
    k,
    d,
    version: model.version,
    inverseScale,
    centre,
    scaledCentroids,
    logShare: logShares(model.clusters.weight),
    typicalDistance: typicalDistance(model, inverseScale),
    rarity: rarityTable(model.rarity),
  }
}

/** ln of the masses' shares after smoothing by ½ and squaring. */
function logShares(weight: Float64Array): Float64Array {
  const k = weight.length
  let total = 0
  for (const w of weight) total += w
  total = Math.max(total, leastPooled)
  const shares = weight.map((w) => ((w + 0.5) / (total + 0.5 * k)) ** 2)
  let sum = 0
  for (const share of shares) sum += share
  return shares.map((share) => Math.log(share / sum))
}

function typicalDistance(model: Model, inverseScale: Float64Array): number {
  const { weight, m2 } = model.clusters
  let total = 0
  for (const w of weight) total += w
  total = Math.max(total, leastPooled)
  let typical = 0
  for (let c = 0; c < model.d; c++) {
    let pooled = 0
    for (let j = 0; j < model.k; j++) pooled += m2[j * model.d + c]
    typical += Math.sqrt(Math.max((pooled * inverseScale[c] * inverseScale[c]) / total, leastPooled))
  }
  return 0.7 * typical
}

/** Working memory of `score` for a k × d model. */
export interface ScoreScratch {
  readonly row: Float64Array
  readonly energies: Float64Array
}

export function scoreScratch(k: number, d: number): ScoreScratch {
  return { row: new Float64Array(d), energies: new Float64Array(k) }
}

/** Assigns and scores rows (n × d, clipped and finite) into `out`. */
export function score(scorer: Scorer, rows: Float64Array, n: number, scratch: ScoreScratch, out: Scores): void {
  const { k, d, inverseScale, centre, scaledCentroids, logShare, typicalDistance: a, rarity } = scorer
  const { row, energies } = scratch
  const perTypical = 1 / a
  const slack = 0.001 * d
  for (let i = 0, from = 0; i < n; i++, from += d) {
    for (let c = 0; c < d; c++) row[c] = (rows[from + c] - centre[c]) * inverseScale[c]
    let label = 0
    let nearest = Number.POSITIVE_INFINITY
    let least = Number.POSITIVE_INFINITY
    for (let j = 0, at = 0; j < k; j++) {
      let squared = 0
      let absolute = 0
      for (let c = 0; c < d; c++, at++) {
        const u = Math.abs(row[c] - scaledCentroids[at])
        squared += u * u
        absolute += Math.min(u, capInSpreads)
      }
      if (squared < nearest) {
        nearest = squared
        label = j
      }
      const energy = absolute * perTypical - logShare[j]
      energies[j] = energy
      if (energy < least) least = energy
    }
    let mixture = 0
    for (let j = 0; j < k; j++) {
      const behind = energies[j] - least
      if (behind < negligible) mixture += Math.exp(-behind)
    }
    const distance = (least - Math.log(mixture)) * a
    out.labels[i] = label
    out.distances[i] = Math.sqrt(nearest)
    const logDistance = Math.log(Math.max(distance, 0) + slack)
    out.logDistances[i] = logDistance
    out.rarities[i] = rarityOf(rarity, logDistance)
  }
}
