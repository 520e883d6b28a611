/** What the upkeep of the clusters remembers from one step to the next: learning.md section 6. */
import { inertia } from '../kmeans/nearest.ts'
import type { ColumnScales } from '../model/metric.ts'
import { emptyReservoir, importanceOf, kept, offer, type Reservoir, reservoirCapacity } from './reservoir.ts'
import { drawn } from './sampling.ts'
import { farInMeans } from './surprise.ts'

export const changeKinds = ['born', 'split', 'merged', 'dropped', 'reseeded', 'restored', 'undone'] as const
export type ChangeKind = (typeof changeKinds)[number]

/** Something that became of a cluster. */
export interface ClusterChange {
  /** The first version in which it is so. */
  readonly version: number
  readonly kind: ChangeKind
  /** The cluster that came to be, or is there again; of a merge or a drop, or where it was undone, the one that is no more. */
  readonly id: number
  /** Its decayed number of events, then. */
  readonly weight: number
  /** Where its events came from; of a merge, where they went. The largest share first. */
  readonly relatives: readonly { readonly id: number; readonly weight: number }[]
}

/** The arrays are changed in place, and those of the reservoir replaced, by `fold`. */
export interface Upkeep extends ColumnScales {
  /** Half-lives that have passed since the birth. */
  clock: number
  /** No id is ever used again. */
  nextId: number
  /** Of each cluster, how many events its centroid's place rests on: what it gives way to new ones by. Length k. */
  readonly support: Float64Array
  /** Version in which a step of upkeep last gave each cluster its place; what older ones assigned is not its own. */
  readonly shapedVersions: Float64Array
  /** Share of the events of late that were far from all clusters. */
  farShare: number
  intervalEvents: number
  /** Trained events at which the next step is due. */
  nextAtEvents: number
  /** The last changes, oldest first. */
  changes: readonly ClusterChange[]
  readonly reservoir: Reservoir
}

export const leastIntervalEvents = 1000

const leastKeptChanges = 256
const keptChangesPerCluster = 4

/** The changes that a model of k clusters remembers. */
export function keptChanges(k: number, changes: readonly ClusterChange[]): readonly ClusterChange[] {
  return changes.slice(-Math.max(leastKeptChanges, keptChangesPerCluster * k))
}

/** Of a model that is being born from n rows; what is not known before its clusters are is still 0. */
export function firstUpkeep(
  scales: ColumnScales,
  n: number,
  k: number,
  origin: Float64Array,
  unit: Float64Array,
): Upkeep {
  return {
    clock: 0,
    nextId: k,
    support: new Float64Array(k),
    shapedVersions: new Float64Array(k).fill(1),
    farShare: 0,
    // What was born from few events is looked after when there are twice as many.
    intervalEvents: Math.max(1, Math.min(leastIntervalEvents, n)),
    nextAtEvents: n + Math.min(leastIntervalEvents, n),
    changes: [],
    ...scales,
    reservoir: emptyReservoir(reservoirCapacity(k, origin.length), origin, unit),
  }
}

/**
 * Samples the rows (n × d) that a model is born from, so far from their centroids. They have no one place in the log:
 * they draw by their place among themselves, in a partition that is none.
 */
export function sampleBirth(upkeep: Upkeep, rows: Float64Array, squaredDistances: Float64Array): void {
  const { reservoir } = upkeep
  const { origin, unit } = reservoir
  const d = origin.length
  const n = squaredDistances.length
  const mean = inertia(squaredDistances, n) / n
  upkeep.farShare = squaredDistances.filter((squared) => squared > farInMeans * mean).length / n
  const values = new Float32Array(n * d)
  for (let at = 0; at < values.length; at++) values[at] = kept(rows[at], origin[at % d], unit[at % d])
  offer(reservoir, 0, {
    drawn: Float32Array.from({ length: n }, (_, i) => Math.log2(drawn(-1, i))),
    importance: Float32Array.from(squaredDistances, (squared) => importanceOf(squared, mean)),
    rows: values,
  })
}
