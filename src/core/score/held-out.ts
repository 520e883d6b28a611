/**
 * The first distribution of the score. The rows that a model is born from lie nearer to it than those that come after:
 * each has pulled a centroid and the spreads towards itself, the more, the fewer are like it. So each is scored by the
 * model without it (leave one out), and the budget holds from the first event.
 */

import type { Steps } from '../kmeans/steps.ts'
import { inverseScales, runningSpreads } from '../model/metric.ts'
import type { Model } from '../model/model.ts'
import { type ColumnStatistics, copyCluster, copyOf } from '../model/statistics.ts'
import { freezeMixture, mixtureDistances } from './mixture.ts'
import { addRarity, rarityBin } from './rarity.ts'

const rowsInStep = 200

/** Adds the birth's rows (n × d), which belong to the usual places `labels`, to the histogram of the model (IN and OUT). */
export function* addHeldOutScores(model: Model, rows: Float64Array, n: number, labels: Int32Array): Steps<void> {
  const { d } = model
  const whole = copyOf(model.whole)
  const places = copyOf(model.usual.places)
  const label = new Int32Array(1)
  const softDistance = new Float64Array(1)
  const logDistances = new Float64Array(n)
  for (let i = 0; i < n; i++) {
    const row = rows.subarray(i * d, (i + 1) * d)
    const own = labels[i]
    copyCluster(whole, 0, model.whole, 0)
    takeOut(whole, 0, row)
    takeOut(places, own, row)
    // Of a place that was this row alone nothing is left that could speak for it.
    if (places.weight[own] === 0) places.mean.set(whole.mean, own * d)
    const inverseScale = inverseScales(model.upkeep, runningSpreads({ whole, floor: model.floor }))
    const mixture = freezeMixture(places, whole.mean, inverseScale)
    mixtureDistances(mixture, row, 1, label, softDistance, logDistances.subarray(i))
    copyCluster(places, own, model.usual.places, own)
    if (i % rowsInStep === rowsInStep - 1) yield
  }
  addRarity(model.rarity, Int32Array.from(logDistances, rarityBin), new Float64Array(n).fill(1))
}

/** What cluster j (IN and OUT) would be without a row of it: a merge (Chan 1979) undone. */
function takeOut({ weight, mean, m2, d }: ColumnStatistics, j: number, row: Float64Array): void {
  const left = weight[j] - 1
  weight[j] = left
  for (let c = 0, at = j * d; c < d; c++, at++) {
    const difference = row[c] - mean[at]
    m2[at] = left > 0 ? Math.max(0, m2[at] - (difference * difference * (left + 1)) / left) : 0
    if (left > 0) mean[at] -= difference / left
  }
}
