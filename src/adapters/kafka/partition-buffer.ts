/** What has been read of one partition and not yet been given out. */
import type { RecordBatch } from '../../stages/records.ts'
import type { ParsedRecords } from './record-batch-reader.ts'
import { ColumnBatch, RecordColumns } from './record-columns.ts'

interface Held {
  readonly records: ParsedRecords
  /** Memory that goes when the last of it has been given out. */
  readonly bytes: number
}

/** One is given out while the next is there already. */
const ahead = 2

export class PartitionBuffer {
  readonly partition: number
  /** The leader; null while there is none. */
  node: number | null = null
  /** What to ask the broker for next. */
  fetchOffset: number
  #askBytes: number
  readonly #held: Held[] = []
  /** How many of the first one's records have been given out. */
  #given = 0
  /** Where whoever takes the records stands. */
  #position: number

  constructor(partition: number, offset: number, askBytes: number) {
    this.partition = partition
    this.fetchOffset = offset
    this.#position = offset
    this.#askBytes = askBytes
  }

  get askBytes(): number {
    return this.#askBytes
  }

  get heldBytes(): number {
    return this.#held.reduce((sum, { bytes }) => sum + bytes, 0)
  }

  get hasRoom(): boolean {
    return this.#held.length < ahead
  }

  /** Records, or a position that has moved without any. */
  get hasSomething(): boolean {
    return this.#held.length > 0 || this.fetchOffset > this.#position
  }

  get count(): number {
    return this.#held.reduce((sum, { records }) => sum + records.columns.count, 0) - this.#given
  }

  /** True when it moves the partition on. */
  put(records: ParsedRecords, bytes: number): boolean {
    if (records.nextOffset <= this.fetchOffset) return false
    this.fetchOffset = records.nextOffset
    // Nothing but markers: the position moves, no memory is kept.
    if (records.columns.count > 0) this.#held.push({ records, bytes })
    return true
  }

  skipTo(offset: number): void {
    this.fetchOffset = offset
  }

  askForMore(mostBytes: number): void {
    this.#askBytes = Math.min(mostBytes, this.#askBytes * 2)
  }

  /**
   * Up to `maxEvents` records of up to `maxBytes` (as they lie in the log), in order; one record at least when
   * there is any and `maxEvents` is not 0. The last slice of what there is carries the position past the markers.
   */
  take(maxEvents: number, maxBytes: number): readonly RecordBatch[] {
    const batches: RecordBatch[] = []
    let events = maxEvents
    let bytes = maxBytes
    while (this.#held.length > 0 && events > 0 && (bytes > 0 || batches.length === 0)) {
      const { records } = this.#held[0]
      const { columns } = records
      const from = this.#given
      const to = fitting(records, from, Math.min(columns.count, from + events), bytes)
      const whole = to === columns.count
      if (whole) {
        this.#held.shift()
        this.#given = 0
      } else {
        this.#given = to
      }
      const next = !whole ? columns.offset[to - 1] + 1 : this.#held.length === 0 ? this.fetchOffset : records.nextOffset
      batches.push(new ColumnBatch(this.partition, records.bytes, records.view, columns, from, to, next))
      this.#position = next
      events -= to - from
      bytes -= span(records, from, to)
      if (!whole) break
    }
    if (batches.length === 0 && this.#held.length === 0 && this.fetchOffset > this.#position) {
      this.#position = this.fetchOffset
      const nothing = Buffer.alloc(0)
      const view = new DataView(nothing.buffer, nothing.byteOffset, 0)
      batches.push(new ColumnBatch(this.partition, nothing, view, new RecordColumns(0), 0, 0, this.fetchOffset))
    }
    return batches
  }
}

/** Bytes from the first record's key to the last one's value. */
function span({ columns }: ParsedRecords, from: number, to: number): number {
  const last = to - 1
  return columns.valueStart[last] + Math.max(0, columns.valueLength[last]) - columns.keyStart[from]
}

/** The largest end up to `to` that keeps within `maxBytes`, but one record more than `from` at least. */
function fitting(records: ParsedRecords, from: number, to: number, maxBytes: number): number {
  if (span(records, from, to) <= maxBytes) return to
  let low = from + 1
  let high = to
  while (low < high) {
    const middle = (low + high + 1) >>> 1
    if (span(records, from, middle) <= maxBytes) low = middle
    else high = middle - 1
  }
  return low
}
