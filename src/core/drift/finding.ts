/** What was found of a drift: what changed, by how much, since when, and that it is over. `fold` leaves it in the model. */
import type { OffsetRange } from '../model/model.ts'

/**
 * `sudden`, `gradual`: the values of several features; `featureOnly`: those of one. `recurring`: as they once were.
 * `newCluster`: events where none had been; `lostCluster`: none where they had been. `qualityDrop`: events lie farther from
 * all clusters than they did, or clusters are less apart, though each feature is as it was. `cleared` closes the drift that
 * has its number.
 */
export const driftKinds = [
  'sudden',
  'gradual',
  'recurring',
  'featureOnly',
  'newCluster',
  'lostCluster',
  'qualityDrop',
  'cleared',
] as const
export type DriftKind = (typeof driftKinds)[number]

/** What found it: see docs/drift.md. */
export const detectors = [
  'features',
  'missing',
  'fit',
  'shares',
  'anomalies',
  'centroids',
  'quality',
  'segments',
] as const
export type Detector = (typeof detectors)[number]

export const severities = ['warning', 'critical'] as const

/** What became of one feature, between the reference and what was found. */
export interface FeatureDrift {
  /** Index into the plan's features. */
  readonly feature: number
  /** Its share of the change in all features, 0 to 1. */
  readonly share: number
  /** Greatest difference of the distribution functions (Kolmogorov–Smirnov); of categories, of probabilities. */
  readonly distance: number
  /** Population stability index, Jensen–Shannon divergence in bits, Wasserstein-1 in spreads of the reference. */
  readonly stability: number
  readonly divergence: number
  readonly transport: number
  /** Medians of a number, as its column has it; of a category the shares of the one that changed most. */
  readonly before: number
  readonly after: number
  readonly missingBefore: number
  readonly missingAfter: number
  /** Shares of the values that lie outside all that the birth had seen; of a category, that are not declared. */
  readonly outsideBefore: number
  readonly outsideAfter: number
}

/** What became of the share of the events that one cluster has. */
export interface ClusterDrift {
  /** Id of the cluster that is there now. */
  readonly id: number
  readonly before: number
  readonly after: number
}

/** What became of one segment, where a field says which events are of one. */
export interface SegmentDrift {
  /** A value of the field; '': all others, and events without one. */
  readonly name: string
  /** Its share of the change in segments and distances together, 0 to 1. */
  readonly share: number
  /** Its share of the events. */
  readonly before: number
  readonly after: number
  /** The share of its events that lie farther from all places than all but 2 % of the reference's. */
  readonly unusualBefore: number
  readonly unusualAfter: number
}

export interface DriftFinding {
  /** Of the drift, from 1 in each life of a model. */
  readonly number: number
  readonly kind: DriftKind
  readonly severity: (typeof severities)[number]
  readonly detector: Detector
  /** The version in which it was found, and that from which on the reference was counted. */
  readonly version: number
  readonly referenceVersion: number
  readonly statistic: number
  readonly threshold: number
  /** Bound of the probability of such a statistic without a change; 1: the test gives none. */
  readonly pValue: number
  /** Expected number of events between two false alarms of all detectors together, at least. */
  readonly eventsBetweenFalse: number
  /** Of `cleared`: what is now is taken for usual from here on. Otherwise the stream is as it was before. */
  readonly accepted: boolean
  /** Events that it was found in, where they came from, and their records' least and greatest time (ms). */
  readonly events: number
  readonly ranges: readonly OffsetRange[]
  readonly fromMs: number
  readonly toMs: number
  /** Those that changed most come first. */
  readonly features: readonly FeatureDrift[]
  readonly clusters: readonly ClusterDrift[]
  /** Those that changed most, what it was found in first; [] where events have no segments. */
  readonly segments: readonly SegmentDrift[]
}
