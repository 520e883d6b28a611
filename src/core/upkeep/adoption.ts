/** Better centroids become the model's: each is given to the cluster that it continues, or to a new one. */

import { labelsOf, type WeightedRows } from '../kmeans/weighted-lloyd.ts'
import type { Model } from '../model/model.ts'
import { type ColumnStatistics, copyCluster, emptyStatistics } from '../model/statistics.ts'
import { sum } from '../sum.ts'
import {
  heirsOf,
  kindOfGone,
  kindOfNew,
  type Passage,
  parentsOf,
  passage,
  predecessors,
  recoilOf,
} from './succession.ts'
import { type ChangeKind, type ClusterChange, keptChanges } from './upkeep.ts'
import { centroidsInUnits } from './upkeep-sample.ts'

/** A centroid that is so few standard errors of the sample from the proposed one stays: it rests on more rows. */
const leastErrors = 3
/** No value of a row is beyond this. */
const largest = 1e100

/** Adopts centroids (k × d, in units) for the clusters of the model (IN and OUT), by the rows of its sample. */
export function adopt(model: Model, data: WeightedRows, better: Float64Array): void {
  const { k, upkeep, ids } = model
  const from = labelsOf(data, centroidsInUnits(model), k)
  const to = labelsOf(data, better, k)
  const all = passage(data, from, to, k)
  const continues = predecessors(all, model.bornVersions)
  const found = statisticsOf(model, data, to, better)
  const idsBefore = ids.slice()
  const weightsBefore = model.clusters.weight.slice()
  const slots = slotsOf(continues)
  const rowsIn = new Float64Array(k)
  for (const j of to) rowsIn[j]++
  for (let j = 0; j < k; j++) {
    const slot = slots[j]
    if (continues[j] >= 0 && isAlike(model, slot, found, j, rowsIn[j])) continue
    copyCluster(model.clusters, slot, found, j)
    upkeep.support[slot] = Math.min(rowsIn[j], found.weight[j])
    upkeep.shapedVersions[slot] = model.version
    if (continues[j] >= 0) continue
    ids[slot] = upkeep.nextId++
    model.bornVersions[slot] = model.version
  }
  const recoil = (parent: number, j: number) => recoilOf(data, from, to, parent, j)
  const kinds = Array.from(continues, (before, j) => (before >= 0 ? null : kindOfNew(all, j, continues, recoil)))
  const changes = changesOf(model, all, continues, { idsBefore, weightsBefore, slots, kinds })
  upkeep.changes = keptChanges(k, [...upkeep.changes, ...changes])
}

/** The place among the clusters that each proposed one takes: that of the one that it continues, or one that is free. */
function slotsOf(continues: Int32Array): Int32Array {
  const free = Array.from(continues.keys()).filter((slot) => !continues.includes(slot))
  return continues.map((slot) => (slot >= 0 ? slot : (free.shift() ?? 0)))
}

/** The statistics of the proposed clusters in the model's own units, as if all that it has learned were like the sample. */
function statisticsOf(model: Model, data: WeightedRows, labels: Int32Array, centroids: Float64Array): ColumnStatistics {
  const { n, d, rows, weight } = data
  const { origin, unit } = model.upkeep.reservoir
  const found = emptyStatistics(model.k, d)
  let total = 0
  for (let i = 0; i < n; i++) {
    const j = labels[i]
    total += weight[i]
    found.weight[j] += weight[i]
    for (let c = 0; c < d; c++) found.mean[j * d + c] += weight[i] * (rows[i * d + c] - centroids[j * d + c])
  }
  for (let at = 0; at < found.mean.length; at++) {
    const mass = found.weight[Math.floor(at / d)]
    found.mean[at] = centroids[at] + (mass > 0 ? found.mean[at] / mass : 0)
  }
  for (let i = 0, at = 0; i < n; i++) {
    for (let c = 0; c < d; c++, at++) {
      const to = labels[i] * d + c
      found.m2[to] += weight[i] * (rows[at] - found.mean[to]) ** 2
    }
  }
  const scale = total > 0 ? model.whole.weight[0] / total : 0
  for (let at = 0; at < found.mean.length; at++) {
    const c = at % d
    found.mean[at] = Math.max(-largest, Math.min(largest, origin[c] + unit[c] * found.mean[at]))
    const mass = found.weight[Math.floor(at / d)]
    const variance = mass > 0 ? (found.m2[at] / mass) * unit[c] * unit[c] : 0
    found.m2[at] = Math.min(variance, largest * largest) * mass * scale
  }
  for (let j = 0; j < model.k; j++) found.weight[j] *= scale
  return found
}

/** Whether the cluster's centroid may be the found one's: as near as the mean of so many rows is to the truth. */
function isAlike(model: Model, slot: number, found: ColumnStatistics, j: number, rows: number): boolean {
  const { d, clusters } = model
  let errors = 0
  for (let c = 0; c < d; c++) {
    const difference = found.mean[j * d + c] - clusters.mean[slot * d + c]
    const variance = found.m2[j * d + c] / found.weight[j]
    if (difference !== 0) errors += (difference * difference * rows) / variance
  }
  return errors <= leastErrors * d
}

interface Before {
  readonly idsBefore: Int32Array
  readonly weightsBefore: Float64Array
  readonly slots: Int32Array
  /** Of each cluster that is, what it is when it continues none. */
  readonly kinds: readonly (ChangeKind | null)[]
}

/** Clusters that came to be, then those that are no more. */
function changesOf(
  { k, ids, version, clusters, whole }: Model,
  all: Passage,
  continues: Int32Array,
  { idsBefore, weightsBefore, slots, kinds }: Before,
): ClusterChange[] {
  const total = sum(all.before)
  const events = (rows: number) => (rows / total) * whole.weight[0]
  const changes: ClusterChange[] = []
  for (let j = 0; j < k; j++) {
    const kind = kinds[j]
    if (kind === null) continue
    const relatives = parentsOf(all, j).map(({ cluster, rows }) => ({ id: idsBefore[cluster], weight: events(rows) }))
    changes.push({ version, kind, id: ids[slots[j]], weight: clusters.weight[slots[j]], relatives })
  }
  for (let i = 0; i < k; i++) {
    if (continues.includes(i)) continue
    const relatives = heirsOf(all, i).map(({ cluster, rows }) => ({ id: ids[slots[cluster]], weight: events(rows) }))
    changes.push({ version, kind: kindOfGone(all, i), id: idsBefore[i], weight: weightsBefore[i], relatives })
  }
  return changes
}
