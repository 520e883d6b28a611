/** What has been read of one partition and not yet been given out. */
import { viewOf } from '../../core/codec/view-of.ts'
import { type PlacedRecords, type RecordBatch, spanOf } from '../../stages/records.ts'
import type { Lease } from './answer-memory.ts'
import type { ParsedRecords } from './record-batch-reader.ts'
import { ColumnBatch, RecordColumns } from './record-columns.ts'

interface Held {
  readonly records: ParsedRecords
  /** Memory that goes when the last of it has been given out. */
  readonly bytes: number
  /** On the memory that the records lie in; null: it is theirs alone. */
  readonly lease: Lease | null
}

/** One is given out while the next is there already. */
const ahead = 2

export class PartitionBuffer {
  readonly partition: number
  /** The leader; null while there is none. */
  node: number | null = null
  /** What to ask the broker for next. */
  fetchOffset: number
  /** How much to ask for, in bytes. */
  askBytes: number
  readonly #held: Held[] = []
  /** How many of the first one's records have been given out. */
  #given = 0
  /** Where whoever takes the records stands. */
  #position: number

  constructor(partition: number, offset: number, askBytes: number) {
    this.partition = partition
    this.fetchOffset = offset
    this.#position = offset
    this.askBytes = askBytes
  }

  get heldBytes(): number {
    let sum = 0
    for (const { bytes } of this.#held) sum += bytes
    return sum
  }

  get hasRoom(): boolean {
    return this.#held.length < ahead
  }

  /** Records, or a position that has moved without any. */
  get hasSomething(): boolean {
    return this.#held.length > 0 || this.fetchOffset > this.#position
  }

  /** Records that have not been given out. */
  get count(): number {
    let sum = -this.#given
    for (const { records } of this.#held) sum += records.columns.count
    return sum
  }

  /** True when it moves the partition on. */
  put(records: ParsedRecords, bytes: number, lease: Lease | null = null): boolean {
    if (records.nextOffset <= this.fetchOffset) return false
    this.fetchOffset = records.nextOffset
    // Nothing but markers: the position moves, no memory is kept.
    if (records.columns.count === 0) return true
    lease?.take()
    this.#held.push({ records, bytes: bytes + records.columns.bytes, lease })
    return true
  }

  /**
   * Up to `maxEvents` records of about `wishedBytes` and at most `maxBytes` (as they lie in the log), in order; the
   * first of them goes beyond the wish. The last slice of what there is carries the position past the markers.
   */
  take(maxEvents: number, wishedBytes: number, maxBytes: number): readonly RecordBatch[] {
    const batches: RecordBatch[] = []
    let events = maxEvents
    let bytes = wishedBytes
    while (this.#held.length > 0) {
      const { columns } = this.#held[0].records
      const from = this.#given
      const most = Math.min(columns.count, from + events)
      let to = fitting(columns, from, most, bytes)
      if (to === from && batches.length === 0 && events > 0 && spanOf(columns, from, from + 1) <= maxBytes)
        to = from + 1
      if (to === from) return batches
      bytes -= spanOf(columns, from, to)
      events -= to - from
      batches.push(this.#slice(to))
    }
    // Only markers, or what compaction left out: the position moves all the same.
    if (batches.length === 0 && this.fetchOffset > this.#position) batches.push(this.#nothing())
    return batches
  }

  #slice(to: number): RecordBatch {
    const { records, lease } = this.#held[0]
    const { columns, bytes, view } = records
    const from = this.#given
    const position = this.#position
    if (to === columns.count) {
      this.#held.shift()
      this.#given = 0
      this.#position = this.#held.length === 0 ? this.fetchOffset : records.nextOffset
    } else {
      this.#given = to
      this.#position = columns.offset[to - 1] + 1
    }
    const slice = new ColumnBatch(this.partition, bytes, view, columns, from, to, position, this.#position, lease)
    if (to === columns.count) lease?.end()
    return slice
  }

  #nothing(): RecordBatch {
    const position = this.#position
    this.#position = this.fetchOffset
    const bytes = Buffer.alloc(0)
    const view = viewOf(bytes)
    return new ColumnBatch(this.partition, bytes, view, new RecordColumns(0), 0, 0, position, this.#position, null)
  }
}

/** The largest `to` whose records keep within `maxBytes`; `from` when not even one does. */
function fitting(columns: PlacedRecords, from: number, to: number, maxBytes: number): number {
  if (spanOf(columns, from, to) <= maxBytes) return to
  let low = from
  let high = to
  while (low < high) {
    const middle = (low + high + 1) >>> 1
    if (spanOf(columns, from, middle) <= maxBytes) low = middle
    else high = middle - 1
  }
  return low
}
