/** Reads assignments as they are committed: how late each came, and whether each event has exactly one. */
import { createHistogram, type RecordableHistogram } from 'node:perf_hooks'
import type { EventLog } from '../../src/runtime/ports.ts'
import type { Judge, Judged } from './judges.ts'

export interface OutcomeReaderOptions {
  readonly log: EventLog
  /** Of assignments. */
  readonly topic: string
  readonly partitions: number
  /** When event i of those that are sent from now on should be sent, on the clock of `performance.now`. */
  readonly dueMs: (i: number) => number
  readonly judge: Judge
}

/** Everything is counted. */
export class OutcomeReader {
  readonly #options: OutcomeReaderOptions
  readonly #stopping = new AbortController()
  readonly #reading: Promise<void>[] = []
  #lateUs: RecordableHistogram = createHistogram()
  #failure: unknown = null

  private constructor(options: OutcomeReaderOptions) {
    this.#options = options
  }

  /** Reads what comes from now on. */
  static async start(options: OutcomeReaderOptions): Promise<OutcomeReader> {
    const reader = new OutcomeReader(options)
    const { log, topic, partitions } = options
    const bounds = Array.from({ length: partitions }, (_, partition) => log.bounds({ topic, partition }))
    for (const [partition, { end }] of (await Promise.all(bounds)).entries()) {
      const reading = reader.#read(partition, end)
      reading.catch((error: unknown) => {
        reader.#failure ??= error
      })
      reader.#reading.push(reading)
    }
    return reader
  }

  get judged(): Judged {
    if (this.#failure !== null) throw this.#failure
    return this.#options.judge.judged
  }

  /** How late those came that came since the last call, in µs; the next ones are counted anew. */
  takeLateness(): RecordableHistogram {
    const taken = this.#lateUs
    this.#lateUs = createHistogram()
    return taken
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await Promise.all(this.#reading)
  }

  async #read(partition: number, from: number): Promise<void> {
    const { log, topic, dueMs, judge } = this.#options
    for await (const batch of log.follow({ topic, partition }, from, this.#stopping.signal)) {
      const nowMs = performance.now()
      for (let i = 0; i < batch.count; i++) {
        const event = judge.eventOf(batch, i, partition)
        if (event === null) continue
        this.#lateUs.record(Math.max(1, Math.round(1000 * (nowMs - dueMs(event)))))
      }
    }
  }
}
