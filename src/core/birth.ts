/** The birth of a model from a sample of events: learning.md sections 3 and 4. */
import type { FeaturePlan } from './feature-plan.ts'
import { kmeansSteps } from './kmeans.ts'
import type { Model, OffsetRange } from './model.ts'
import { Random } from './random.ts'
import { addRarity, emptyRarity, rarityBin } from './rarity.ts'
import { emptyScores, freeze, inverseScaleOf, score, scoreScratch } from './scorer.ts'
import { accumulate, emptyStatistics } from './statistics.ts'
import type { Steps } from './steps.ts'

const restarts = 10
/** Values of the sample count as at most so many times the reach outside the quartiles. */
const fenceWidth = 50
const normalQuartileRange = 1.35
const floorShare = 1e-3

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
 * Makes version 1 from rows (n × d, IN and OUT: missing values, which are NaN, are filled and absurd ones clipped), in
 * the order of partition and offset, so that the same sample gives the same bits. In steps, because clustering a large
 * sample takes seconds, and heartbeats must get through.
 */
export function* birth(plan: FeaturePlan, rows: Float64Array, n: number, options: BirthOptions): Steps<Model> {
  const d = plan.columns.length
  const { k } = options
  const bounds = boundsOf(rows, n, d, plan)
  clean(rows, n, d, bounds)
  const whole = emptyStatistics(1, d)
  accumulate(rows, n, new Int32Array(n), bounds.fill, whole)
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
    rarity: emptyRarity(),
    trainedEvents: n,
    nextUpdateOffset: 0,
    learnedUpTo: new Map(options.bornFrom.map(({ partition, from }) => [partition, from])),
    bornFrom: options.bornFrom,
  }
  const inverseScale = inverseScaleOf(model, plan.columns)
  const best = yield* kmeansSteps(rows, n, d, k, inverseScale, new Random(options.seed), { restarts })
  accumulate(rows, n, best.labels, best.centroids, model.clusters)
  keepEmptyClusters(model, best.centroids)
  addFirstScores(model, plan, rows, n)
  return model
}

/** A cluster without rows has no mean of its own: it waits where the seeding put it, with no mass. */
function keepEmptyClusters(model: Model, centroids: Float64Array): void {
  const { weight, mean } = model.clusters
  for (let j = 0; j < model.k; j++) {
    if (weight[j] === 0) mean.set(centroids.subarray(j * model.d, (j + 1) * model.d), j * model.d)
  }
}

/** The distribution of the score starts as that of the sample, so that the budget holds from the first event. */
function addFirstScores(model: Model, plan: FeaturePlan, rows: Float64Array, n: number): void {
  const scores = emptyScores(n)
  score(freeze(model, plan.columns), rows, n, scoreScratch(model.k, model.d), scores)
  const bins = Int32Array.from(scores.logDistances, rarityBin)
  addRarity(model.rarity, bins, new Float64Array(n).fill(1))
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
    const present = columnOf(rows, n, d, c)
    if (present.length === 0) continue
    if (plan.columns[c].fixedScale !== null) {
      bounds.fill[c] = meanOf(present)
      continue
    }
    const median = quantile(present, 0.5)
    const { reach, floor } = robustSpread(present, median)
    bounds.low[c] = clamp(quantile(present, 0.25) - fenceWidth * reach, -largest, largest)
    bounds.high[c] = clamp(quantile(present, 0.75) + fenceWidth * reach, -largest, largest)
    bounds.fill[c] = clamp(median, bounds.low[c], bounds.high[c])
    bounds.floor[c] = floor
  }
  return bounds
}

/** Squares of what lies within can be summed over more events than there will be, and one over it can be squared. */
const largest = 1e100
/** Differences below this share of a value are rounding. */
const rounding = 1e-12
/** One or two values that differ from all others may be absurd: they say nothing of the column's spread. */
const leastDiffering = 3

/**
 * How far the column's ordinary values reach, and the least spread that it will ever have. Two measures that a few absurd
 * values cannot move, the larger of which counts: the quartile range, and the median distance from the median of what
 * differs from it, since more than half of a column may be one value. Where all is one value nothing is known yet, and
 * nothing may explode: a unit, or a tenth of the value.
 */
function robustSpread(sorted: Float64Array, median: number): { reach: number; floor: number } {
  const least = Math.max(1 / largest, rounding * Math.abs(median))
  const differing = sorted.map((x) => Math.min(Math.abs(x - median), largest)).filter((distance) => distance > least)
  if (differing.length < leastDiffering) {
    const unit = Math.min(Math.max(1, Math.abs(median) * 0.1), largest)
    return { reach: unit, floor: unit }
  }
  const distance = quantile(differing.sort(), 0.5)
  const quartileRange = Math.min(quantile(sorted, 0.75) - quantile(sorted, 0.25), largest)
  const spread = Math.max(quartileRange / normalQuartileRange, distance * Math.sqrt(differing.length / sorted.length))
  return { reach: Math.max(quartileRange, distance), floor: floorShare * spread }
}

function columnOf(rows: Float64Array, n: number, d: number, c: number): Float64Array {
  const values = new Float64Array(n)
  let count = 0
  for (let i = 0; i < n; i++) {
    const x = rows[i * d + c]
    if (!Number.isNaN(x)) values[count++] = x
  }
  return values.subarray(0, count).sort()
}

/** Each value is divided before it is added, so that huge ones do not overflow the sum. */
function meanOf(sorted: Float64Array): number {
  const n = sorted.length
  let mean = 0
  for (let i = 0; i < n; i++) mean += sorted[i] / n
  return mean
}

/** Linear interpolation between order statistics. */
function quantile(sorted: Float64Array, share: number): number {
  const at = share * (sorted.length - 1)
  const below = Math.floor(at)
  const above = Math.min(below + 1, sorted.length - 1)
  const weight = at - below
  return sorted[below] * (1 - weight) + sorted[above] * weight
}

/** Fills what is missing and clips what is absurd. A sample without any value of a column has 0 there. */
function clean(rows: Float64Array, n: number, d: number, { low, high, fill }: Bounds): void {
  for (let i = 0, at = 0; i < n; i++) {
    for (let c = 0; c < d; c++, at++) {
      const x = rows[at]
      rows[at] = Number.isNaN(x) ? fill[c] : clamp(x, low[c], high[c])
    }
  }
}

function clamp(x: number, low: number, high: number): number {
  return Math.min(Math.max(x, low), high)
}
