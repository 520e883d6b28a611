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
/** Values of the sample count as at most so many quartile ranges outside the quartiles, which no absurd value can move. */
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
    const median = quantile(present, 0.5)
    bounds.fill[c] = plan.columns[c].fixedScale === null ? median : meanOf(present)
    if (plan.columns[c].fixedScale !== null) continue
    const low = quantile(present, 0.25)
    const high = quantile(present, 0.75)
    const { spread, floor } = robustSpread(present, median, high - low)
    bounds.low[c] = Math.max(low - fenceWidth * spread * normalQuartileRange, -largest)
    bounds.high[c] = Math.min(high + fenceWidth * spread * normalQuartileRange, largest)
    bounds.floor[c] = floor
  }
  return bounds
}

/** Squares of what lies within can be summed over more events than there will be. */
const largest = 1e100

/**
 * The quartile range as a normal distribution would have it; the standard deviation where half of the sample is one
 * value; and where all of it is, a unit (or a tenth of the value): nothing is known yet, so nothing may explode.
 */
function robustSpread(sorted: Float64Array, median: number, quartileRange: number): { spread: number; floor: number } {
  const mean = meanOf(sorted)
  let squares = 0
  for (const x of sorted) squares += Math.min(Math.abs(x - mean), largest) ** 2
  const deviation = Math.sqrt(squares / sorted.length)
  const robust = Math.min(quartileRange / normalQuartileRange, largest)
  if (robust > 1e-3 * deviation) return { spread: robust, floor: floorShare * robust }
  if (deviation > 1e-9 * Math.max(1, Math.abs(median))) return { spread: deviation, floor: floorShare * deviation }
  const unit = Math.min(Math.max(1, Math.abs(median) * 0.1), largest)
  return { spread: unit, floor: unit }
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
      rows[at] = Number.isNaN(x) ? fill[c] : Math.min(Math.max(x, low[c]), high[c])
    }
  }
}
