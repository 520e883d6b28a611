/** Events that retention deleted before they were read: said, counted, and shown in the state for a while. */
import type { Health } from './health.ts'
import type { Clock, ExpiredRange, Telemetry } from './ports.ts'

export interface ExpiredEventsOptions {
  readonly topic: string
  readonly clock: Clock
  readonly telemetry: Telemetry
  readonly health: Health
}

/** Long enough to be seen by whoever looks at the state now and then. */
const shownMs = 600_000

/**
 * Makes a listener for one membership's life. A range is told again when the work after it has to be done again: what
 * was told before is not counted twice.
 */
export function expiredEvents(
  { topic, clock, telemetry, health }: ExpiredEventsOptions,
  signal: AbortSignal,
): (range: ExpiredRange) => void {
  const toldUpTo = new Map<number, number>()
  return ({ partition, from, to }) => {
    const first = Math.max(from, toldUpTo.get(partition) ?? 0)
    if (first >= to) return
    toldUpTo.set(partition, to)
    const problem = `retention deleted offsets ${first} to ${to - 1} of partition ${partition} of ${topic} before they were read`
    telemetry.count('shoal_expired_events_total', to - first, { topic, partition: String(partition) })
    telemetry.log.error(`${problem}: reading goes on at ${to}`, { topic, partition, from: first, to })
    health.failed('retention', problem, `${topic} ${partition}`)
    void clock.sleep(shownMs, signal).then(() => {
      if (toldUpTo.get(partition) === to) health.recovered('retention', `${topic} ${partition}`)
    })
  }
}
