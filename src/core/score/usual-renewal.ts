/** When the stream has moved away from the usual places for good, they are taken anew from the clusters. */

import type { WeightedRows } from '../kmeans/weighted-lloyd.ts'
import type { Model } from '../model/model.ts'
import type { ColumnStatistics } from '../model/statistics.ts'
import { centroidsInUnits, sampledRows } from '../upkeep/upkeep-sample.ts'
import { usualOf } from './usual.ts'
import { weightedMedian } from './weighted-median.ts'

/** Events between two looks: each costs as much as scoring the rows that it looks at twice. */
const everyEvents = 20_000
const leastRows = 100
/** Rows that are looked at, evenly spread over the sample: their median is within a few hundredths of that of all. */
const enoughRows = 1000
/** The clusters must be so much nearer to the middle one of the sampled rows. */
const farther = 1.5

/**
 * Renews the places (IN and OUT: `model`) when half of the events, as the sample tells, lie 1.5 times as far from them as
 * from the clusters. Refits that serve less than half of the events never bring that about: anomalies do not become usual by it.
 *
 * @param before events learned before the update that has just been.
 */
export function renewUsual(model: Model, before: number): void {
  if (Math.floor(before / everyEvents) === Math.floor(model.trainedEvents / everyEvents)) return
  const sample = sampledRows(model, enoughRows)
  if (sample.n < leastRows) return
  const toUsual = medianDistance(model, sample, model.usual.places)
  if (toUsual > farther * medianDistance(model, sample, model.clusters)) {
    model.usual = usualOf(model.clusters, model.version)
  }
}

/** The median over the events that the sampled rows stand for of the L1 distance to the nearest centroid. */
function medianDistance(model: Model, sample: WeightedRows, { k, mean }: ColumnStatistics): number {
  const { n, d, rows, weight, inverseScale } = sample
  const centroids = centroidsInUnits(model, mean).map((x, at) => x * inverseScale[at % d])
  const scaled = new Float64Array(n * d)
  for (let i = 0, at = 0; i < n; i++) for (let c = 0; c < d; c++, at++) scaled[at] = rows[at] * inverseScale[c]
  const distances = new Float64Array(n)
  for (let i = 0; i < n; i++) {
    let least = Number.POSITIVE_INFINITY
    for (let j = 0, at = 0; j < k; j++) {
      let sum = 0
      for (let c = 0; c < d; c++, at++) sum += Math.abs(scaled[i * d + c] - centroids[at])
      if (sum < least) least = sum
    }
    distances[i] = least
  }
  return weightedMedian(distances, weight)
}
