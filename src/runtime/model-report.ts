/** What the newest version is, in metrics: its age and size, its clusters and how far from them the recent events were. */
import type { Model } from '../core/model/model.ts'
import { logDistanceAt } from '../core/score/rarity.ts'
import type { Scorer } from '../core/score/scorer.ts'
import { sharesOf } from '../core/shares.ts'
import type { PublishedModel } from './model-follower.ts'
import type { Telemetry } from './ports.ts'

/** Series for clusters: a model may have thousands. */
const mostClusters = 32
const shares = [0.5, 0.9, 0.99, 0.999] as const

/** Remembers which clusters have a series, so that those that are gone lose it. */
export class ModelReport {
  private shown: readonly number[] = []

  tell({ scorer, publishedAtMs, bytes }: PublishedModel, telemetry: Telemetry): void {
    const { model } = scorer
    telemetry.gauge('shoal_model_version', model.version, {})
    telemetry.gauge('shoal_model_published_timestamp_seconds', publishedAtMs / 1000, {})
    telemetry.gauge('shoal_model_bytes', bytes.length, {})
    telemetry.gauge('shoal_model_trained_events', model.trainedEvents, {})
    telemetry.gauge('shoal_clusters', model.k, {})
    telemetry.gauge('shoal_anomaly_budget_ratio', model.control.budget, {})
    this.tellSizes(model, telemetry)
    tellRemoteness(scorer, telemetry)
  }

  private tellSizes({ ids, clusters: { weight } }: Model, telemetry: Telemetry): void {
    const ratios = sharesOf(weight)
    const largest = Array.from(ids, (id, j) => ({ id, ratio: ratios[j] }))
      .sort((a, b) => b.ratio - a.ratio || a.id - b.id)
      .slice(0, mostClusters)
    const now = largest.map(({ id }) => id)
    for (const id of this.shown) {
      if (!now.includes(id)) telemetry.gauge('shoal_cluster_size_ratio', Number.NaN, { cluster: String(id) })
    }
    for (const { id, ratio } of largest) telemetry.gauge('shoal_cluster_size_ratio', ratio, { cluster: String(id) })
    this.shown = now
  }
}

/**
 * From the model's own histogram of distances, so that no event is counted for it. Quantiles of the score itself would say
 * nothing: it is a rank, and evenly spread whatever the events are.
 */
function tellRemoteness({ model, rarity }: Scorer, telemetry: Telemetry): void {
  if (rarity.weight < 1) return
  for (const share of shares) {
    // The table answers for rarities, which are shares raised to the exponent that keeps the budget.
    const remoteness = Math.exp(logDistanceAt(rarity, (1 - share) ** model.rarity.exponent))
    telemetry.gauge('shoal_remoteness', remoteness, { share: String(share) })
  }
}
