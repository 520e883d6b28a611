/** For how long nothing came out of each partition, and how old what came was, as a reader of committed records sees it. */
import type { EventLog, Positions } from '../../src/runtime/ports.ts'

export interface Pauses {
  /** Of each partition the longest time without an assignment since the last look. */
  readonly pausesMs: readonly number[]
  /** Of each partition how long ago, at most, an event was written when its assignment came; NaN: none came. */
  readonly agesMs: readonly number[]
}

interface Watched {
  lastMs: number
  pauseMs: number
  ageMs: number
}

export class PartitionPauses {
  readonly #log: EventLog
  readonly #topic: string
  readonly #partitions: Watched[] = []
  readonly #stopping = new AbortController()
  readonly #reading: Promise<void>[] = []

  constructor(log: EventLog, topic: string) {
    this.#log = log
    this.#topic = topic
  }

  /** Watches partitions up to this number from now on. */
  async watch(partitions: number): Promise<void> {
    const from = new Map<number, number>()
    while (this.#partitions.length < partitions) {
      const partition = this.#partitions.length
      this.#partitions.push({ lastMs: performance.now(), pauseMs: 0, ageMs: Number.NaN })
      from.set(partition, (await this.#log.bounds({ topic: this.#topic, partition })).end)
    }
    if (from.size === 0) return
    const reading = this.#read(from)
    reading.catch(() => undefined) // Awaited by `close`.
    this.#reading.push(reading)
  }

  /** A pause that goes on counts up to now. */
  take(): Pauses {
    const nowMs = performance.now()
    const pausesMs = this.#partitions.map(({ pauseMs, lastMs }) => Math.max(pauseMs, nowMs - lastMs))
    const agesMs = this.#partitions.map(({ ageMs }) => ageMs)
    for (const watched of this.#partitions) Object.assign(watched, { pauseMs: 0, ageMs: Number.NaN })
    return { pausesMs, agesMs }
  }

  async close(): Promise<void> {
    this.#stopping.abort()
    await Promise.all(this.#reading)
  }

  async #read(from: Positions): Promise<void> {
    for await (const batch of this.#log.follow(this.#topic, from, this.#stopping.signal)) {
      if (batch.count === 0) continue
      const watched = this.#partitions[batch.partition]
      const nowMs = performance.now()
      watched.pauseMs = Math.max(watched.pauseMs, nowMs - watched.lastMs)
      watched.lastMs = nowMs
      const ageMs = Date.now() - batch.timestamp[0]
      watched.ageMs = Number.isNaN(watched.ageMs) ? ageMs : Math.max(watched.ageMs, ageMs)
    }
  }
}
