/** Events from a source to a topic, at a rate or as fast as they are acknowledged. */
import { ShoalError } from '../runtime/errors.ts'
import type { Clock, EventLog } from '../runtime/ports.ts'
import type { SourceEvent } from './event-source.ts'
import { createPartitioner } from './partitioner.ts'

export interface PublishingOptions<E extends SourceEvent> {
  readonly log: Pick<EventLog, 'publish'>
  readonly topic: string
  readonly partitions: number
  readonly clock: Clock
  readonly signal: AbortSignal
  /** Events per second; null: no limit. */
  readonly rate: number | null
  /** Stop after so many; infinity: at the end of the source. */
  readonly most: number
  /** Told of events that all replicas have acknowledged, in order. */
  readonly onAcknowledged: (events: readonly E[], partitions: readonly number[]) => Promise<void>
}

/** Small enough for one record batch of the broker's default size, were all of one partition. */
const maxRequestBytes = 768 * 1024
const maxRequestEvents = 10_000
/** Bytes beside key and value, at most, without headers. */
const recordOverheadBytes = 32
/** With a rate, events go out so many times a second. */
const pulsesPerSecond = 20

/** Publishes until the source, `most` or the signal ends it; gives the number of acknowledged events. */
export async function publishAll<E extends SourceEvent>(
  pieces: AsyncIterable<readonly E[]>,
  options: PublishingOptions<E>,
): Promise<number> {
  const { clock, signal, rate, most } = options
  const publisher = createPublisher(options)
  const pulse = rate === null ? maxRequestEvents : Math.max(1, Math.floor(rate / pulsesPerSecond))
  const startedMs = clock.now()
  let taken = 0
  for await (const piece of pieces) {
    for (let at = 0; at < piece.length && taken < most && !signal.aborted; ) {
      const part = piece.slice(at, at + Math.min(pulse, most - taken))
      await publisher.add(part)
      at += part.length
      taken += part.length
      if (rate === null) continue
      await publisher.flush()
      await clock.sleep(Math.max(0, startedMs + (taken * 1000) / rate - clock.now()), signal)
    }
    if (taken >= most || signal.aborted) break
  }
  await publisher.flush()
  if (signal.aborted) {
    throw new ShoalError('stopped.interrupted', `interrupted after ${taken} events, which are acknowledged`)
  }
  return taken
}

/** Gathers events into requests. While one request is on its way the next is gathered; their order is kept. */
function createPublisher<E extends SourceEvent>(options: PublishingOptions<E>) {
  const { log, topic, clock, onAcknowledged } = options
  const partitionOf = createPartitioner(options.partitions)
  let events: E[] = []
  let bytes = 0
  let inFlight: Promise<void> = Promise.resolve()

  const send = async (request: readonly E[]): Promise<void> => {
    const partitions = request.map((event) => partitionOf(event.key))
    const now = clock.date()
    await log.publish((outputs) => {
      for (const [index, { key, value, timestampMs }] of request.entries()) {
        outputs.append({ topic, partition: partitions[index], key, value, timestamp: timestampMs ?? now })
      }
    })
    await onAcknowledged(request, partitions)
  }

  const launch = async (): Promise<void> => {
    await inFlight
    const request = events
    events = []
    bytes = 0
    inFlight = send(request)
    // Whoever awaits it next meets the error; until then it must not count as unhandled.
    inFlight.catch(() => undefined)
  }

  return {
    async add(more: readonly E[]) {
      for (const event of more) {
        const size = (event.key?.length ?? 0) + (event.value?.length ?? 0) + recordOverheadBytes
        if (events.length > 0 && (bytes + size > maxRequestBytes || events.length >= maxRequestEvents)) await launch()
        events.push(event)
        bytes += size
      }
    },
    async flush() {
      if (events.length > 0) await launch()
      await inFlight
    },
  }
}
