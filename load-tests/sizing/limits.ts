/** What follows from what was measured of a size. Nothing here is measured. */
import { modelRecordBytes } from '../../src/runtime/topics.ts'
import { eventsPerUpdate, type Sized } from './one-size.ts'

/** Of its time a trainer publishes in so much at most. */
const publishingShare = 0.1
/** Sampled rows of a cluster, of a sample that grows no more: `reservoirCapacity`. */
const fullSample = 50

export interface Limits {
  /** One trainer folds every update of a model. Upkeep is not in it: it waits until what the last step made comes back. */
  readonly eventsPerSecond: number
  /** Every process reads every version, one a second at most unless that takes too long. */
  readonly versionMbPerSecond: number
  readonly versionsPerSecond: number
  /** Whose version fits a record of `models`; null: the sample that is a part of it would grow, too. */
  readonly mostClusters: number | null
}

export function limitsOf({ clusters, versionBytes, clusterBytes, rowsPerCluster, foldMs, encodeMs }: Sized): Limits {
  const versionsPerSecond = Math.min(1, (1000 * publishingShare) / encodeMs)
  return {
    eventsPerSecond: (1000 * eventsPerUpdate) / foldMs,
    versionMbPerSecond: (versionsPerSecond * versionBytes) / 1e6,
    versionsPerSecond,
    mostClusters: rowsPerCluster < fullSample ? clusters + (modelRecordBytes - versionBytes) / clusterBytes : null,
  }
}
