/**
 * The online step, in log order: decay everything by 2^(−events/halfLife), then merge the batch (Chan 1979). With the
 * per-centre rate n/(N + n) that this amounts to it is mini-batch k-means (Sculley, WWW 2010) with forgetting.
 * The fold is a function of the model and the log alone: replaying the log gives the same bits.
 */
import { keepToBudget } from './budget.ts'
import { addCounts, decayCounts } from './feature-counts.ts'
import type { Model } from './model.ts'
import { addRarity, decayRarity } from './rarity.ts'
import { offer } from './reservoir.ts'
import { decay, emptyStatistics, mergeInto } from './statistics.ts'
import type { ModelUpdate } from './update.ts'
import { learnUsual } from './usual.ts'

/**
 * What a record of the log did: `foreign` ones are of another life, `repeated` ones hold events learned before, `damaged`
 * ones are no updates.
 */
export type FoldOutcome = 'learned' | 'repeated' | 'foreign' | 'damaged'

/**
 * Folds the update at `offset` into the model (IN and OUT); null: the record there is no update. Every record makes a
 * version, so that version and place in the log name each other, but only what is new and of this life teaches. What a
 * record does depends on its bytes and those before it, so whoever replays the log passes over the same ones.
 */
export function fold(model: Model, update: ModelUpdate | null, offset: number): FoldOutcome {
  model.version += 1
  model.nextUpdateOffset = offset + 1
  if (update === null) return 'damaged'
  if (update.bornAtMs !== model.bornAtMs || update.d !== model.d || !sameBins(model, update)) return 'foreign'
  for (const { partition, from } of update.ranges) {
    if (from < (model.learnedUpTo.get(partition) ?? 0)) return 'repeated'
  }
  for (const { partition, to } of update.ranges) model.learnedUpTo.set(partition, to)
  if (update.trained > 0) learn(model, update)
  return 'learned'
}

function learn(model: Model, update: ModelUpdate): void {
  const { clusters, whole, d } = model
  const batch = update.clusters
  const factor = 2 ** (-update.trained / model.halfLifeEvents)
  decay(clusters, factor)
  decay(whole, factor)
  const together = emptyStatistics(1, d)
  for (let i = 0; i < update.clusterIds.length; i++) {
    mergeInto(together.weight, together.mean, together.m2, 0, batch.weight, batch.mean, batch.m2, i, d)
    const j = model.ids.indexOf(update.clusterIds[i])
    if (j >= 0) mergeInto(clusters.weight, clusters.mean, clusters.m2, j, batch.weight, batch.mean, batch.m2, i, d)
  }
  mergeInto(whole.weight, whole.mean, whole.m2, 0, together.weight, together.mean, together.m2, 0, d)
  learnUsual(model.usual, update.usual, factor)
  keepToBudget(model.rarity, update.bins, update.counts, update.budget)
  decayRarity(model.rarity, 2 ** (-update.trained / model.rarityHalfLifeEvents))
  addRarity(model.rarity, update.bins, update.counts)
  model.upkeep.clock += update.trained / model.halfLifeEvents
  offer(model.upkeep.reservoir, model.upkeep.clock, update.sampleKeys, update.sampleRows)
  decayCounts(model.features.current, factor)
  addCounts(model.features.current, update.features)
  model.trainedEvents = Math.min(model.trainedEvents + update.trained, Number.MAX_SAFE_INTEGER)
}

function sameBins({ features: { bins } }: Model, { features: { from } }: ModelUpdate): boolean {
  return bins.from.length === from.length && bins.from.every((first, f) => first === from[f])
}
