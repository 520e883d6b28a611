/** A reader of committed records, as any consumer is: it goes on from where it was. */
import type { PartitionLog } from '../../../src/adapters/memory/partition-log.ts'
import type { Header, RecordBatch } from '../../../src/stages/records.ts'

export interface CommittedRecord {
  readonly offset: number
  readonly timestamp: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: readonly Header[]
}

const mostRecords = 4096
const mostBytes = 1 << 24

export class CommittedReader {
  readonly log: PartitionLog
  #next: number

  constructor(log: PartitionLog, from = log.start) {
    this.log = log
    this.#next = from
  }

  get next(): number {
    return this.#next
  }

  /** Whether there is something to read. */
  get isBehind(): boolean {
    return this.#next < this.log.stableEnd
  }

  /** What was committed since the last time, in order. */
  *read(): Iterable<CommittedRecord> {
    for (;;) {
      const batch = this.log.read(Math.max(this.#next, this.log.start), mostRecords, mostBytes, true)
      if (batch === null) return
      this.#next = batch.nextOffset
      for (let i = 0; i < batch.count; i++) yield recordAt(batch, i)
    }
  }
}

function recordAt(batch: RecordBatch, i: number): CommittedRecord {
  const { bytes, keyStart, keyLength, valueStart, valueLength, offset, timestamp } = batch
  const part = (start: number, length: number) => (length < 0 ? null : bytes.subarray(start, start + length))
  return {
    offset: offset[i],
    timestamp: timestamp[i],
    key: part(keyStart[i], keyLength[i]),
    value: part(valueStart[i], valueLength[i]),
    headers: batch.headers(i),
  }
}
