/** How far behind the group is, by partition: what an operator looks at first, and whether Kafka answers at all. */
import { answering } from './answering.ts'
import { ShoalError } from './errors.ts'
import type { Health } from './health.ts'
import { lagAt, type PartitionBook, type Place } from './insight/partition-book.ts'
import { unlessAborted } from './interruption.ts'
import { Passage } from './passage.ts'
import type { Clock, EventLog, Telemetry } from './ports.ts'

export interface LagOptions {
  readonly group: string
  readonly topic: string
  readonly log: EventLog
  readonly clock: Clock
  readonly telemetry: Telemetry
  readonly health: Health
  /** Told of every look; null: nobody asks. */
  readonly partitions: PartitionBook | null
}

/** A look is a few requests, whose size grows with partitions. */
const everyMs = 1_000
const everyMsOfPartition = 5
const longestMs = 5_000
/** Longer than a task that fails waits before it tries again. */
const quietMs = 20_000

/** Reports the lag of every input partition until the signal fires. Every process does: gauges of one group agree. */
export async function reportLag(options: LagOptions, signal: AbortSignal): Promise<void> {
  const { log, group, topic, clock, telemetry, health } = options
  const gauge = (partition: number, events: number, seconds: number) => {
    const labels = { partition: String(partition) }
    telemetry.gauge('shoal_lag_events', events, labels)
    telemetry.gauge('shoal_lag_seconds', seconds, labels)
  }
  const passages = new Map<number, Passage>()
  let shown: readonly number[] = []
  /** A lag that is not known must not look like the last one that was. */
  const hide = () => {
    for (const partition of shown) gauge(partition, Number.NaN, Number.NaN)
    shown = []
    options.partitions?.unknown()
  }
  while (!signal.aborted) {
    try {
      const places = await unlessAborted(signal, answering('lag', placesOf(log, group, topic), options))
      if (places === null) break
      const nowMs = clock.now()
      const aged = places.map((place) => ({ ...place, lagMs: ageAt(place, passages, nowMs) }))
      for (const place of aged) gauge(place.partition, lagAt(place), place.lagMs / 1000)
      options.partitions?.seen(aged, nowMs)
      shown = places.map(({ partition }) => partition)
      health.recovered('lag')
      // Whatever failed here has been done, if by another: on a quiet stream no commit of its own would ever say so.
      if (places.map(lagAt).every((events) => events === 0)) health.settled('score', quietMs)
    } catch (error) {
      hide()
      if (!(error instanceof ShoalError && error.retriable)) throw error
      health.failed('kafka', error.message, 'lag')
    }
    await clock.sleep(Math.min(Math.max(everyMs, everyMsOfPartition * shown.length), longestMs), signal)
  }
  hide()
}

/** Records between the group's committed position and the end, by partition. */
export async function lagOf(log: EventLog, group: string, topic: string): Promise<ReadonlyMap<number, number>> {
  const places = await placesOf(log, group, topic)
  return new Map(places.map((place) => [place.partition, lagAt(place)]))
}

async function placesOf(log: EventLog, group: string, topic: string): Promise<readonly Place[]> {
  const facts = await log.describe(topic)
  const positions = await log.committed(group, topic)
  const bounds = await log.boundsOf(topic, [...Array(facts?.partitions ?? 0).keys()])
  return [...bounds].map(([partition, { start, end }]) => {
    return { partition, position: positions.get(partition) ?? start, end }
  })
}

/** Of the oldest record that is not committed, in ms: since this process first saw it there. */
function ageAt({ partition, position, end }: Place, passages: Map<number, Passage>, nowMs: number): number {
  const passage = passages.get(partition) ?? new Passage()
  passages.set(partition, passage)
  passage.seen(end, nowMs)
  passage.done(position)
  return passage.ageMs(position, nowMs)
}
