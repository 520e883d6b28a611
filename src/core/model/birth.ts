/** The birth of a model from a sample of events: learning.md sections 3 and 4. */

import { firstControl } from '../command/control.ts'
import { type DriftOptions, driftDefaults, firstDrift } from '../drift/drift.ts'
import type { FeaturePlan } from '../features/feature-plan.ts'
import { autoRange, type ClusterCount, chooseKSteps, type KChoice } from '../kmeans/k-choice.ts'
import { kmeansSteps } from '../kmeans/kmeans.ts'
import { nearest } from '../kmeans/nearest.ts'
import { Random } from '../kmeans/random.ts'
import type { Steps } from '../kmeans/steps.ts'
import { assessSteps } from '../quality/assessment.ts'
import { noQuality } from '../quality/quality.ts'
import { addHeldOutScores } from '../score/held-out.ts'
import { emptyRarity } from '../score/rarity.ts'
import { usualOf } from '../score/usual.ts'
import { firstUpkeep, sampleBirth } from '../upkeep/upkeep.ts'
import { sampledRows } from '../upkeep/upkeep-sample.ts'
import { prepareRows } from './birth-rows.ts'
import { inverseScales, runningSpreads, scalesOf } from './metric.ts'
import type { Model, OffsetRange } from './model.ts'
import { orderRows } from './sample-order.ts'
import { accumulate, emptyStatistics } from './statistics.ts'

const restarts = 10

export interface BirthOptions {
  readonly fingerprint: string
  readonly bornAtMs: number
  readonly k: ClusterCount
  readonly seed: number
  readonly halfLifeEvents: number
  readonly rarityHalfLifeEvents: number
  /** The share of events that may be called anomalous. */
  readonly budget: number
  readonly bornFrom: readonly OffsetRange[]
  /** Unset: the defaults. */
  readonly drift?: DriftOptions
}

export interface Born {
  readonly model: Model
  /** How k was found; null when it was given. */
  readonly choice: KChoice | null
}

/**
 * Makes version 1 from rows (n × d, as plain shapes give them; IN and OUT: put into an order of their own, their columns
 * bent, missing values, which are NaN, filled and absurd ones clipped): the same events give the same bits however they are
 * spread over partitions. In steps, because clustering a large sample takes seconds, and heartbeats must get through.
 */
export function* birth(plan: FeaturePlan, rows: Float64Array, n: number, options: BirthOptions): Steps<Born> {
  const d = plan.columns.length
  orderRows(rows, n, d)
  const { shapes, floor, whole, features } = prepareRows(plan, rows, n)
  const scales = scalesOf(plan.columns)
  const unit = runningSpreads({ whole, floor })
  const inverseScale = inverseScales(scales, unit)
  const choice = options.k === 'auto' ? yield* chooseKSteps(rows, n, d, inverseScale, autoRange(options.seed)) : null
  const k = choice === null ? (options.k as number) : choice.k
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
    floor,
    shapes,
    rarity: emptyRarity(),
    features,
    trainedEvents: n,
    nextUpdateOffset: 0,
    learnedUpTo: new Map(options.bornFrom.map(({ partition, from }) => [partition, from])),
    bornFrom: options.bornFrom,
    upkeep: firstUpkeep(scales, n, k, whole.mean.slice(), unit),
    usual: usualOf(emptyStatistics(k, d), 1),
    drift: firstDrift(plan, features.bins, features.reference, n, k, options.drift ?? driftDefaults),
    quality: noQuality(),
    control: firstControl(options.budget),
  }
  const best = yield* kmeansSteps(rows, n, d, k, inverseScale, new Random(options.seed), { restarts })
  accumulate(rows, n, best.labels, best.centroids, model.clusters)
  model.upkeep.support.set(model.clusters.weight)
  const squaredDistances = new Float64Array(n)
  nearest(rows, n, d, best.centroids, k, inverseScale, new Int32Array(n), squaredDistances)
  sampleBirth(model.upkeep, rows, squaredDistances)
  keepEmptyClusters(model, best.centroids)
  model.usual = usualOf(model.clusters, 1)
  yield* assessSteps(model, sampledRows(model), null)
  yield* addHeldOutScores(model, rows, n, best.labels)
  return { model, choice }
}

/** A cluster without rows has no mean of its own: it waits where the seeding put it, with no mass. */
function keepEmptyClusters(model: Model, centroids: Float64Array): void {
  const { weight, mean } = model.clusters
  for (let j = 0; j < model.k; j++) {
    if (weight[j] === 0) mean.set(centroids.subarray(j * model.d, (j + 1) * model.d), j * model.d)
  }
}
