/** The demo's producer: generated transactions at a rate, never so many that the pipeline cannot follow. */
import { createAvroEncoder } from '../generator/avro.ts'
import { flawsOf } from '../generator/flaws.ts'
import type { FraudKind } from '../generator/frauds.ts'
import type { PlantedShifts } from '../generator/shifts.ts'
import { createTransactionStream } from '../generator/stream.ts'
import type { Clock, EventLog, SchemaRegistry } from '../runtime/ports.ts'
import { registerGeneratorSchemas } from './generator-source.ts'
import { createPartitioner } from './partitioner.ts'

export interface DemoFeedOptions {
  readonly log: EventLog
  readonly registry: SchemaRegistry
  readonly clock: Clock
  readonly topic: string
  readonly partitions: number
  readonly schema: string
  readonly seed: number
  /** Events per second. */
  readonly rate: number
  readonly startMs: number
  readonly shifts: PlantedShifts
  /** Events that the pipeline has not committed yet. */
  readonly behind: (produced: number) => number
}

/** What has been produced so far, and the truth about it. */
export interface DemoFeed {
  produced: number
  invalid: number
  /** Time of the last event, in ms. */
  eventMs: number
  /** Planted frauds by event id, those of the last 200,000. */
  readonly frauds: Map<string, FraudKind>
  readonly planted: Map<FraudKind, number>
}

const pulsesPerSecond = 20
const mostBehindSeconds = 2
const mostRemembered = 200_000

export function emptyFeed(startMs: number): DemoFeed {
  return { produced: 0, invalid: 0, eventMs: startMs, frauds: new Map(), planted: new Map() }
}

/** Produces until the signal fires; `feed` (OUT) tells how far it has come. */
export async function runFeed(options: DemoFeedOptions, feed: DemoFeed, signal: AbortSignal): Promise<void> {
  const { log, topic, clock, rate, seed, startMs, shifts } = options
  const wireIds = await registerGeneratorSchemas(options.registry, topic, options.schema, true)
  const encode = createAvroEncoder(wireIds)
  const stream = createTransactionStream({ seed, startMs, shifts, flaws: flawsOf('avro') })
  const partitionOf = createPartitioner(options.partitions)
  const startedMs = clock.now()
  let allowed = 0
  while (!signal.aborted) {
    await clock.sleep(1000 / pulsesPerSecond, signal)
    if (options.behind(feed.produced) > rate * mostBehindSeconds) {
      // What could not be produced in time is not made up for.
      allowed = feed.produced - ((clock.now() - startedMs) * rate) / 1000
      continue
    }
    const due = Math.floor(((clock.now() - startedMs) * rate) / 1000 + allowed) - feed.produced
    if (due <= 0) continue
    const timestamp = clock.date()
    await log.publish((outputs) => {
      for (let i = 0; i < due; i++) {
        const event = stream.next()
        const key = Buffer.from(event.transaction.customer)
        const value = encode(event)
        // The encoder writes the next value over this one.
        outputs.append({ topic, partition: partitionOf(key), key, value: value && Buffer.from(value), timestamp })
        note(feed, event.transaction.id, event.transaction.occurredAt, event.fraud, event.flaw !== null)
      }
    })
  }
}

function note(feed: DemoFeed, id: string, eventMs: number, fraud: FraudKind | null, invalid: boolean): void {
  feed.produced++
  feed.eventMs = eventMs
  if (invalid) feed.invalid++
  else if (fraud !== null) {
    feed.frauds.set(id, fraud)
    feed.planted.set(fraud, (feed.planted.get(fraud) ?? 0) + 1)
    if (feed.frauds.size <= mostRemembered) return
    const oldest = feed.frauds.keys().next().value
    if (oldest !== undefined) feed.frauds.delete(oldest)
  }
}
