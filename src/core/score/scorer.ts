/**
 * Assignment and score by one version of the model: learning.md sections 3 and 7. The assignment is the nearest of the
 * clusters that upkeep keeps in order; the score measures from the places that nothing but the mean has ever moved
 * (`usual.ts` says why they are two).
 */

import { nearest } from '../kmeans/nearest.ts'
import { inverseScales, runningSpreads } from '../model/metric.ts'
import type { Model } from '../model/model.ts'
import { freezeMixture, type Mixture, mixtureDistances } from './mixture.ts'
import { type RarityTable, rarityOf, rarityTable } from './rarity.ts'

/** A version frozen for scoring; immutable. */
export interface Scorer {
  readonly model: Model
  readonly k: number
  readonly d: number
  readonly version: number
  /** Stretch over spread, length d: distances are taken after multiplying by it. */
  readonly inverseScale: Float64Array
  /** The centroids that events are assigned to, k × d, unscaled. */
  readonly centroids: Float64Array
  /** What the score measures from. */
  readonly mixture: Mixture
  readonly rarity: RarityTable
}

/** What scoring a batch fills; each at least n long. */
export interface Scores {
  /** Index of the nearest centroid; ties go to the lower. */
  readonly labels: Int32Array
  /** Scaled Euclidean distance to it. */
  readonly distances: Float64Array
  /** Index of the nearest of the usual places. */
  readonly usualLabels: Int32Array
  /** The distance that the score is taken from, in spreads, and its logarithm. */
  readonly softDistances: Float64Array
  readonly logDistances: Float64Array
  readonly rarities: Float64Array
}

export function emptyScores(capacity: number): Scores {
  return {
    labels: new Int32Array(capacity),
    distances: new Float64Array(capacity),
    usualLabels: new Int32Array(capacity),
    softDistances: new Float64Array(capacity),
    logDistances: new Float64Array(capacity),
    rarities: new Float64Array(capacity),
  }
}

/** Freezes the model (which may go on learning) for scoring. */
export function freeze(model: Model): Scorer {
  const { d, k } = model
  const inverseScale = inverseScales(model.upkeep, runningSpreads(model))
  return {
    model,
    k,
    d,
    version: model.version,
    inverseScale,
    centroids: model.clusters.mean.slice(),
    mixture: freezeMixture(model.usual.places, model.whole.mean.slice(), inverseScale),
    rarity: rarityTable(model.rarity),
  }
}

/** Assigns and scores rows (n × d, clipped and finite) into `out`. */
export function score(scorer: Scorer, rows: Float64Array, n: number, out: Scores): void {
  const { k, d, centroids, inverseScale, mixture, rarity } = scorer
  const { labels, distances, usualLabels, softDistances, logDistances, rarities } = out
  nearest(rows, n, d, centroids, k, inverseScale, labels, distances)
  for (let i = 0; i < n; i++) distances[i] = Math.sqrt(distances[i])
  mixtureDistances(mixture, rows, n, usualLabels, softDistances, logDistances)
  for (let i = 0; i < n; i++) rarities[i] = rarityOf(rarity, logDistances[i])
}
