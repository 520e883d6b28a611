/** How good the clusters are, as it was last assessed: a part of every version. docs/drift.md. */
import type { Sizes } from './sizes.ts'

export interface QualityRecord extends Sizes {
  /** The version that was assessed, and how many events it had learned. */
  readonly version: number
  readonly trainedEvents: number
  /** Rows of the sample that it was assessed by, and as many rows of one weight would say as much (Kish 1965). */
  readonly rows: number
  readonly effectiveRows: number
  /** Simplified silhouette and its variance over the rows, and Davies-Bouldin index: `separationOf`. */
  readonly silhouette: number | null
  readonly silhouetteVariance: number
  readonly daviesBouldin: number | null
  /** Inertia of the rows about their clusters over that about their mean: the share of the variance that is left. */
  readonly unexplained: number
  /**
   * Inertia about the clusters that served until then over that about refitted ones, each row judged without its own part in
   * the refit; null where none was made or can be judged. And whether the refitted ones were good enough beyond doubt, and taken.
   */
  readonly refitRatio: number | null
  readonly refitted: boolean
  /** Adjusted Rand index of the rows' clusters with those of the assessment before, and its version; null: there was none. */
  readonly stability: number | null
  readonly comparedVersion: number | null
}

/** What the quality is compared with, to see it fall: `core/drift/quality-fall.ts`. */
export interface QualityReference {
  readonly version: number
  readonly silhouette: number
  /** As far as chance goes, the silhouette of all events was above this. */
  readonly least: number
  readonly unexplained: number
}

/** What the detection of a fall remembers. */
export interface QualityWatch {
  /** Null: there is none yet. */
  reference: QualityReference | null
  /** Trained events from which on there may be one: by then most of the sample is of what is now. */
  settledAtEvents: number
  /** Assessments in a row that show a fall; while one is open, that show none. */
  streak: number
  /** Number of the drift that is open, 0 while none is, and the trained events at which it is taken for usual. */
  open: number
  usualAtEvents: number
}

/** The record is replaced by each assessment. */
export interface Quality {
  record: QualityRecord
  /** The centroids that were assessed, k × d as the reservoir keeps rows. */
  assessed: Float32Array
  readonly watch: QualityWatch
}

/** Ratios are not told beyond this. */
export const largestRatio = 1e9

/** Before the first assessment. */
export function noQuality(): Quality {
  const record = {
    version: 0,
    trainedEvents: 0,
    rows: 0,
    effectiveRows: 0,
    silhouette: null,
    silhouetteVariance: 0,
    daviesBouldin: null,
    unexplained: 1,
    refitRatio: null,
    refitted: false,
    stability: null,
    comparedVersion: null,
    smallest: 0,
    median: 0,
    largest: 0,
    effective: 0,
    empty: 0,
    starved: 0,
  }
  const watch = { reference: null, settledAtEvents: 0, streak: 0, open: 0, usualAtEvents: 0 }
  return { record, assessed: new Float32Array(0), watch }
}
