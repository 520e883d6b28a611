/** What a finding says of features and clusters: what was, and what is. */

import { quantile } from '../features/feature-summary.ts'
import { nearest } from '../kmeans/nearest.ts'
import { inverseScales, runningSpreads } from '../model/metric.ts'
import type { Model } from '../model/model.ts'
import { sum } from '../sum.ts'
import { type Comparison, missingShare, valuesOf } from './comparison.ts'
import { jensenShannon, populationStability, wasserstein } from './distances.ts'
import type { ClusterDrift, FeatureDrift } from './finding.ts'
import type { Tally } from './tally.ts'

const mostFeatures = 5
const mostClusters = 5

export function featureDrifts(model: Model, { distances }: Comparison, then: Tally, now: Tally): FeatureDrift[] {
  const total = sum(distances)
  const order = Array.from(distances.keys()).sort((a, b) => distances[b] - distances[a] || a - b)
  return order
    .filter((f) => distances[f] > 0)
    .slice(0, mostFeatures)
    .map((feature) => {
      const { bins } = model.features
      const [a, b] = [valuesOf(then, bins, feature), valuesOf(now, bins, feature)]
      const [before, after] = middles(model, feature, then, now)
      return {
        feature,
        share: distances[feature] / total,
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
  const shares = (counts: Float64Array) => {
    const total = sum(counts)
    return counts.map((count) => (total > 0 ? count / total : 0))
  }
  const [before, after] = [shares(a), shares(b)]
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

/** By the clusters that are nearest to the places now: several places may be of one. */
export function clusterDrifts(model: Model, then: Tally, now: Tally): ClusterDrift[] {
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
  clusterOf.forEach((cluster, place) => {
    before[cluster] += then.places[place] / n
    after[cluster] += now.places[place] / m
  })
  const change = (j: number) => Math.abs(after[j] - before[j])
  return Array.from(ids.keys())
    .filter((j) => change(j) > 0)
    .sort((a, b) => change(b) - change(a) || a - b)
    .slice(0, mostClusters)
    .map((j) => ({ id: ids[j], before: before[j], after: after[j] }))
}
