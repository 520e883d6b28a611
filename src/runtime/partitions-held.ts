/** How many partitions this process works on, for as long as it has a share. */
import type { Share, Telemetry } from './ports.ts'

export async function reportPartitions(stage: 'score' | 'train', share: Share, telemetry: Telemetry): Promise<void> {
  while (!share.ended.aborted) {
    const change = share.changed()
    telemetry.gauge('shoal_partitions', share.positions.size, { stage })
    await change
    if (!share.ended.aborted) telemetry.count('shoal_rebalances_total', 1, { stage })
  }
  telemetry.gauge('shoal_partitions', 0, { stage })
}
