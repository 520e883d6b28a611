/** Reads assignments as they are committed: how late each came, and whether each event has exactly one, in order. */
import { createHistogram, type RecordableHistogram } from 'node:perf_hooks'
import { AvroReader } from '../../src/core/codec/avro-reader.ts'
import type { EventLog } from '../../src/runtime/ports.ts'
import type { RecordBatch } from '../../src/stages/records.ts'
import { wireHeaderBytes } from '../../src/stages/wire-format.ts'

export interface OutcomeReaderOptions {
  readonly log: EventLog
  /** Of assignments; the events are in as many partitions. */
  readonly topic: string
  readonly partitions: number
  /** When event i of those that are sent from now on should be sent, on the clock of `performance.now`. */
  readonly dueMs: (i: number) => number
}

/** By whole events, over all partitions. */
export interface Judged {
  readonly seen: number
  /** Passed over: the assignment of a later event came first. */
  readonly lost: number
  /** Of an event that had one before, or that a later one came before. */
  readonly twice: number
}

/** Everything is counted; nothing is kept, so it may go on for ever. */
export class OutcomeReader {
  readonly #options: OutcomeReaderOptions
  readonly #stopping = new AbortController()
  readonly #reading: Promise<void>[] = []
  #lateUs: RecordableHistogram = createHistogram()
  #seen = 0
  #lost = 0
  #twice = 0
  #failure: unknown = null

  private constructor(options: OutcomeReaderOptions) {
    this.#options = options
  }

  /** Reads what comes from now on; `firstOffsets`: of the next event of each input partition. */
  static async start(options: OutcomeReaderOptions, firstOffsets: readonly number[]): Promise<OutcomeReader> {
    const reader = new OutcomeReader(options)
    const { log, topic } = options
    const ends = await Promise.all(firstOffsets.map((_, partition) => log.bounds({ topic, partition })))
    for (const [partition, { end }] of ends.entries()) {
      const reading = reader.#read(partition, end, firstOffsets[partition])
      reading.catch((error: unknown) => {
        reader.#failure ??= error
      })
      reader.#reading.push(reading)
    }
    return reader
  }

  get judged(): Judged {
    if (this.#failure !== null) throw this.#failure
    return { seen: this.#seen, lost: this.#lost, twice: this.#twice }
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

  async #read(partition: number, from: number, firstOffset: number): Promise<void> {
    const { log, topic, partitions, dueMs } = this.#options
    let next = firstOffset
    for await (const batch of log.follow({ topic, partition }, from, this.#stopping.signal)) {
      const nowMs = performance.now()
      for (let i = 0; i < batch.count; i++) {
        const offset = sourceOffset(batch, i)
        if (offset < next) {
          this.#twice++
          continue
        }
        this.#lost += offset - next
        next = offset + 1
        this.#seen++
        const lateMs = nowMs - dueMs(partitions * (offset - firstOffset) + partition)
        this.#lateUs.record(Math.max(1, Math.round(1000 * lateMs)))
      }
    }
  }
}

/** An assignment begins with the event's id, and its partition and offset in the input. */
function sourceOffset(batch: RecordBatch, i: number): number {
  const start = batch.valueStart[i]
  const reader = new AvroReader(batch.bytes, start + wireHeaderBytes, start + batch.valueLength[i])
  reader.bytes()
  reader.int()
  const offset = reader.long()
  if (reader.failed) throw new Error(`an assignment must be one: got ${batch.valueLength[i]} bytes that are none`)
  return offset
}
