/** The metric of a model: what a difference in a column counts for. */

import { runningSpread } from '../score/scorer.ts'
import type { Model } from './model.ts'

/** Stretch over the running (or the fixed) spread of each column: the factor of a difference in the distance. */
export function inverseScales(model: Model): Float64Array {
  const { stretch, fixedScale } = model.upkeep
  return stretch.map((factor, c) => factor / (fixedScale[c] > 0 ? fixedScale[c] : runningSpread(model, c)))
}

/** What the squared distance of a row to its centroid is on average, by what was learned. */
export function meanSquaredDistance(model: Model): number {
  const { weight, m2 } = model.clusters
  const inverseScale = inverseScales(model)
  let inertia = 0
  for (let at = 0; at < m2.length; at++) inertia += m2[at] * inverseScale[at % model.d] ** 2
  let total = 0
  for (const w of weight) total += w
  return total > 0 ? inertia / total : 0
}
