/** Back to what had been learned up to an older version. */
import { decodeModel } from '../codec/model-codec.ts'
import type { Model } from '../model/model.ts'
import { copyCluster } from '../model/statistics.ts'
import { replaceSample, sampleOf } from '../upkeep/reservoir.ts'
import { type ClusterChange, keptChanges } from '../upkeep/upkeep.ts'
import type { Command } from './command.ts'
import { mostUndone } from './control.ts'

/** The version that a command carries, or why it cannot be one of this model. */
export function targetOf(
  model: Model,
  { target, targetVersion }: Command,
): { readonly value: Model } | { readonly refused: string } {
  const decoded = decodeModel(target, model.fingerprint)
  if ('refused' in decoded) return { refused: `its version must be whole: ${decoded.detail}` }
  const { value } = decoded
  if (value.bornAtMs !== model.bornAtMs || value.d !== model.d || value.k !== model.k) {
    return { refused: 'its version must be of this life of the model: it is of another' }
  }
  const { from } = model.features.bins
  const isLike =
    value.upkeep.reservoir.capacity === model.upkeep.reservoir.capacity &&
    value.features.bins.from.length === from.length &&
    value.features.bins.from.every((first, f) => first === from[f])
  if (!isLike) return { refused: 'its version must count and sample like this one: it does not' }
  if (value.version !== targetVersion || value.version >= model.version) {
    return { refused: `its version must be one before ${model.version}: got ${value.version}` }
  }
  return { value }
}

/**
 * Restores (IN and OUT: `model`) what `then`, the version that a rollback leads to, had learned: clusters with their ids, the metric,
 * the places and the calibration of the score, the counts of values, the sample. What says where in the log the model is
 * goes on: versions, offsets, events learned, ids that were given, drifts, commands. Batches that were scored before teach
 * the clusters nothing, as after a refit.
 */
export function restore(model: Model, then: Model): void {
  const { upkeep, control, version } = model
  const changes = changesOf(model, then)
  model.ids.set(then.ids)
  model.bornVersions.set(then.bornVersions)
  for (let j = 0; j < model.k; j++) copyCluster(model.clusters, j, then.clusters, j)
  copyCluster(model.whole, 0, then.whole, 0)
  model.floor.set(then.floor)
  model.rarity.weight = then.rarity.weight
  model.rarity.bins.set(then.rarity.bins)
  model.rarity.exponent = then.rarity.exponent
  const { current } = model.features
  for (const counts of ['bins', 'missing', 'clipped'] as const) current[counts].set(then.features.current[counts])
  // Places that are the same ones go on being compared for drift; others begin anew, as after a renewal.
  const isSame = then.usual.sinceVersion === model.usual.sinceVersion
  model.usual = { sinceVersion: isSame ? then.usual.sinceVersion : version, places: then.usual.places }
  upkeep.clock = then.upkeep.clock
  upkeep.support.set(then.upkeep.support)
  upkeep.shapedVersions.fill(version)
  upkeep.farShare = then.upkeep.farShare
  upkeep.intervalEvents = then.upkeep.intervalEvents
  upkeep.nextAtEvents = Math.min(Number.MAX_SAFE_INTEGER, model.trainedEvents + upkeep.intervalEvents)
  upkeep.changes = keptChanges(model.k, [...upkeep.changes, ...changes])
  replaceSample(upkeep.reservoir, sampleOf(then.upkeep.reservoir))
  model.quality.record = then.quality.record
  model.quality.assessed = then.quality.assessed
  control.haste = 1
  control.hasteUntilEvents = 0
  control.calm = []
  control.healthyVersion = then.version
  control.undone = [...control.undone, { from: then.version, to: version - 1 }].slice(-mostUndone)
}

/** Clusters that are there again, then those that are no more. */
function changesOf({ version, ids, clusters }: Model, then: Model): ClusterChange[] {
  const changes: ClusterChange[] = []
  then.ids.forEach((id, j) => {
    if (ids.includes(id)) return
    changes.push({ version, kind: 'restored', id, weight: then.clusters.weight[j], relatives: [] })
  })
  ids.forEach((id, j) => {
    if (then.ids.includes(id)) return
    changes.push({ version, kind: 'undone', id, weight: clusters.weight[j], relatives: [] })
  })
  return changes
}
