/** How often the values of each feature fell into its bins, were missing, or were clipped. */

import { areWithin } from '../within.ts'

/** Counts of F features over all their bins; what is missing is in no bin, what was clipped is in the one at its fence. */
export interface FeatureCounts {
  /** One feature after another. */
  readonly bins: Float64Array
  /** Length F. */
  readonly missing: Float64Array
  /** Length F. */
  readonly clipped: Float64Array
}

export function emptyCounts(features: number, bins: number): FeatureCounts {
  return {
    bins: new Float64Array(bins),
    missing: new Float64Array(features),
    clipped: new Float64Array(features),
  }
}

/** Lets what was counted (IN and OUT) count less, by a factor. */
export function decayCounts({ bins, missing, clipped }: FeatureCounts, factor: number): void {
  for (const counts of [bins, missing, clipped]) for (let i = 0; i < counts.length; i++) counts[i] *= factor
}

/** Adds counts of the same features and bins to others (IN and OUT). */
export function addCounts(into: FeatureCounts, from: FeatureCounts): void {
  for (let i = 0; i < into.bins.length; i++) into.bins[i] += from.bins[i]
  for (let f = 0; f < into.missing.length; f++) {
    into.missing[f] += from.missing[f]
    into.clipped[f] += from.clipped[f]
  }
}

/** Whether all of them are counts: nothing else may be added to, or compared with. */
export function areCounts({ bins, missing, clipped }: FeatureCounts): boolean {
  return areWithin(bins, 0, mostEvents) && areWithin(missing, 0, mostEvents) && areWithin(clipped, 0, mostEvents)
}

/** More than any log will hold, few enough that sums stay finite. */
const mostEvents = 1e30
