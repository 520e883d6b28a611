/** The state that learns: everything a version of the model is. */
import type { Control } from '../command/control.ts'
import type { Drift } from '../drift/drift.ts'
import type { FeatureBins } from '../features/feature-bins.ts'
import type { FeatureCounts } from '../features/feature-counts.ts'
import type { Shapes } from '../features/shapes.ts'
import type { Quality } from '../quality/quality.ts'
import type { Usual } from '../score/usual.ts'
import type { Upkeep } from '../upkeep/upkeep.ts'
import type { ColumnStatistics } from './statistics.ts'

export interface OffsetRange {
  readonly partition: number
  readonly from: number
  /** Exclusive. */
  readonly to: number
}

/** Decayed counts of the log distance in bins of 1/32 nat from -8: learning.md section 7. */
export interface RarityState {
  weight: number
  readonly bins: Float64Array
  /** Rarities are raised to it, so that as many events are called rare as the budget allows. */
  exponent: number
}

/** How the values of each feature are distributed: in the sample of the birth, and now, on the same bins. */
export interface FeatureState {
  readonly bins: FeatureBins
  readonly reference: FeatureCounts
  /** Decayed like the clusters. */
  readonly current: FeatureCounts
}

/**
 * The arrays are changed in place by `fold`; everything else of the model is read only. All centroids are in
 * transformed feature space, unscaled.
 */
export interface Model {
  /** Sixteen hex digits: what the columns mean. A model of another fingerprint is refused. */
  readonly fingerprint: string
  /** Ms since the epoch of the birth: names this life of the model. */
  readonly bornAtMs: number
  /** 1 at birth, one more with every update of the log: version v is the fold of the first v − 1 updates. */
  version: number
  readonly d: number
  readonly k: number
  /** Events after which an old event counts half; Infinity: never. */
  readonly halfLifeEvents: number
  readonly rarityHalfLifeEvents: number
  /** Stable id of each cluster, length k. */
  readonly ids: Int32Array
  /** Version that each cluster was born in, length k. */
  readonly bornVersions: Float64Array
  readonly clusters: ColumnStatistics
  /** All events as one cluster. */
  readonly whole: ColumnStatistics
  /** Least spread of each column, length d. */
  readonly floor: Float64Array
  /** How numbers are bent before they are columns: decided at birth, the same for this life of the model. */
  readonly shapes: Shapes
  readonly rarity: RarityState
  readonly features: FeatureState
  /** Events learned from, those of the birth included. */
  trainedEvents: number
  /** Next offset of `model-updates` to fold. */
  nextUpdateOffset: number
  /** Next input offset to learn from, by partition. */
  readonly learnedUpTo: Map<number, number>
  /** What the model was born from: those events are scored, but do not train a second time. */
  readonly bornFrom: readonly OffsetRange[]
  readonly upkeep: Upkeep
  /** What the score measures from. */
  usual: Usual
  readonly drift: Drift
  readonly quality: Quality
  readonly control: Control
}

/** The same model at the head of another log, which has none of the updates and events that it was made from. */
export function inNewLog(model: Model): Model {
  return { ...model, nextUpdateOffset: 0, learnedUpTo: new Map(), bornFrom: [] }
}
