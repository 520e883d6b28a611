/** How far behind the group is, by partition: what an operator looks at first, and whether Kafka answers at all. */
import { answering } from './answering.ts'
import { ShoalError } from './errors.ts'
import type { Health } from './health.ts'
import { unlessAborted } from './interruption.ts'
import type { Clock, EventLog, Telemetry } from './ports.ts'

export interface LagOptions {
  readonly group: string
  readonly topic: string
  readonly log: EventLog
  readonly clock: Clock
  readonly telemetry: Telemetry
  readonly health: Health
}

const everyMs = 5_000

/** Reports the lag of every input partition until the signal fires. Every process does: gauges of one group agree. */
export async function reportLag(options: LagOptions, signal: AbortSignal): Promise<void> {
  const { log, group, topic, clock, telemetry, health } = options
  const gauge = (partition: number, events: number) =>
    telemetry.gauge('shoal_lag_events', events, { partition: String(partition) })
  let shown: readonly number[] = []
  /** A lag that is not known must not look like the last one that was. */
  const hide = () => {
    for (const partition of shown) gauge(partition, Number.NaN)
    shown = []
  }
  while (!signal.aborted) {
    try {
      const lag = await unlessAborted(signal, answering('lag', lagOf(log, group, topic), options))
      if (lag === null) break
      for (const [partition, events] of lag) gauge(partition, events)
      shown = [...lag.keys()]
      health.recovered('lag')
      // Whatever failed here has been done, if by another: on a quiet stream no commit of its own would ever say so.
      if ([...lag.values()].every((events) => events === 0)) health.recovered('score')
    } catch (error) {
      hide()
      if (!(error instanceof ShoalError && error.retriable)) throw error
      health.failed('kafka', error.message, 'lag')
    }
    await clock.sleep(everyMs, signal)
  }
  hide()
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
