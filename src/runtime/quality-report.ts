/** How good the clusters of a version are, in metrics. */
import type { Model } from '../core/model/model.ts'
import type { Telemetry } from './ports.ts'

/** Reports the newest version. What cannot be told, such as a silhouette of one cluster, is not reported. */
export function reportQuality({ quality: { record } }: Model, telemetry: Telemetry): void {
  if (record.version === 0) return
  const { silhouette, daviesBouldin, refitRatio, stability } = record
  telemetry.gauge('shoal_quality_version', record.version, {})
  if (silhouette !== null) telemetry.gauge('shoal_quality_silhouette', silhouette, {})
  if (daviesBouldin !== null) telemetry.gauge('shoal_quality_davies_bouldin', daviesBouldin, {})
  telemetry.gauge('shoal_quality_unexplained_ratio', record.unexplained, {})
  if (refitRatio !== null) telemetry.gauge('shoal_quality_refit_ratio', refitRatio, {})
  if (stability !== null) telemetry.gauge('shoal_quality_stability', stability, {})
  for (const size of ['smallest', 'median', 'largest'] as const) {
    telemetry.gauge('shoal_cluster_share', record[size], { size })
  }
  telemetry.gauge('shoal_clusters_effective', record.effective, {})
  for (const state of ['empty', 'starved'] as const) telemetry.gauge('shoal_clusters_idle', record[state], { state })
}
