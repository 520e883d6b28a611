/** How far behind the group is, by partition: what an operator looks at first. */
import { ShoalError } from './errors.ts'
import type { Clock, EventLog, Telemetry } from './ports.ts'

const everyMs = 5_000

/** Reports the lag of every input partition until the signal fires. Every process does: gauges of one group agree. */
export async function reportLag(
  log: EventLog,
  { name, topics }: { readonly name: string; readonly topics: { readonly input: string } },
  clock: Clock,
  telemetry: Telemetry,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      for (const [partition, lag] of await lagOf(log, name, topics.input)) {
        telemetry.gauge('shoal_lag_events', lag, { partition: String(partition) })
      }
    } catch (error) {
      // The log is unreachable: the stages say so already, and the next round tries again.
      if (!(error instanceof ShoalError)) throw error
    }
    await clock.sleep(everyMs, signal)
  }
}

/** Records between the group's committed position and the end, by partition. */
export async function lagOf(log: EventLog, group: string, topic: string): Promise<ReadonlyMap<number, number>> {
  const facts = await log.describe(topic)
  const positions = await log.committed(group, topic)
  const lag = new Map<number, number>()
  for (let partition = 0; partition < (facts?.partitions ?? 0); partition++) {
    const { start, end } = await log.bounds({ topic, partition })
    lag.set(partition, Math.max(0, end - (positions.get(partition) ?? start)))
  }
  return lag
}
