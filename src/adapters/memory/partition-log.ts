import type { RecordBatch } from '../../stages/records.ts'
import { compacted } from './compaction.ts'
import { columnBytes, RecordColumns } from './record-columns.ts'
import { Wakeup } from './wakeup.ts'

/** Offsets [from, to) of records. */
export interface OffsetRange {
  readonly from: number
  readonly to: number
}

export interface PartitionOptions {
  readonly cleanup: 'delete' | 'compact'
  /** Bytes that a topic with cleanup 'delete' keeps of this partition; the oldest chunks go first. */
  readonly retainBytes: number
}

const chunkRecords = 4096
const chunkBytes = 1 << 20
/** A compact partition is cleaned when as much was appended as the last cleaning left, and at least this. */
const cleanBytes = 256 * 1024

/**
 * One partition: append-only chunks of columns, and what Kafka knows beside its records. A transaction's records
 * are appended at once, like Kafka's, and hold back the last stable offset until it ends; its end takes one offset
 * for a control marker; aborted records stay, and are stepped over.
 */
export class PartitionLog {
  readonly topic: string
  readonly partition: number
  /** Wakes when the last stable offset moves. */
  readonly advanced = new Wakeup()
  readonly #options: PartitionOptions
  #chunks: RecordColumns[] = []
  #storedBytes = 0
  #start = 0
  #end = 0
  /** First offset of each open transaction. */
  readonly #open = new Map<object, number>()
  /** In order, never overlapping. */
  #aborted: OffsetRange[] = []
  #cleanedTo = 0
  #bytesSinceCleaning = 0
  #bytesLeftByCleaning = 0

  constructor(topic: string, partition: number, options: PartitionOptions) {
    this.topic = topic
    this.partition = partition
    this.#options = options
  }

  get start(): number {
    return this.#start
  }

  /** Where the next record goes. */
  get end(): number {
    return this.#end
  }

  /** The last stable offset: below it every record is decided. */
  get stableEnd(): number {
    let stable = this.#end
    for (const first of this.#open.values()) stable = Math.min(stable, first)
    return stable
  }

  /** Bytes held, columns included. */
  get storedBytes(): number {
    return this.#storedBytes
  }

  /** Records outside any transaction. */
  append(records: RecordColumns): void {
    this.#write(records)
    this.#settle()
  }

  /** Records of an open transaction, invisible until `end`. */
  appendOpen(transaction: object, records: RecordColumns): OffsetRange {
    if (!this.#open.has(transaction)) this.#open.set(transaction, this.#end)
    return this.#write(records)
  }

  /** Writes the control marker of a transaction that wrote `ranges` here. */
  endTransaction(transaction: object, ranges: readonly OffsetRange[], outcome: 'commit' | 'abort'): void {
    this.#open.delete(transaction)
    this.#end++
    if (outcome === 'abort') this.#aborted = [...this.#aborted, ...ranges].sort((a, b) => a.from - b.from)
    this.#settle()
  }

  /** Forgets records below `offset`, as an operator may ask of Kafka. What shares a chunk with a kept record stays stored. */
  deleteBefore(offset: number): void {
    while (this.#chunks.length > 0 && lastOffset(this.#chunks[0]) < offset) this.#dropOldest()
    this.#start = Math.max(this.#start, offset)
  }

  /**
   * Committed records from `from` on, at most `maxEvents` and `maxBytes` of values; `atLeastOne` gives a record
   * that is larger. Null when there is nothing to say; without records when only markers and aborted ones lie ahead.
   */
  read(from: number, maxEvents: number, maxBytes: number, atLeastOne: boolean): RecordBatch | null {
    const stable = this.stableEnd
    if (from >= stable) return null
    const first = this.#nextVisible(from, stable)
    const chunk = this.#chunkAt(first)
    if (first === stable || chunk === undefined) return empty.slice(this.partition, 0, 0, stable)
    const until = Math.min(stable, this.#aborted.find((range) => range.from > first)?.from ?? stable)
    const low = chunk.indexOf(first)
    const high = fitting(chunk, low, Math.min(chunk.indexOf(until), low + maxEvents), maxBytes, atLeastOne)
    if (high === low) return null
    return chunk.slice(this.partition, low, high, this.#nextVisible(chunk.offset[high - 1] + 1, stable))
  }

  /** The first offset at or after `from` that a committed reader gets a record of, or `stable`. */
  #nextVisible(from: number, stable: number): number {
    let at = from
    for (;;) {
      const chunk = this.#chunkAt(at)
      if (chunk === undefined) return stable
      const found = chunk.offset[chunk.indexOf(at)]
      if (found >= stable) return stable
      const aborted = this.#aborted.find((range) => range.to > found)
      if (aborted === undefined || aborted.from > found) return found
      at = aborted.to
    }
  }

  /** The chunk that holds the first record at or after `offset`. */
  #chunkAt(offset: number): RecordColumns | undefined {
    let low = 0
    let high = this.#chunks.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (lastOffset(this.#chunks[middle]) < offset) low = middle + 1
      else high = middle
    }
    return this.#chunks[low]
  }

  #write(records: RecordColumns): OffsetRange {
    const range = { from: this.#end, to: this.#end + records.count }
    store(this.#chunks, records, 0, records.count, this.#end, this.#chunkBytes())
    const size = records.usedBytes + records.count * columnBytes
    this.#end = range.to
    this.#storedBytes += size
    this.#bytesSinceCleaning += size
    return range
  }

  /** Small where little is kept, because whole chunks are what retention drops. */
  #chunkBytes(): number {
    return Math.min(chunkBytes, this.#options.retainBytes / 8)
  }

  #settle(): void {
    if (this.#options.cleanup === 'delete') this.#retain()
    else if (this.#bytesSinceCleaning > Math.max(cleanBytes, this.#bytesLeftByCleaning)) this.#clean()
    this.advanced.wake()
  }

  /** Drops the oldest chunks while what is left still reaches `retainBytes`; never an undecided record. */
  #retain(): void {
    const stable = this.stableEnd
    while (this.#chunks.length > 1) {
      const oldest = this.#chunks[0]
      const left = this.#storedBytes - sizeOf(oldest)
      if (left < this.#options.retainBytes || lastOffset(oldest) >= stable) return
      this.#dropOldest()
    }
  }

  #dropOldest(): void {
    const [oldest] = this.#chunks.splice(0, 1)
    this.#storedBytes -= sizeOf(oldest)
    this.#start = lastOffset(oldest) + 1
    this.#aborted = this.#aborted.filter((range) => range.to > this.#start)
  }

  #clean(): void {
    const stable = this.stableEnd
    const survivors = compacted(this.#chunks, this.#aborted, stable, this.#cleanedTo)
    this.#chunks = []
    for (const { chunk, index } of survivors) {
      store(this.#chunks, chunk, index, index + 1, chunk.offset[index], this.#chunkBytes())
    }
    this.#aborted = this.#aborted.filter((range) => range.to > stable)
    this.#storedBytes = this.#chunks.reduce((sum, chunk) => sum + sizeOf(chunk), 0)
    this.#cleanedTo = stable
    this.#bytesSinceCleaning = 0
    this.#bytesLeftByCleaning = this.#storedBytes
  }
}

const empty = new RecordColumns()

/** Appends records [from, to) to the last of `chunks`, opening new ones as they fill. A large record fills its own. */
function store(
  chunks: RecordColumns[],
  records: RecordColumns,
  from: number,
  to: number,
  firstOffset: number,
  maxBytes: number,
): void {
  let at = from
  while (at < to) {
    let chunk = chunks.at(-1)
    if (chunk === undefined || chunk.count >= chunkRecords || chunk.usedBytes >= maxBytes) {
      chunk = new RecordColumns()
      chunks.push(chunk)
    }
    const roomBytes = records.keyStart[at] + maxBytes - chunk.usedBytes
    const most = Math.min(to, at + chunkRecords - chunk.count)
    let next = at + 1
    while (next < most && records.endOf(next) <= roomBytes) next++
    chunk.appendRange(records, at, next, firstOffset + at - from)
    at = next
  }
}

/** How far from `low` on, below `high`, the values stay within `maxBytes`. */
function fitting(chunk: RecordColumns, low: number, high: number, maxBytes: number, atLeastOne: boolean): number {
  let at = low
  let bytes = 0
  while (at < high) {
    bytes += Math.max(0, chunk.valueLength[at])
    if (bytes > maxBytes && !(atLeastOne && at === low)) break
    at++
  }
  return at
}

function lastOffset(chunk: RecordColumns): number {
  return chunk.offset[chunk.count - 1]
}

function sizeOf(chunk: RecordColumns): number {
  return chunk.usedBytes + chunk.count * columnBytes
}
