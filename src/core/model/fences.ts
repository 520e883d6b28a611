/** Where a value becomes absurd, by one version of the model. */

import type { ColumnBounds } from '../features/vectorise.ts'
import { runningSpreads } from './metric.ts'
import type { Model } from './model.ts'

const fenceInSpreads = 100
/** Squares of what lies within can be summed over more events than there will be. */
const largest = 1e100

/**
 * A value counts as at most 100 running spreads from the running mean, for the score and for learning: that much is
 * what one absurd value can do. What a column really holds is never kept out: at most one row in 100² of any
 * distribution lies beyond (Chebyshev's inequality), so while more do, the spread that is learned from the clipped
 * rows is too small, and grows. Columns of a fixed scale are what their transform makes them: nothing is absurd.
 */
export function fences(model: Model): ColumnBounds {
  const { mean } = model.whole
  const { fixedScale } = model.upkeep
  const spreads = runningSpreads(model)
  const low = new Float64Array(model.d).fill(-Number.MAX_VALUE)
  const high = new Float64Array(model.d).fill(Number.MAX_VALUE)
  for (let c = 0; c < model.d; c++) {
    if (fixedScale[c] > 0) continue
    const reach = fenceInSpreads * spreads[c]
    low[c] = Math.max(mean[c] - reach, -largest)
    high[c] = Math.min(mean[c] + reach, largest)
  }
  return { low, high, fill: mean, shapes: model.shapes }
}
