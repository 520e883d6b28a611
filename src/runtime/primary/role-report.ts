import type { Telemetry } from '../ports.ts'

/** Tells of how many partitions a deployment is the primary, and how far it is behind with those that are another's. */
export class RoleReport {
  private readonly telemetry: Pick<Telemetry, 'gauge'>
  /** Partitions whose lag is told. */
  private lagging: ReadonlySet<number> = new Set()

  constructor(telemetry: Pick<Telemetry, 'gauge'>) {
    this.telemetry = telemetry
  }

  /** `behind`: in offsets, by partition that is another's. */
  tell(primaryOf: number, behind: ReadonlyMap<number, number>): void {
    this.telemetry.gauge('shoal_primary_partitions', primaryOf, {})
    for (const partition of this.lagging) if (!behind.has(partition)) this.lag(partition, Number.NaN)
    for (const [partition, offsets] of behind) this.lag(partition, offsets)
    this.lagging = new Set(behind.keys())
  }

  isLagging(partition: number): boolean {
    return this.lagging.has(partition)
  }

  lag(partition: number, offsets: number): void {
    this.telemetry.gauge('shoal_shadow_lag_events', offsets, { partition: String(partition) })
  }

  /** Nothing is held any more: what was told is taken away. */
  end(): void {
    this.tell(Number.NaN, new Map())
  }
}
