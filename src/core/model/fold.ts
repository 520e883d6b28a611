/**
 * The online step, in log order: decay everything by 2^(−events/halfLife), then merge the batch (Chan 1979). With the
 * per-centre rate n/(N + n) that this amounts to it is mini-batch k-means (Sculley, WWW 2010) with forgetting. Now and then
 * a step of upkeep follows.
 * The fold is a function of the model and the log alone: replaying the log gives the same bits.
 */

import { halfLifeNow, noteCalm } from '../command/control.ts'
import { observe } from '../drift/detection.ts'
import { addCounts, decayCounts } from '../features/feature-counts.ts'
import { finish, type Steps } from '../kmeans/steps.ts'
import { keepToBudget } from '../score/budget.ts'
import { addRarity, decayRarity } from '../score/rarity.ts'
import { learnUsual } from '../score/usual.ts'
import { renewUsual } from '../score/usual-renewal.ts'
import { offer } from '../upkeep/reservoir.ts'
import { isSurprising, learnFar } from '../upkeep/surprise.ts'
import { isDue, upkeepSteps } from '../upkeep/upkeep-step.ts'
import { lowerFloors } from './floor.ts'
import { runningSpreads } from './metric.ts'
import type { Model } from './model.ts'
import { take } from './online-step.ts'
import { decay, emptyStatistics, mergeAll, mergeTogether } from './statistics.ts'
import type { ModelUpdate } from './update.ts'

/**
 * What a record of the log did. Updates: `watched` ones came while learning stood still, `foreign` ones are of another life,
 * `repeated` ones hold events learned before. Commands were `obeyed` or `declined`. `damaged` records are neither.
 */
export type FoldOutcome = 'learned' | 'watched' | 'repeated' | 'foreign' | 'damaged' | 'obeyed' | 'declined'

/**
 * Folds the update at `offset` into the model (IN and OUT); null: the record there is no update. Every record makes a
 * version, so that version and place in the log name each other, but only what is new and of this life teaches. What a
 * record does depends on its bytes and those before it, so whoever replays the log passes over the same ones.
 */
export function* foldSteps(model: Model, update: ModelUpdate | null, offset: number): Steps<FoldOutcome> {
  model.version += 1
  model.nextUpdateOffset = offset + 1
  if (update === null) return 'damaged'
  if (update.bornAtMs !== model.bornAtMs || update.d !== model.d || !sameBins(model, update)) return 'foreign'
  for (const { partition, from } of update.ranges) {
    if (from < (model.learnedUpTo.get(partition) ?? 0)) return 'repeated'
  }
  for (const { partition, to } of update.ranges) model.learnedUpTo.set(partition, to)
  if (model.control.frozen !== null) {
    if (update.trained > 0) watch(model, update)
    return 'watched'
  }
  if (update.trained > 0) {
    const surprising = isSurprising(model.upkeep, update)
    learn(model, update)
    if (isDue(model, update.version, surprising)) yield* upkeepSteps(model)
  }
  return 'learned'
}

/** `foldSteps` at once. */
export function fold(...parameters: Parameters<typeof foldSteps>): FoldOutcome {
  return finish(foldSteps(...parameters))
}

/**
 * What was assigned to a cluster that upkeep has done away with since, or given another place, is not that cluster's: it
 * teaches the whole, and its sampled rows are what upkeep judges by next.
 */
function learn(model: Model, update: ModelUpdate): void {
  const { clusters, whole, d, upkeep } = model
  const batch = update.clusters
  const halfLifeEvents = halfLifeNow(model)
  const factor = 2 ** (-update.trained / halfLifeEvents)
  decay(clusters, factor)
  decay(whole, factor)
  for (let j = 0; j < model.k; j++) upkeep.support[j] *= factor
  const together = emptyStatistics(1, d)
  mergeTogether(together, batch)
  mergeAll(whole, together)
  const spreads = runningSpreads(model)
  for (let i = 0; i < update.clusterIds.length; i++) {
    const j = model.ids.indexOf(update.clusterIds[i])
    if (j >= 0 && update.version >= upkeep.shapedVersions[j]) take(model, j, batch, i, spreads)
  }
  learnUsual(model.usual, update.usual, factor)
  const rare = keepToBudget(model.rarity, update.bins, update.counts, model.control.budget)
  decayRarity(model.rarity, 2 ** (-update.trained / model.rarityHalfLifeEvents))
  addRarity(model.rarity, update.bins, update.counts)
  learnFar(upkeep, update)
  upkeep.clock += update.trained / halfLifeEvents
  offer(upkeep.reservoir, upkeep.clock, update.sampled)
  decayCounts(model.features.current, factor)
  addCounts(model.features.current, update.features)
  const before = model.trainedEvents
  lowerFloors(model)
  model.trainedEvents = Math.min(before + update.trained, Number.MAX_SAFE_INTEGER)
  renewUsual(model, before)
  look(model, update, rare)
}

/** While learning stands still the stream is looked at all the same. */
function watch(model: Model, update: ModelUpdate): void {
  look(model, update, keepToBudget({ ...model.rarity }, update.bins, update.counts, model.control.budget))
}

function look(model: Model, update: ModelUpdate, rare: number): void {
  const { closed } = model.drift
  observe(model, update, rare)
  if (model.drift.closed > closed) noteCalm(model)
}

function sameBins({ features: { bins } }: Model, { features: { from } }: ModelUpdate): boolean {
  return bins.from.length === from.length && bins.from.every((first, f) => first === from[f])
}
