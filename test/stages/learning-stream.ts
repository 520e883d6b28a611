/** Rows through the score stage's statistics and the fold, batch by batch, as a stream teaches a model. */
import { fences } from '../../src/core/model/fences.ts'
import { fold } from '../../src/core/model/fold.ts'
import type { Model } from '../../src/core/model/model.ts'
import type { ModelUpdate } from '../../src/core/model/update.ts'
import { emptyScores, freeze, score } from '../../src/core/score/scorer.ts'
import { BatchStatistics } from '../../src/stages/batch-statistics.ts'
import { numberFields } from '../core/features/sample-features.ts'
import { numericPlan } from '../core/model/sample-model.ts'

/** What events [from, from + n) of partition 7 teach, scored by this version. */
export function updateOf(model: Model, rows: Float64Array, from: number): ModelUpdate {
  const { d } = model
  const plan = numericPlan(d)
  const n = rows.length / d
  const bounds = fences(model)
  const clipped = rows.map((x, at) => Math.max(bounds.low[at % d], Math.min(bounds.high[at % d], x)))
  const scores = emptyScores(n)
  score(freeze(model), clipped, n, scores)
  const statistics = new BatchStatistics(model, plan, bounds, n)
  statistics.add(7, { rows: clipped, n, scores, ...numberFields(n, d + 1) }, (i) => from + i)
  statistics.cover(7, from, from + n)
  return statistics.finish()!
}

/** Teaches the model (IN and OUT) the rows in batches of `size`, each scored by what the one before it made. */
export function learnRows(model: Model, rows: Float64Array, size = 500): void {
  const { d } = model
  for (let at = 0; at < rows.length; at += size * d) {
    const from = model.learnedUpTo.get(7) ?? 0
    fold(model, updateOf(model, rows.subarray(at, at + size * d), from), model.nextUpdateOffset)
  }
}
