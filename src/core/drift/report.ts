/** What a finding says of features and clusters: what was, and what is. */

import { quantile } from '../features/feature-summary.ts'
import { nearest } from '../kmeans/nearest.ts'
import { inverseScales, runningSpreads } from '../model/metric.ts'
import type { Model } from '../model/model.ts'
import { sharesOf } from '../shares.ts'
import { sum } from '../sum.ts'
import { type Comparison, missingShare, valuesOf } from './comparison.ts'
import { jensenShannon, populationStability, wasserstein } from './distances.ts'
import type { ClusterDrift, FeatureDrift } from './finding.ts'
import type { Tally } from './tally.ts'
import type { Walk } from './walks.ts'

const mostFeatures = 5
const mostClusters = 5

export function featureDrifts(model: Model, { distances }: Comparison, then: Tally, now: Tally): FeatureDrift[] {
  return featuresBy(distances, model, distances, then, now)
}

/** Of a centroid: by how far it has walked in their columns, with its middle before and after instead of the medians of all. */
export function walkedFeatures(
  model: Model,
  { away, before, after }: Walk,
  { distances }: Comparison,
  then: Tally,
  now: Tally,
): FeatureDrift[] {
  const { featureOf, kinds } = model.drift
  const column = new Int32Array(kinds.length).fill(-1)
  featureOf.forEach((f, c) => {
    if (f >= 0 && (column[f] < 0 || away[c] > away[column[f]])) column[f] = c
  })
  const ways = Float64Array.from(column, (c) => (c < 0 ? 0 : away[c]))
  return featuresBy(ways, model, distances, then, now).map((of) => {
    const c = column[of.feature]
    return kinds[of.feature] === 'number' ? { ...of, before: before[c], after: after[c] } : of
  })
}

/** In the order of what each has to do with it. */
function featuresBy(
  parts: Float64Array,
  model: Model,
  distances: Float64Array,
  then: Tally,
  now: Tally,
): FeatureDrift[] {
  const total = sum(parts)
  const order = Array.from(parts.keys()).sort((a, b) => parts[b] - parts[a] || a - b)
  return order
    .filter((f) => parts[f] > 0)
    .slice(0, mostFeatures)
    .map((feature) => {
      const { bins } = model.features
      const [a, b] = [valuesOf(then, bins, feature), valuesOf(now, bins, feature)]
      const [before, after] = middles(model, feature, then, now)
      return {
        feature,
        share: parts[feature] / total,
        distance: distances[feature],
        stability: populationStability(a, b),
        divergence: jensenShannon(a, b),
        transport: wasserstein(a, b, bins.edges[feature]),
        before,
        after,
        missingBefore: missingShare(then, feature, sum(a)),
        missingAfter: missingShare(now, feature, sum(b)),
        outsideBefore: outsideShare(model, feature, a),
        outsideAfter: outsideShare(model, feature, b),
      }
    })
}

/** The medians of a number; of another feature the shares of the bin that has changed most. */
function middles(model: Model, feature: number, then: Tally, now: Tally): readonly [number, number] {
  const { features, drift } = model
  if (drift.kinds[feature] === 'number') {
    const [before, after] = [then, now].map((tally) => quantile(features, tally.features, feature, 0.5))
    return [before ?? 0, after ?? 0]
  }
  const [a, b] = [valuesOf(then, features.bins, feature), valuesOf(now, features.bins, feature)]
  const [before, after] = [sharesOf(a), sharesOf(b)]
  let most = 0
  for (let i = 1; i < a.length; i++) {
    if (Math.abs(after[i] - before[i]) > Math.abs(after[most] - before[most])) most = i
  }
  return [before[most], after[most]]
}

/** Of a number what is in its first and last bin, which no value of the birth's sample is in; of a category the last. */
function outsideShare({ drift }: Model, feature: number, counts: Float64Array): number {
  const total = sum(counts)
  const kind = drift.kinds[feature]
  if (!(total > 0) || kind === 'phase' || kind === 'boolean') return 0
  const last = counts[counts.length - 1]
  return (kind === 'number' && counts.length > 1 ? last + counts[0] : last) / total
}

/** By the clusters that are nearest to the places now, several of which may be of one; of a group of places, only its own. */
export function clusterDrifts(model: Model, then: Tally, now: Tally, group: number | null): ClusterDrift[] {
  const { k, d, ids, clusters, usual } = model
  const [n, m] = [sum(then.places), sum(now.places)]
  if (then.placesSince !== now.placesSince || now.placesSince !== usual.sinceVersion || !(n > 0 && m > 0)) return []
  const clusterOf = new Int32Array(k)
  nearest(
    usual.places.mean,
    k,
    d,
    clusters.mean,
    k,
    inverseScales(model.upkeep, runningSpreads(model)),
    clusterOf,
    new Float64Array(k),
  )
  const before = new Float64Array(k)
  const after = new Float64Array(k)
  const groups = group === null ? null : (model.drift.paths?.groups ?? null)
  const named = new Uint8Array(k)
  clusterOf.forEach((cluster, place) => {
    if (groups !== null && groups[place] !== group) return
    named[cluster] = 1
    before[cluster] += then.places[place] / n
    after[cluster] += now.places[place] / m
  })
  const change = (j: number) => Math.abs(after[j] - before[j])
  return Array.from(ids.keys())
    .filter((j) => (groups === null ? change(j) > 0 : named[j] === 1))
    .sort((a, b) => (groups === null ? change(b) - change(a) : after[b] - after[a]) || a - b)
    .slice(0, mostClusters)
    .map((j) => ({ id: ids[j], before: before[j], after: after[j] }))
}
