/** One step of upkeep: better clusters are proposed, tried on rows that they were not made from, and adopted or not. */

import { breathingSteps } from '../kmeans/breathing.ts'
import { Random } from '../kmeans/random.ts'
import type { Steps } from '../kmeans/steps.ts'
import { settleSteps, type WeightedRows } from '../kmeans/weighted-lloyd.ts'
import type { Model } from '../model/model.ts'
import { adopt } from './adoption.ts'
import { holdsUp } from './paired-test.ts'
import { farShareOf } from './surprise.ts'
import { leastIntervalEvents } from './upkeep.ts'
import { centroidsInUnits, sampledRows } from './upkeep-sample.ts'

/** Clusters of which each has fewer sampled rows on average are not judged. */
const leastRowsPerCluster = 4
const mostIntervalEvents = 131_072
/** After a batch of the unknown the next step waits only for this share of its time. */
const soon = 1 / 16
const settlingIterations = 10
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
  const better = yield* betterSteps(model, data)
  if (better !== null) adopt(model, data, better)
  upkeep.farShare = farShareOf(data, centroidsInUnits(model))
  // What is forgotten must be noticed: a short memory is looked after more often.
  const most = Math.max(leastIntervalEvents, Math.min(mostIntervalEvents, Math.ceil(model.halfLifeEvents / 2)))
  upkeep.intervalEvents = better !== null ? leastIntervalEvents : Math.min(most, 2 * upkeep.intervalEvents)
  upkeep.nextAtEvents = Math.min(Number.MAX_SAFE_INTEGER, model.trainedEvents + upkeep.intervalEvents)
}

/**
 * Centroids (k × d) that hold the stream better than the model's, as far as its sample tells; or null. Each half of the
 * sample proposes, and the other half is what the proposal is judged by. Only what held up is then fitted to all rows.
 */
function* betterSteps(model: Model, data: WeightedRows): Steps<Float64Array | null> {
  const { k } = model
  if (data.n < leastRowsPerCluster * k) return null
  const present = centroidsInUnits(model)
  const random = new Random(model.version)
  const halves = [everySecond(data, 0), everySecond(data, 1)]
  const [first, second] = [
    yield* breathingSteps(halves[0], present, k, random),
    yield* breathingSteps(halves[1], present, k, random),
  ]
  if (!holdsUp(data, present, [first.centroids, second.centroids], k)) return null
  const a = yield* settleSteps(data, first.centroids, k, settlingIterations)
  const b = yield* settleSteps(data, second.centroids, k, settlingIterations)
  return (yield* breathingSteps(data, (a.inertia <= b.inertia ? a : b).centroids, k, random)).centroids
}

/** Rows which, which + 2, which + 4 and so on: each half is a sample of all times. */
function everySecond({ n, d, rows, weight, inverseScale }: WeightedRows, which: number): WeightedRows {
  const half: WeightedRows = {
    n: (n + 1 - which) >> 1,
    d,
    rows: new Float64Array(((n + 1 - which) >> 1) * d),
    weight: weight.filter((_, i) => i % 2 === which),
    inverseScale,
  }
  for (let i = 0; i < half.n; i++) half.rows.set(rows.subarray((2 * i + which) * d, (2 * i + which + 1) * d), i * d)
  return half
}
