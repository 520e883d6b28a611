/** The birth of a model from a sample of events: learning.md sections 3 and 4. */
import { birthBins } from './feature-bins.ts'
import { FeatureCounter } from './feature-counter.ts'
import { addCounts, emptyCounts } from './feature-counts.ts'
import type { FeaturePlan } from './feature-plan.ts'
import { addHeldOutScores } from './held-out.ts'
import { kmeansSteps } from './kmeans.ts'
import type { FeatureState, Model, OffsetRange } from './model.ts'
import { Random } from './random.ts'
import { emptyRarity } from './rarity.ts'
import { clamp, meanOf, quantileOf, robustSpread, sampleFences, sortedColumn } from './sample-column.ts'
import { inverseScaleOf, runningSpread } from './scorer.ts'
import { bendRows, chooseShapes } from './shape-choice.ts'
import { accumulate, emptyStatistics } from './statistics.ts'
import type { Steps } from './steps.ts'
import { firstUpkeep } from './upkeep.ts'
import { usualOf } from './usual.ts'

const restarts = 10

export interface BirthOptions {
  readonly fingerprint: string
  readonly bornAtMs: number
  readonly k: number
  readonly seed: number
  readonly halfLifeEvents: number
  readonly rarityHalfLifeEvents: number
  readonly bornFrom: readonly OffsetRange[]
}

/**
 * Makes version 1 from rows (n × d, as plain shapes give them; IN and OUT: the columns are bent, missing values, which are
 * NaN, are filled and absurd ones clipped), in the order of partition and offset, so that the same sample gives the same
 * bits. In steps, because clustering a large sample takes seconds, and heartbeats must get through.
 */
export function* birth(plan: FeaturePlan, rows: Float64Array, n: number, options: BirthOptions): Steps<Model> {
  const d = plan.columns.length
  const { k } = options
  const shapes = chooseShapes(plan, rows, n)
  bendRows(shapes, rows, n)
  const bounds = boundsOf(rows, n, d, plan)
  clip(rows, n, d, bounds)
  const features = birthFeatures(plan, rows, n, bounds)
  fill(rows, n, d, bounds)
  const whole = emptyStatistics(1, d)
  accumulate(rows, n, new Int32Array(n), bounds.fill, whole)
  const unit = bounds.floor.map((_, c) => runningSpread({ whole, floor: bounds.floor }, c))
  const model: Model = {
    fingerprint: options.fingerprint,
    bornAtMs: options.bornAtMs,
    version: 1,
    d,
    k,
    halfLifeEvents: options.halfLifeEvents,
    rarityHalfLifeEvents: options.rarityHalfLifeEvents,
    ids: Int32Array.from({ length: k }, (_, j) => j),
    bornVersions: new Float64Array(k).fill(1),
    clusters: emptyStatistics(k, d),
    whole,
    floor: bounds.floor,
    shapes,
    rarity: emptyRarity(),
    features,
    trainedEvents: n,
    nextUpdateOffset: 0,
    learnedUpTo: new Map(options.bornFrom.map(({ partition, from }) => [partition, from])),
    bornFrom: options.bornFrom,
    upkeep: firstUpkeep(rows, n, k, whole.mean.slice(), unit),
    usual: usualOf(emptyStatistics(k, d), 1),
  }
  const inverseScale = inverseScaleOf(model, plan.columns)
  const best = yield* kmeansSteps(rows, n, d, k, inverseScale, new Random(options.seed), { restarts })
  accumulate(rows, n, best.labels, best.centroids, model.clusters)
  model.upkeep.support.set(model.clusters.weight)
  keepEmptyClusters(model, best.centroids)
  model.usual = usualOf(model.clusters, 1)
  yield* addHeldOutScores(model, plan.columns, rows, n, best.labels)
  return model
}

/** A cluster without rows has no mean of its own: it waits where the seeding put it, with no mass. */
function keepEmptyClusters(model: Model, centroids: Float64Array): void {
  const { weight, mean } = model.clusters
  for (let j = 0; j < model.k; j++) {
    if (weight[j] === 0) mean.set(centroids.subarray(j * model.d, (j + 1) * model.d), j * model.d)
  }
}

interface Bounds {
  readonly low: Float64Array
  readonly high: Float64Array
  readonly floor: Float64Array
  readonly fill: Float64Array
}

function boundsOf(rows: Float64Array, n: number, d: number, plan: FeaturePlan): Bounds {
  const bounds: Bounds = {
    low: new Float64Array(d).fill(-Number.MAX_VALUE),
    high: new Float64Array(d).fill(Number.MAX_VALUE),
    floor: new Float64Array(d).fill(1),
    fill: new Float64Array(d),
  }
  for (let c = 0; c < d; c++) {
    const present = sortedColumn(rows, n, d, c)
    if (present.length === 0) continue
    if (plan.columns[c].fixedScale !== null) {
      bounds.fill[c] = meanOf(present)
      continue
    }
    const median = quantileOf(present, 0.5)
    const { reach, floor } = robustSpread(present, median)
    const { low, high } = sampleFences(present, reach)
    bounds.low[c] = low
    bounds.high[c] = high
    bounds.fill[c] = clamp(median, low, high)
    bounds.floor[c] = floor
  }
  return bounds
}

/** Clips what is absurd; what is missing stays so. */
function clip(rows: Float64Array, n: number, d: number, { low, high }: Bounds): void {
  for (let i = 0, at = 0; i < n; i++) for (let c = 0; c < d; c++, at++) rows[at] = clamp(rows[at], low[c], high[c])
}

/** Fills what is missing. A sample without any value of a column has 0 there. */
function fill(rows: Float64Array, n: number, d: number, bounds: Bounds): void {
  for (let i = 0, at = 0; i < n; i++) {
    for (let c = 0; c < d; c++, at++) if (Number.isNaN(rows[at])) rows[at] = bounds.fill[c]
  }
}

/** The distributions as the sample has them: what later ones are compared with, and where counting begins. */
function birthFeatures(plan: FeaturePlan, rows: Float64Array, n: number, bounds: Bounds): FeatureState {
  const bins = birthBins(plan, rows, n)
  const counter = new FeatureCounter(plan, bins, bounds)
  counter.addSample(rows, n)
  const { counts } = counter
  const current = emptyCounts(counts.missing.length, counts.bins.length)
  addCounts(current, counts)
  return { bins, reference: counts, current }
}
