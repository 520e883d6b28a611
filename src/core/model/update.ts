/** What one committed batch teaches: the record of `model-updates`. */
import type { SegmentCounts } from '../drift/segments.ts'
import type { FeatureCounts } from '../features/feature-counts.ts'
import type { UsualUpdate } from '../score/usual.ts'
import type { SampledRows } from '../upkeep/reservoir.ts'
import type { OffsetRange } from './model.ts'
import type { ColumnStatistics } from './statistics.ts'

export interface ModelUpdate {
  /** The life of the model that the batch was scored by. */
  readonly bornAtMs: number
  /** The version that the batch was scored by. */
  readonly version: number
  readonly d: number
  /** Where the events came from. */
  readonly ranges: readonly OffsetRange[]
  /** Events that train: the valid ones outside the birth's ranges. */
  readonly trained: number
  /** Ids of the clusters that events fell to, ascending as the model has them. */
  readonly clusterIds: Int32Array
  /** Statistics of those clusters, in the same order. All together they are the statistics of the batch. */
  readonly clusters: ColumnStatistics
  /** Bins of the log distance that events fell into, ascending, with their counts. */
  readonly bins: Int32Array
  readonly counts: Float64Array
  /** Events that were far from all clusters. */
  readonly farEvents: number
  readonly sampled: SampledRows
  /** How the values of each feature are distributed over the bins of the model. */
  readonly features: UpdateFeatures
  readonly usual: UsualUpdate
  /** The share of events that might be called anomalous by the version that scored the batch. */
  readonly budget: number
  /** Least and greatest time of the batch's records, in ms since the epoch. */
  readonly fromMs: number
  readonly toMs: number
  /** Of each segment that events are of: docs/drift.md. */
  readonly segments: readonly SegmentCounts[]
}

/** Counts of the events that train. */
export interface UpdateFeatures extends FeatureCounts {
  /** Feature f has bins from[f] to from[f + 1] − 1. */
  readonly from: Int32Array
}
