/** One step of upkeep: better clusters are proposed, tried as if each row had had no part in them, and adopted or not. */

import { watchQuality } from '../drift/quality-fall.ts'
import { breathingSteps } from '../kmeans/breathing.ts'
import { Random } from '../kmeans/random.ts'
import { seedingSteps } from '../kmeans/seeding.ts'
import { computed, type Steps } from '../kmeans/steps.ts'
import type { Settled, WeightedRows } from '../kmeans/weighted-lloyd.ts'
import type { Model } from '../model/model.ts'
import { assessSteps, type Refit } from '../quality/assessment.ts'
import { adopt } from './adoption.ts'
import { judged } from './paired-test.ts'
import { refitOf } from './refit.ts'
import { farShareOf } from './surprise.ts'
import { leastIntervalEvents } from './upkeep.ts'
import { centroidsInUnits, sampledRows } from './upkeep-sample.ts'

/** Clusters of which each has fewer sampled rows on average are not judged. */
export const leastRowsPerCluster = 4
const mostIntervalEvents = 131_072
/** After a batch of the unknown the next step waits only for this share of its time. */
const soon = 1 / 16
/** Seedings of a reseed, and clusters that they seed in all. */
const [mostSeedings, mostSeeds] = [10, 160]
const lastId = 2 ** 31 - 1

/**
 * Whether a step is due, after a batch that was scored by `version`. It never is before batches come back that were scored
 * by what the last step made of the clusters: its effect would not be known yet, and while the log is behind, looking
 * after the clusters would cost more time than it has.
 */
export function isDue({ trainedEvents, upkeep, k }: Model, version: number, surprising: boolean): boolean {
  const { intervalEvents, nextAtEvents, shapedVersions } = upkeep
  if (!hasIdsLeft({ upkeep, k })) return false
  const dueAt = surprising ? nextAtEvents - (1 - soon) * intervalEvents : nextAtEvents
  return trainedEvents >= dueAt && shapedVersions.every((shaped) => shaped <= version)
}

/** Whether a step may give each cluster a new id. */
export function hasIdsLeft({ upkeep, k }: Pick<Model, 'upkeep' | 'k'>): boolean {
  return upkeep.nextId <= lastId - k
}

/** Looks after the clusters (IN and OUT). */
export function* upkeepSteps(model: Model): Steps<void> {
  const data = sampledRows(model)
  const { k, version } = model
  let refit: Refit | null = null
  if (data.n >= leastRowsPerCluster * k) {
    const { centroids, holdsUp, ratio } = yield* computed(
      refitOf({ data, present: centroidsInUnits(model), k, seed: version }),
    )
    if (holdsUp) adopt(model, data, centroids)
    refit = { ratio, taken: holdsUp }
  }
  yield* concludeSteps(model, data, refit)
}

/**
 * Clusters that are born anew from the model's sample (IN and OUT: `model`), seeded as its first ones were, then improved as
 * by a refit: what they are now has no part in it, but the same cluster keeps its id.
 */
export function* reseedSteps(model: Model): Steps<void> {
  const data = sampledRows(model)
  const { centroids } = yield* bestSeededSteps(data, model.k, new Random(model.version))
  const { ratio } = judged(data, centroidsInUnits(model), centroids, model.k)
  adopt(model, data, centroids)
  yield* concludeSteps(model, data, { ratio, taken: true })
}

/** Of few clusters several seedings are tried, as at a birth: one alone would keep a bad one. Of many it would take seconds. */
function* bestSeededSteps(data: WeightedRows, k: number, random: Random): Steps<Settled> {
  const { rows, n, d, inverseScale, weight } = data
  let best: Settled | undefined
  for (let seeded = 0; seeded < Math.max(1, Math.min(mostSeedings, mostSeeds / k)); seeded++) {
    const seeds = yield* seedingSteps(rows, n, d, k, inverseScale, random, weight)
    const found = yield* breathingSteps(data, seeds, k, random)
    if (best === undefined || found.inertia < best.inertia) best = found
  }
  return best!
}

/** What helped is done again soon, what did not after twice the time. */
function* concludeSteps(model: Model, data: WeightedRows, refit: Refit | null): Steps<void> {
  const { upkeep } = model
  const { record } = model.quality
  yield* assessSteps(model, data, refit)
  watchQuality(model, record)
  upkeep.farShare = farShareOf(data, centroidsInUnits(model))
  const doubled = Math.min(longestInterval(model), 2 * upkeep.intervalEvents)
  upkeep.intervalEvents = refit?.taken ? leastIntervalEvents : doubled
  upkeep.nextAtEvents = Math.min(Number.MAX_SAFE_INTEGER, model.trainedEvents + upkeep.intervalEvents)
}

/** A young model is looked after more often, for it has much to learn, and one of a short memory, for it forgets. */
function longestInterval({ trainedEvents, halfLifeEvents }: Model): number {
  const most = Math.min(mostIntervalEvents, Math.ceil(trainedEvents / 4), Math.ceil(halfLifeEvents / 2))
  return Math.max(leastIntervalEvents, most)
}
