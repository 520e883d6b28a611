/** Reads assignments as they are committed: how late each came, and whether each event has exactly one. */
import { createHistogram, type RecordableHistogram } from 'node:perf_hooks'
import { existingRanges } from '../../src/cli/committed.ts'
import { endsOf } from '../../src/runtime/batches.ts'
import type { EventLog, Positions } from '../../src/runtime/ports.ts'
import type { Judge, Judged } from './judges.ts'

export interface OutcomeReaderOptions {
  readonly log: EventLog
  /** Of assignments. */
  readonly topic: string
  /** When event i of those that are sent from now on should be sent, on the clock of `performance.now`. */
  readonly dueMs: (i: number) => number
  readonly judge: Judge
}

/** Everything is counted. */
export class OutcomeReader {
  readonly #options: OutcomeReaderOptions
  readonly #stopping = new AbortController()
  #reading: Promise<void> = Promise.resolve()
  #lateUs: RecordableHistogram = createHistogram()
  #failure: unknown = null

  private constructor(options: OutcomeReaderOptions) {
    this.#options = options
  }

  /** Reads what comes from now on. */
  static async start(options: OutcomeReaderOptions): Promise<OutcomeReader> {
    const reader = new OutcomeReader(options)
    const { log, topic } = options
    reader.#reading = reader.#read(endsOf(await existingRanges(log, topic)))
    reader.#reading.catch((error: unknown) => {
      reader.#failure = error
    })
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
    await this.#reading
  }

  async #read(from: Positions): Promise<void> {
    const { log, topic, dueMs, judge } = this.#options
    for await (const batch of log.follow(topic, from, this.#stopping.signal)) {
      const nowMs = performance.now()
      for (let i = 0; i < batch.count; i++) {
        const event = judge.eventOf(batch, i)
        if (event === null) continue
        this.#lateUs.record(Math.max(1, Math.round(1000 * (nowMs - dueMs(event)))))
      }
    }
  }
}
