/** How a cluster takes in what a batch holds of it. */
import type { Model } from './model.ts'
import { type ColumnStatistics, mergeInto } from './statistics.ts'

/**
 * Merges statistics i of a batch of n events into cluster j (IN and OUT). Its centroid gives way by n/(N + n), N being what
 * its place rests on: after a step of upkeep that is the rows of the sample, not all the events that it stands for. An
 * event moves it by one spread of a column at most, whatever it holds: a poisoned one has no more of a pull.
 */
export function take(model: Model, j: number, batch: ColumnStatistics, i: number, spreads: Float64Array): void {
  const { clusters, upkeep, d } = model
  const events = batch.weight[i]
  if (clusters.weight[j] === 0) {
    mergeInto(clusters.weight, clusters.mean, clusters.m2, j, batch.weight, batch.mean, batch.m2, i, d)
    upkeep.support[j] = events
    return
  }
  const rest = upkeep.support[j]
  const share = events / (rest + events)
  for (let c = 0; c < d; c++) {
    const difference = batch.mean[i * d + c] - clusters.mean[j * d + c]
    const farthest = events * spreads[c]
    const moved = Math.max(-farthest, Math.min(farthest, share * difference))
    clusters.mean[j * d + c] += moved
    clusters.m2[j * d + c] += batch.m2[i * d + c] + rest * moved * moved + events * (difference - moved) ** 2
  }
  clusters.weight[j] += events
  upkeep.support[j] = rest + events
}
