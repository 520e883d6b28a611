/** What a version knows of each feature, for people: mean, spread, quantiles, what is missing, what was clipped. */

import type { FeatureState, Model } from '../model/model.ts'
import { sharesOf } from '../shares.ts'
import { sum } from '../sum.ts'
import { binKind } from './feature-bins.ts'
import type { FeatureCounts } from './feature-counts.ts'
import type { FeaturePlan } from './feature-plan.ts'
import { unbent } from './shapes.ts'

export interface FeatureSummary {
  readonly name: string
  /** Shares of the events, 0 when there were none. */
  readonly missingShare: number
  readonly clippedShare: number
  /** Of a number, as its column has it: of the logarithm where it is bent to that. Null for all others. */
  readonly mean: number | null
  readonly spread: number | null
  /** The given quantiles of a number, in the user's units; null for all others, and where there was no value. */
  readonly quantiles: readonly number[] | null
  /** Of categories, booleans and phases, the share of each bin among the values; null for numbers. */
  readonly shares: readonly number[] | null
}

/** One for each feature, of what is now (decayed), at the given shares. */
export function summariseFeatures(plan: FeaturePlan, model: Model, shares: readonly number[]): FeatureSummary[] {
  const { bins, current } = model.features
  return plan.features.map((feature, f) => {
    const counts = current.bins.subarray(bins.from[f], bins.from[f + 1])
    const values = sum(counts)
    const events = values + current.missing[f]
    const share = (count: number) => (events > 0 ? count / events : 0)
    const column = feature.firstColumn
    const isNumber = binKind(feature) === 'number'
    const quantiles = shares.map((at) => quantile(model.features, current, f, at))
    return {
      name: feature.spec.name,
      missingShare: share(current.missing[f]),
      clippedShare: share(current.clipped[f]),
      mean: isNumber ? model.whole.mean[column] : null,
      spread: isNumber ? spreadOfPresent(model, column, share(values)) : null,
      quantiles: isNumber ? inUserUnits(model, column, quantiles) : null,
      shares: isNumber ? null : Array.from(sharesOf(counts)),
    }
  })
}

/**
 * The value that a share of a number's counts lie at or below, as its column has it: interpolated within its bin, and no
 * further out than the birth's sample went. Null for a feature without edges, and without counts.
 */
export function quantile({ bins }: FeatureState, counts: FeatureCounts, feature: number, share: number): number | null {
  const edges = bins.edges[feature]
  const own = counts.bins.subarray(bins.from[feature], bins.from[feature + 1])
  const total = sum(own)
  if (edges.length === 0 || !(total > 0)) return null
  const wanted = Math.min(Math.max(share, 0), 1) * total
  let before = 0
  let bin = own.findIndex((count) => count > 0)
  // What rounding leaves over at the end belongs to the last bin that holds anything.
  const last = own.findLastIndex((count) => count > 0)
  while (bin < last && before + own[bin] < wanted) before += own[bin++]
  const low = edges[Math.max(bin - 1, 0)]
  const high = edges[Math.min(bin, edges.length - 1)]
  const within = own[bin] > 0 ? Math.min(Math.max((wanted - before) / own[bin], 0), 1) : 0
  return low + (high - low) * within
}

/** What is missing stood at the mean, and added events but no deviations. */
function spreadOfPresent({ whole }: Model, column: number, presentShare: number): number {
  const present = whole.weight[0] * presentShare
  return present > 0 ? Math.sqrt(whole.m2[column] / present) : 0
}

function inUserUnits({ shapes }: Model, column: number, values: readonly (number | null)[]): readonly number[] | null {
  const known = values.filter((value) => value !== null)
  return known.length < values.length ? null : known.map((y) => unbent(shapes, column, y))
}
