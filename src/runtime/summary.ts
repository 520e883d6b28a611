/** The clusters in JSON, for people and services that read the snapshot store directly. */
import { sharesOf } from '../core/shares.ts'
import type { PublishedModel } from './model-follower.ts'

/** Clusters with id, share of the mass and centroid in transformed feature space, and how good they are. */
export function summaryOf(name: string, { scorer, publishedAtMs }: PublishedModel): string {
  const { model } = scorer
  const shares = sharesOf(model.clusters.weight)
  return JSON.stringify({
    name,
    version: model.version,
    fingerprint: model.fingerprint,
    bornAt: new Date(model.bornAtMs).toISOString(),
    publishedAt: new Date(publishedAtMs).toISOString(),
    trainedEvents: model.trainedEvents,
    quality: model.quality.record,
    clusters: Array.from(model.ids, (id, j) => ({
      id,
      share: shares[j],
      weight: model.clusters.weight[j],
      centroid: Array.from(model.clusters.mean.subarray(j * model.d, (j + 1) * model.d)),
    })),
  })
}
