/** One step of upkeep: better clusters are proposed, tried as if each row had had no part in them, and adopted or not. */

import { watchQuality } from '../drift/quality-fall.ts'
import { breathingSteps } from '../kmeans/breathing.ts'
import { Random } from '../kmeans/random.ts'
import type { Steps } from '../kmeans/steps.ts'
import type { WeightedRows } from '../kmeans/weighted-lloyd.ts'
import type { Model } from '../model/model.ts'
import { assessSteps } from '../quality/assessment.ts'
import { adopt } from './adoption.ts'
import { type Judgement, judged } from './paired-test.ts'
import { farShareOf } from './surprise.ts'
import { leastIntervalEvents } from './upkeep.ts'
import { centroidsInUnits, sampledRows } from './upkeep-sample.ts'

/** Clusters of which each has fewer sampled rows on average are not judged. */
const leastRowsPerCluster = 4
const mostIntervalEvents = 131_072
/** After a batch of the unknown the next step waits only for this share of its time. */
const soon = 1 / 16
const lastId = 2 ** 31 - 1

/**
 * Whether a step is due, after a batch that was scored by `version`. It never is before batches come back that were scored
 * by what the last step made of the clusters: its effect would not be known yet, and while the log is behind, looking
 * after the clusters would cost more time than it has.
 */
export function isDue({ trainedEvents, upkeep, k }: Model, version: number, surprising: boolean): boolean {
  const { intervalEvents, nextAtEvents, shapedVersions } = upkeep
  if (upkeep.nextId > lastId - k) return false
  const dueAt = surprising ? nextAtEvents - (1 - soon) * intervalEvents : nextAtEvents
  return trainedEvents >= dueAt && shapedVersions.every((shaped) => shaped <= version)
}

/** Looks after the clusters (IN and OUT). What helped is done again soon, what did not after twice the time. */
export function* upkeepSteps(model: Model): Steps<void> {
  const { upkeep } = model
  const data = sampledRows(model)
  const refit = yield* refitSteps(model, data)
  const isBetter = refit?.holdsUp ?? false
  if (refit?.holdsUp) adopt(model, data, refit.centroids)
  const { record } = model.quality
  yield* assessSteps(model, data, refit === null ? null : { ratio: refit.ratio, taken: refit.holdsUp })
  watchQuality(model, record)
  upkeep.farShare = farShareOf(data, centroidsInUnits(model))
  upkeep.intervalEvents = isBetter ? leastIntervalEvents : Math.min(longestInterval(model), 2 * upkeep.intervalEvents)
  upkeep.nextAtEvents = Math.min(Number.MAX_SAFE_INTEGER, model.trainedEvents + upkeep.intervalEvents)
}

/** A young model is looked after more often, for it has much to learn, and one of a short memory, for it forgets. */
function longestInterval({ trainedEvents, halfLifeEvents }: Model): number {
  const most = Math.min(mostIntervalEvents, Math.ceil(trainedEvents / 4), Math.ceil(halfLifeEvents / 2))
  return Math.max(leastIntervalEvents, most)
}

interface Refit extends Judgement {
  /** k × d. */
  readonly centroids: Float64Array
}

/** Centroids that may hold the stream better than the model's, and what the sample says of them; null: it says too little. */
function* refitSteps(model: Model, data: WeightedRows): Steps<Refit | null> {
  const { k } = model
  if (data.n < leastRowsPerCluster * k) return null
  const present = centroidsInUnits(model)
  const { centroids } = yield* breathingSteps(data, present, k, new Random(model.version))
  return { centroids, ...judged(data, present, centroids, k) }
}
