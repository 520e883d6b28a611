/** The producer of the input: bursts, some of them transactions, some of those aborted. */
import type { MemoryCluster } from '../../src/adapters/memory/cluster.ts'
import { OutputColumns } from '../../src/adapters/memory/outputs.ts'
import type { Random } from '../../src/core/kmeans/random.ts'
import { between, happens } from './draw.ts'
import type { InputEvent } from './events.ts'
import type { Schedule } from './schedule.ts'

/** An event at its place in the log. */
export interface Written extends InputEvent {
  readonly partition: number
  readonly offset: number
  /** It was written in a transaction that was aborted: it never was. */
  isVoid: boolean
}

export interface InputOptions {
  readonly cluster: MemoryCluster
  readonly schedule: Schedule
  readonly random: Random
  readonly topic: string
  readonly events: number
  readonly overMs: number
  readonly next: (i: number) => InputEvent
}

export class Input {
  /** By partition, by offset. */
  readonly partitions: Written[][] = []
  readonly #options: InputOptions
  #made = 0
  #openTransactions = 0

  constructor(options: InputOptions) {
    this.#options = options
  }

  get isOver(): boolean {
    return this.#made >= this.#options.events && this.#openTransactions === 0
  }

  /** Events that are, those of aborted transactions left out. */
  get count(): number {
    return this.partitions.reduce((sum, events) => sum + events.filter((event) => !event.isVoid).length, 0)
  }

  start(): void {
    this.#next()
  }

  #next(): void {
    const { schedule, random, events, overMs } = this.#options
    if (this.#made >= events) return
    const burst = Math.min(between(random, 1, 14), events - this.#made)
    const pauseMs = between(random, 0, Math.ceil((2 * 7.5 * overMs) / events))
    schedule.later(null, pauseMs, `the producer writes ${burst} events`, () => {
      this.#write(burst)
      this.#next()
    })
  }

  #write(burst: number): void {
    const { cluster, schedule, random, topic } = this.#options
    const count = cluster.existing(topic).partitions.length
    const outputs = new OutputColumns()
    const drafts: { partition: number; event: InputEvent }[] = []
    for (let i = 0; i < burst; i++) {
      const event = this.#options.next(this.#made++)
      const partition = random.below(count)
      drafts.push({ partition, event })
      const headers = event.header === null ? {} : { headers: [{ name: 'note', value: Buffer.from(event.header) }] }
      outputs.append({ topic, partition, key: event.key, value: event.value, timestamp: event.timestamp, ...headers })
    }
    const written = drafts.map(({ partition, event }) => this.#place(partition, event))
    if (!happens(random, 0.15)) {
      cluster.accept(outputs, (partition, records) => partition.append(records))
      return
    }
    const transaction = cluster.begin()
    cluster.accept(outputs, (partition, records) => transaction.write(partition, records))
    this.#openTransactions++
    const isAborted = happens(random, 0.4)
    schedule.later(
      null,
      between(random, 0, 300),
      `the producer ${isAborted ? 'aborts' : 'commits'} a transaction`,
      () => {
        this.#openTransactions--
        for (const event of written) event.isVoid = isAborted
        if (isAborted) transaction.abort()
        else transaction.commit()
      },
    )
  }

  /** Where the log will put it. */
  #place(partition: number, event: InputEvent): Written {
    const { cluster, topic } = this.#options
    while (this.partitions.length <= partition) this.partitions.push([])
    const events = this.partitions[partition]
    const end = cluster.partition({ topic, partition }).end
    const offset = Math.max(end, (events.at(-1)?.offset ?? -1) + 1)
    const written = { ...event, partition, offset, isVoid: false }
    events.push(written)
    return written
  }
}
