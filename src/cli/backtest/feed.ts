/** Events on their way into the embedded log, one batch after the other, and where each batch lies there. */
import type { EventLog } from '../../runtime/ports.ts'
import { createPartitioner } from '../partitioner.ts'
import type { Label, LabelledEvent, LabelledEvents } from './labelled-events.ts'

/** What of a batch lies in one partition: offsets [from, to), consecutive. */
export interface FedPart {
  readonly partition: number
  readonly from: number
  readonly to: number
  /** Of each event its place in the whole stream, from 0, and what it is. */
  readonly numbers: readonly number[]
  readonly labels: readonly Label[]
}

/** In the order of the partitions; those that got nothing are left out. */
export type FedBatch = readonly FedPart[]

export interface FeedOptions {
  readonly log: EventLog
  readonly topic: string
  readonly partitions: number
  readonly events: LabelledEvents
  /** Events in a batch. */
  readonly batch: number
}

/** Keyed events go to the partition of their key, as Kafka's own client decides; others to the partitions in turn. */
export class Feed {
  private readonly options: FeedOptions
  private readonly pieces: AsyncIterator<readonly LabelledEvent[]>
  private readonly partitionOf: (key: Uint8Array | null) => number
  private readonly ends: Float64Array
  /** Published, not taken yet. */
  private readonly queue: FedBatch[] = []
  private rest: readonly LabelledEvent[] = []
  private fed = 0

  constructor(options: FeedOptions) {
    this.options = options
    this.pieces = options.events.pieces()[Symbol.asyncIterator]()
    this.partitionOf = createPartitioner(options.partitions)
    this.ends = new Float64Array(options.partitions)
  }

  /** Events published. */
  get events(): number {
    return this.fed
  }

  /** Publishes one more batch; false when there is none. */
  async publish(): Promise<boolean> {
    const batch = await this.read()
    if (batch.length === 0) return false
    const { log, topic, partitions } = this.options
    const parts = Array.from({ length: partitions }, (_, partition) => ({
      partition,
      from: this.ends[partition],
      numbers: [] as number[],
      labels: [] as Label[],
    }))
    await log.publish((outputs) => {
      for (const { key, value, timestampMs, label } of batch) {
        const number = this.fed++
        const partition = this.partitionOf(key)
        const part = parts[partition]
        part.numbers.push(number)
        part.labels.push(label)
        // Events without a time are a millisecond apart: a clock would make every run another one.
        outputs.append({ topic, partition, key, value, timestamp: timestampMs ?? number })
      }
    })
    const filled = parts.filter(({ numbers }) => numbers.length > 0)
    for (const { partition, numbers } of filled) this.ends[partition] += numbers.length
    this.queue.push(filled.map((part) => ({ ...part, to: this.ends[part.partition] })))
    return true
  }

  /** The next batch, published now if it has not been before; null at the end. */
  async take(): Promise<FedBatch | null> {
    if (this.queue.length === 0) await this.publish()
    return this.queue.shift() ?? null
  }

  private async read(): Promise<readonly LabelledEvent[]> {
    const { batch } = this.options
    const events = [...this.rest]
    while (events.length < batch) {
      const next = await this.pieces.next()
      if (next.done === true) break
      for (const event of next.value) events.push(event)
    }
    this.rest = events.slice(batch)
    return events.slice(0, batch)
  }
}
