/** A model is of all partitions: over how many the same stream is split must not show. */
import { expect, test } from 'vitest'
import { Random } from '../../../src/core/kmeans/random.ts'
import { fences } from '../../../src/core/model/fences.ts'
import { fold } from '../../../src/core/model/fold.ts'
import type { Model } from '../../../src/core/model/model.ts'
import type { ModelUpdate } from '../../../src/core/model/update.ts'
import { averagePrecision, rocAuc } from '../../../src/core/score/ranking.ts'
import { emptyScores, freeze, score } from '../../../src/core/score/scorer.ts'
import { BatchStatistics } from '../../../src/stages/batch-statistics.ts'
import { numberFields } from '../features/sample-features.ts'
import { bornFrom, clusteredRows, numericPlan } from './sample-model.ts'

const [n, d, k, batch] = [20_000, 3, 6, 1000]
const plan = numericPlan(d)
const rows = clusteredRows(n, d, k, 9)
const positive = new Uint8Array(n)
const random = new Random(3)
for (let i = 0; i < n; i++) {
  if (random.uniform() > 0.01) continue
  positive[i] = 1
  for (let c = 0; c < d; c++) rows[i * d + c] = 50 * (2 * random.uniform() - 1)
}

/** What the part of a batch that lies in one partition teaches, and the log distances of its events (OUT). */
function taught(model: Model, partition: number, events: readonly number[], logDistances: Float64Array): ModelUpdate {
  const scorer = freeze(model)
  const own = Float64Array.from(events.flatMap((i) => [...rows.subarray(i * d, (i + 1) * d)]))
  const scores = emptyScores(events.length)
  score(scorer, own, events.length, scores)
  events.forEach((i, at) => {
    logDistances[i] = scores.logDistances[at]
  })
  const statistics = new BatchStatistics(model, plan, fences(model), batch)
  const { fields, eventOf } = numberFields(batch, plan.fields.length)
  statistics.add(
    partition,
    { rows: own, n: events.length, scores, eventOf, fields, bytes: new Uint8Array(0) },
    (at) => n + events[at],
  )
  statistics.cover(partition, n + events[0], n + events[events.length - 1] + 1)
  return statistics.finish()!
}

/** Ranking, and the share called anomalous at the end, of the stream split over so many partitions. */
function learned(partitions: number) {
  const model = bornFrom(plan, rows.slice(0, batch * d), batch, k)
  const logDistances = new Float64Array(n)
  for (let from = batch; from < n; from += batch) {
    const updates = Array.from({ length: partitions }, (_, p) => {
      const events = Array.from({ length: batch }, (_, i) => from + i).filter((i) => i % partitions === p)
      return taught(model, p, events, logDistances)
    })
    for (const update of updates) expect(fold(model, update, model.nextUpdateOffset)).toBe('learned')
  }
  const [scored, labels] = [logDistances.slice(batch), positive.slice(batch)]
  return { auc: rocAuc(scored, labels)!, ap: averagePrecision(scored, labels)!, exponent: model.rarity.exponent }
}

test('ranks within 1 % the same, split over 1, 2 or 8 partitions', () => {
  const [one, two, eight] = [learned(1), learned(2), learned(8)]
  expect(one.auc).toBeGreaterThan(0.9)
  for (const split of [two, eight]) {
    for (const name of ['auc', 'ap', 'exponent'] as const) {
      expect(Math.abs(split[name] / one[name] - 1)).toBeLessThan(name === 'exponent' ? 0.05 : 0.01)
    }
  }
})
