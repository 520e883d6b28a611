import type { RecordBatch } from '../../stages/records.ts'
import { Chunks, lastOffset, offsetAt, type Place, sizeOf } from './chunks.ts'
import { survivorsOf } from './compaction.ts'
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

const mostChunkBytes = 1 << 20
/** A compact partition is cleaned when as much was appended as the last cleaning left, and at least this. */
const leastCleanedBytes = 256 * 1024

/**
 * One partition: records, and what Kafka knows beside them. A transaction's records are appended at once, like
 * Kafka's, and hold back the last stable offset until it ends; its end takes one offset for a control marker; aborted
 * records stay, and are stepped over.
 */
export class PartitionLog {
  readonly topic: string
  readonly partition: number
  /** Wakes when the last stable offset moves. */
  readonly advanced = new Wakeup()
  readonly #options: PartitionOptions
  #chunks: Chunks
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
    this.#chunks = this.#noChunks()
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
    return this.#chunks.bytes
  }

  /** Records outside any transaction. */
  append(records: RecordColumns): void {
    this.#write(records)
    this.#settle()
  }

  /** Records of an open transaction, invisible until `endTransaction`. */
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

  /** Forgets records below `offset`, as an operator may ask of Kafka. What shares a chunk with a kept one stays stored. */
  deleteBefore(offset: number): void {
    while (this.#chunks.oldest !== undefined && lastOffset(this.#chunks.oldest) < offset) this.#dropOldest()
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
    if (first === null) return nothing.slice(this.partition, 0, 0, from, stable)
    const { chunk, index } = first
    const until = this.#aborted.find((range) => range.from > offsetAt(first))?.from ?? stable
    const most = Math.min(chunk.indexOf(Math.min(until, stable)), index + maxEvents)
    const to = fitting(chunk, index, most, maxBytes, atLeastOne)
    if (to === index) return null
    const next = this.#nextVisible(chunk.offset[to - 1] + 1, stable)
    return chunk.slice(this.partition, index, to, from, next === null ? stable : offsetAt(next))
  }

  /** The first record at or after `from`, below `stable`, that was not aborted. */
  #nextVisible(from: number, stable: number): Place | null {
    let at = from
    for (;;) {
      const found = this.#chunks.find(at)
      if (found === undefined || offsetAt(found) >= stable) return null
      const offset = offsetAt(found)
      const ahead = this.#aborted.find((range) => range.to > offset)
      if (ahead === undefined || ahead.from > offset) return found
      at = ahead.to
    }
  }

  #write(records: RecordColumns): OffsetRange {
    const range = { from: this.#end, to: this.#end + records.count }
    this.#chunks.append(records, 0, records.count, range.from)
    this.#end = range.to
    this.#bytesSinceCleaning += records.usedBytes + records.count * columnBytes
    return range
  }

  #settle(): void {
    if (this.#options.cleanup === 'delete') this.#retain()
    else if (this.#bytesSinceCleaning > Math.max(leastCleanedBytes, this.#bytesLeftByCleaning)) this.#clean()
    this.advanced.wake()
  }

  /** Drops the oldest chunks while what is left still reaches `retainBytes`; never an undecided record. */
  #retain(): void {
    const stable = this.stableEnd
    while (this.#chunks.length > 1 && this.#chunks.oldest !== undefined) {
      const left = this.#chunks.bytes - sizeOf(this.#chunks.oldest)
      if (left < this.#options.retainBytes || lastOffset(this.#chunks.oldest) >= stable) return
      this.#dropOldest()
    }
  }

  #dropOldest(): void {
    this.#start = this.#chunks.dropOldest()
    this.#aborted = this.#aborted.filter((range) => range.to > this.#start)
  }

  #clean(): void {
    const stable = this.stableEnd
    const kept = this.#noChunks()
    for (const place of survivorsOf(this.#chunks, this.#aborted, stable, this.#cleanedTo)) {
      kept.append(place.chunk, place.index, place.index + 1, offsetAt(place))
    }
    this.#chunks = kept
    this.#aborted = this.#aborted.filter((range) => range.to > stable)
    this.#cleanedTo = stable
    this.#bytesSinceCleaning = 0
    this.#bytesLeftByCleaning = kept.bytes
  }

  /** Small chunks where little is kept, because whole ones are what retention drops. */
  #noChunks(): Chunks {
    return new Chunks(Math.min(mostChunkBytes, this.#options.retainBytes / 8))
  }
}

const nothing = new RecordColumns()

/** How far from `from` on, below `to`, the values stay within `maxBytes`. */
function fitting(chunk: RecordColumns, from: number, to: number, maxBytes: number, atLeastOne: boolean): number {
  let at = from
  let bytes = 0
  while (at < to) {
    bytes += Math.max(0, chunk.valueLength[at])
    if (bytes > maxBytes && !(atLeastOne && at === from)) break
    at++
  }
  return at
}
