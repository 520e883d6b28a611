/** Rows that are assigned, scored and learned from in memory: by all that Shoal does with them, and by less. */
import { FieldColumns, FieldKind } from '../../src/core/fields/fields.ts'
import { nearest } from '../../src/core/kmeans/nearest.ts'
import { Random } from '../../src/core/kmeans/random.ts'
import { finish } from '../../src/core/kmeans/steps.ts'
import { birth } from '../../src/core/model/birth.ts'
import { fences } from '../../src/core/model/fences.ts'
import { fold } from '../../src/core/model/fold.ts'
import { accumulate, emptyStatistics, mergeAll, mergeTogether } from '../../src/core/model/statistics.ts'
import { emptyScores, freeze, score } from '../../src/core/score/scorer.ts'
import { BatchStatistics } from '../../src/stages/batch-statistics.ts'
import { openReplay } from '../../tools/replay/open-replay.ts'
import { grownModel } from '../sizing/grown-model.ts'

export const batch = 1000
/** Of a transaction under load: the stages learn from it at once. */
const batchesLearned = 10
const rowsInAll = 50_000
const bornClusters = 16
/** Of the running quantile that a distance is divided by, its level and its step. */
const [level, step] = [0.99, 0.01]
const leastDistance = 1e-9

/** Deals with the next rows, and says how many they were. */
type Loop = () => number

export interface LearningLoops {
  /**
   * What the production stages do with a row: nearest, mixture, rarity, statistics for the model, for upkeep and for drift; and the
   * fold of each transaction's, without upkeep.
   */
  readonly whole: Loop
  /** What the others do: nearest, a score by a running quantile, mini-batch k-means on standardised columns. */
  readonly bare: Loop
  /** The nearest cluster and how far it is, and nothing else. */
  readonly nearest: Loop
}

/** Rows around k places, d columns, as the others make theirs. */
export function learningLoops(d: number, k: number): LearningLoops {
  const random = new Random(16)
  const centres = Float64Array.from({ length: k * d }, () => 3 * random.gaussian())
  const rows = new Float64Array(rowsInAll * d)
  for (let i = 0; i < rowsInAll; i++) {
    const j = random.below(k)
    for (let f = 0; f < d; f++) rows[i * d + f] = centres[j * d + f] + random.gaussian()
  }
  return { whole: wholeLoop(rows, d, k), bare: bareLoop(rows, d, k), nearest: nearestLoop(rows, centres, d, k) }
}

function batchesOf(rows: Float64Array, d: number): () => Float64Array {
  let at = 0
  return () => {
    const next = rows.subarray(at * d, (at + batch) * d)
    at = (at + batch) % rowsInAll
    return next
  }
}

function wholeLoop(rows: Float64Array, d: number, k: number): Loop {
  const names = Array.from({ length: d }, (_, f) => ({ field: `measure${f}` }))
  const { settings } = openReplay({
    input: { format: 'avro', time: null },
    features: names,
    clusters: { k: bornClusters, seed: 1 },
  })
  const { plan } = settings
  const sample = 20 * batch
  const born = finish(birth(plan, rows.slice(), sample, { ...settings, bornAtMs: 0, bornFrom: [] })).model
  const model = grownModel(plan, born, rows.slice(), sample, k)
  // Done beside the work, in steps: load-tests/sizing.ts measures it.
  model.upkeep.nextAtEvents = Number.MAX_SAFE_INTEGER
  const fields = new FieldColumns(batch, plan.slots)
  fields.kind.fill(FieldKind.number)
  const eventOf = Int32Array.from({ length: batch }, (_, i) => i)
  const scores = emptyScores(batch)
  const bytes = new Uint8Array(0)
  const next = batchesOf(rows, d)
  let round = 0
  return () => {
    const scorer = freeze(model)
    const statistics = new BatchStatistics(model, plan, fences(model), batch)
    const from = round * batchesLearned * batch
    for (let i = 0; i < batchesLearned; i++) {
      const scored = { rows: next(), n: batch, scores, eventOf, fields, bytes }
      score(scorer, scored.rows, batch, scores)
      statistics.add(0, scored, (row) => from + i * batch + row)
    }
    statistics.cover(0, from, from + batchesLearned * batch)
    const outcome = fold(model, statistics.finish(), round)
    if (outcome !== 'learned') throw new Error(`an update must be learned: it was ${outcome}`)
    round++
    return batchesLearned * batch
  }
}

function nearestLoop(rows: Float64Array, centres: Float64Array, d: number, k: number): Loop {
  const next = batchesOf(rows, d)
  const [labels, distances] = [new Int32Array(batch), new Float64Array(batch)]
  const inverseScale = new Float64Array(d).fill(0.9)
  return () => {
    nearest(next(), batch, d, centres, k, inverseScale, labels, distances)
    for (let i = 0; i < batch; i++) distances[i] = Math.sqrt(distances[i])
    return batch
  }
}

function bareLoop(rows: Float64Array, d: number, k: number): Loop {
  const next = batchesOf(rows, d)
  const whole = emptyStatistics(1, d)
  const [clusters, clustersOfBatch] = [emptyStatistics(k, d), emptyStatistics(k, d)]
  clusters.weight.fill(1)
  clusters.mean.set(rows.subarray(0, k * d))
  const labels = new Int32Array(batch)
  const [distances, scores] = [new Float64Array(batch), new Float64Array(batch)]
  const inverseScale = new Float64Array(d).fill(1)
  let quantile = 1
  return () => {
    const now = next()
    nearest(now, batch, d, clusters.mean, k, inverseScale, labels, distances)
    quantile = scoreAll(distances, quantile, scores)
    accumulate(now, batch, labels, clusters.mean, clustersOfBatch)
    mergeAll(clusters, clustersOfBatch)
    // What the batch is in all is what its clusters are together.
    mergeTogether(whole, clustersOfBatch)
    for (let f = 0; f < d; f++) inverseScale[f] = 1 / Math.sqrt(whole.m2[f] / whole.weight[0] + leastDistance)
    return batch
  }
}

/** The distances' roots over their running quantile, which starts from `quantile`; gives where it has come to. */
function scoreAll(squaredDistances: Float64Array, quantile: number, scores: Float64Array): number {
  let running = quantile
  for (let i = 0; i < batch; i++) {
    const distance = Math.sqrt(squaredDistances[i])
    running += distance > running ? level * step * (distance + leastDistance) : (level - 1) * step * running
    scores[i] = distance / running
  }
  return running
}
