/** What the upkeep of the clusters remembers from one step to the next: learning.md section 6. */
import { kept, offer, type Reservoir, reservoirCapacity } from './reservoir.ts'
import { drawn } from './sampling.ts'

export const changeKinds = ['born', 'split', 'merged', 'dropped', 'reseeded'] as const
export type ChangeKind = (typeof changeKinds)[number]

/** Something that became of a cluster. */
export interface ClusterChange {
  /** The first version in which it is so. */
  readonly version: number
  readonly kind: ChangeKind
  /** The cluster that came to be; of a merge or a drop, the one that is no more. */
  readonly id: number
  /** Its decayed number of events, then. */
  readonly weight: number
  /** Where its events came from; of a merge, where they went. The largest share first. */
  readonly relatives: readonly { readonly id: number; readonly weight: number }[]
}

/** The arrays are changed in place, and those of the reservoir replaced, by `fold`. */
export interface Upkeep {
  /** Half-lives that have passed since the birth. */
  clock: number
  /** No id is ever used again. */
  nextId: number
  /** Of each cluster, how many events its centroid's place rests on: what it gives way to new ones by. Length k. */
  readonly support: Float64Array
  /** Version in which a step of upkeep last gave each cluster its place; what older ones assigned is not its own. */
  readonly shapedVersions: Float64Array
  intervalEvents: number
  /** Trained events at which the next step is due. */
  nextAtEvents: number
  /** The last changes, oldest first. */
  changes: readonly ClusterChange[]
  readonly reservoir: Reservoir
}

const leastIntervalEvents = 1000

/** Of a model that is being born from rows (n × d). */
export function firstUpkeep(
  rows: Float64Array,
  n: number,
  k: number,
  origin: Float64Array,
  unit: Float64Array,
): Upkeep {
  const d = origin.length
  return {
    clock: 0,
    nextId: k,
    support: new Float64Array(k),
    shapedVersions: new Float64Array(k).fill(1),
    intervalEvents: leastIntervalEvents,
    nextAtEvents: n + leastIntervalEvents,
    changes: [],
    reservoir: firstReservoir(rows, n, reservoirCapacity(k, d), origin, unit),
  }
}

/** What is born from has no one place in the log: its rows draw by their place in the sample, of a partition that is none. */
function firstReservoir(rows: Float64Array, n: number, capacity: number, origin: Float64Array, unit: Float64Array) {
  const d = origin.length
  const reservoir: Reservoir = { capacity, origin, unit, keys: new Float64Array(0), rows: new Float32Array(0) }
  const keys = Float64Array.from({ length: n }, (_, i) => Math.log2(drawn(-1, i)))
  const values = new Float32Array(n * d)
  for (let at = 0; at < values.length; at++) values[at] = kept(rows[at], origin[at % d], unit[at % d])
  offer(reservoir, 0, keys, values)
  return reservoir
}
