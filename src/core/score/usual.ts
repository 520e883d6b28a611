/**
 * Where the usual events are: the places that the score measures from. At birth they are the clusters. From then on they
 * are moved by their events alone, as online k-means moves centroids, and no upkeep touches them: a refit gives a few
 * events that lie apart a centroid of their own, which is right for clusters and makes those events look normal.
 * ARCHITECTURE.md has what was measured.
 */
import { type ColumnStatistics, copyOf, decay, mergeInto } from '../model/statistics.ts'

export interface Usual {
  /** Version in which these places were taken from the clusters: what older ones saw of theirs is not about these. */
  readonly sinceVersion: number
  /** k × d, like the clusters, by index. */
  readonly places: ColumnStatistics
}

/** What the events of a batch teach the places that they were scored by. */
export interface UsualUpdate {
  readonly sinceVersion: number
  /** The places that events were nearest to, ascending. */
  readonly index: Int32Array
  /** Their statistics, in the same order. */
  readonly statistics: ColumnStatistics
}

/** The places as the clusters are now. */
export function usualOf(clusters: ColumnStatistics, version: number): Usual {
  return { sinceVersion: version, places: copyOf(clusters) }
}

/** Lets what was seen count `factor` of what it did, then adds the batch. IN and OUT: `usual`. */
export function learnUsual({ sinceVersion, places }: Usual, batch: UsualUpdate, factor: number): void {
  decay(places, factor)
  if (batch.sinceVersion !== sinceVersion) return
  const { weight, mean, m2, d } = batch.statistics
  for (let i = 0; i < batch.index.length; i++) {
    const j = batch.index[i]
    if (j < places.k) mergeInto(places.weight, places.mean, places.m2, j, weight, mean, m2, i, d)
  }
}
