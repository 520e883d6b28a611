/** Where a value becomes absurd, by one version of the model. */

import type { ColumnBounds } from '../features/vectorise.ts'
import { runningSpreads } from './metric.ts'
import type { Model } from './model.ts'

/** No value of a column is farther than this from its mean, in spreads. */
const farthest = 1000
/** What is known of a variance can be multiplied by about so much by one value. */
const mostVariances = 10
/** Squares of what lies within can be summed over more events than there will be. */
const largest = 1e100

/**
 * How far from the running mean a value counts, for the score and for learning: after n events √(10 n) running spreads, so
 * that one absurd value widens a column by no more than 10 times its variance, and 1000 at most, from 100,000 events on.
 * What a column really holds is never kept out: of n values none lies beyond √n of their own standard deviations
 * (Samuelson's inequality), so while one does, the spread that is learned from the clipped ones is too small, and grows.
 * Columns of a fixed scale are what their transform makes them: nothing is absurd.
 */
export function fences(model: Model): ColumnBounds {
  const { mean } = model.whole
  const { fixedScale } = model.upkeep
  const spreads = runningSpreads(model)
  const most = Math.min(farthest, Math.sqrt(mostVariances * model.whole.weight[0]))
  const low = new Float64Array(model.d).fill(-Number.MAX_VALUE)
  const high = new Float64Array(model.d).fill(Number.MAX_VALUE)
  for (let c = 0; c < model.d; c++) {
    if (fixedScale[c] > 0) continue
    const reach = most * spreads[c]
    low[c] = Math.max(mean[c] - reach, -largest)
    high[c] = Math.min(mean[c] + reach, largest)
  }
  return { low, high, fill: mean, shapes: model.shapes }
}
