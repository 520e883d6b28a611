import type { Header, RecordBatch, RecordSink } from '../../stages/records.ts'

const firstRecords = 16
const firstBytes = 1024

/** What a record costs beside its bytes: four Int32 and two Float64 columns. */
export const columnBytes = 32

/**
 * Growing columns of records: what a transaction writes into, and what a partition stores. The bytes of record
 * i lie at keyStart[i], key before value, with nothing between records. A column is replaced when it grows and what
 * is written is never changed, so a batch cut from the columns stays valid for as long as somebody holds it.
 */
export class RecordColumns implements RecordSink {
  bytes = Buffer.allocUnsafeSlow(firstBytes)
  view = new DataView(this.bytes.buffer)
  keyStart = new Int32Array(firstRecords)
  keyLength = new Int32Array(firstRecords)
  valueStart = new Int32Array(firstRecords)
  valueLength = new Int32Array(firstRecords)
  offset = new Float64Array(firstRecords)
  timestamp = new Float64Array(firstRecords)
  count = 0
  usedBytes = 0
  /** Few records have headers, so they are no column. */
  readonly #headers = new Map<number, readonly Header[]>()

  reserve(
    keyBytes: Buffer,
    keyStart: number,
    keyLength: number,
    valueLength: number,
    times: Float64Array,
    time: number,
  ): number {
    return this.#add(keyBytes, keyStart, keyLength, valueLength, times[time])
  }

  append(key: Uint8Array | null, value: Uint8Array | null, timestampMs: number, headers?: readonly Header[]): void {
    const keyBytes = key === null ? this.bytes : Buffer.from(key.buffer, key.byteOffset, key.byteLength)
    const start = this.#add(
      keyBytes,
      0,
      key === null ? -1 : key.length,
      value === null ? -1 : value.length,
      timestampMs,
    )
    if (value !== null) this.bytes.set(value, start)
    if (headers !== undefined && headers.length > 0) this.#headers.set(this.count - 1, headers.map(copyOf))
  }

  /** Copies records [from, to) of `source`, giving them consecutive offsets from `firstOffset` on. */
  appendRange(source: RecordColumns, from: number, to: number, firstOffset: number): void {
    const sourceStart = source.keyStart[from]
    const size = source.endOf(to - 1) - sourceStart
    this.#makeRoom(to - from, size)
    source.bytes.copy(this.bytes, this.usedBytes, sourceStart, sourceStart + size)
    const shift = this.usedBytes - sourceStart
    for (let i = from, at = this.count; i < to; i++, at++) {
      this.keyStart[at] = source.keyStart[i] + shift
      this.keyLength[at] = source.keyLength[i]
      this.valueStart[at] = source.valueStart[i] + shift
      this.valueLength[at] = source.valueLength[i]
      this.timestamp[at] = source.timestamp[i]
      this.offset[at] = firstOffset + i - from
    }
    for (const [index, headers] of source.#headers) {
      if (index >= from && index < to) this.#headers.set(this.count + index - from, headers)
    }
    this.count += to - from
    this.usedBytes += size
  }

  /** Where in `bytes` the record at `index` ends. */
  endOf(index: number): number {
    return index + 1 < this.count ? this.keyStart[index + 1] : this.usedBytes
  }

  /** The first record at or after `offset`; `count` when there is none. */
  indexOf(offset: number): number {
    let low = 0
    let high = this.count
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.offset[middle] < offset) low = middle + 1
      else high = middle
    }
    return low
  }

  /** Records [from, to) as a batch that shares this memory. */
  slice(partition: number, from: number, to: number, fromOffset: number, nextOffset: number): RecordBatch {
    const headers = this.#headers
    return {
      partition,
      count: to - from,
      fromOffset,
      nextOffset,
      bytes: this.bytes,
      view: this.view,
      keyStart: this.keyStart.subarray(from, to),
      keyLength: this.keyLength.subarray(from, to),
      valueStart: this.valueStart.subarray(from, to),
      valueLength: this.valueLength.subarray(from, to),
      offset: this.offset.subarray(from, to),
      timestamp: this.timestamp.subarray(from, to),
      headers: (index) => headers.get(from + index) ?? [],
      headerCount: (index) => headers.get(from + index)?.length ?? 0,
      release: () => undefined,
    }
  }

  #add(keyBytes: Buffer, keyStart: number, keyLength: number, valueLength: number, timestampMs: number): number {
    const keySize = Math.max(keyLength, 0)
    const valueSize = Math.max(valueLength, 0)
    this.#makeRoom(1, keySize + valueSize)
    const at = this.count++
    const start = this.usedBytes
    if (keySize > 0) keyBytes.copy(this.bytes, start, keyStart, keyStart + keySize)
    this.keyStart[at] = start
    this.keyLength[at] = keyLength
    this.valueStart[at] = start + keySize
    this.valueLength[at] = valueLength
    this.timestamp[at] = timestampMs
    this.usedBytes = start + keySize + valueSize
    return start + keySize
  }

  #makeRoom(records: number, bytes: number): void {
    const needed = this.usedBytes + bytes
    if (needed > this.bytes.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.bytes.length * 2))
      this.bytes.copy(grown, 0, 0, this.usedBytes)
      this.bytes = grown
      this.view = new DataView(grown.buffer)
    }
    if (this.count + records <= this.offset.length) return
    const capacity = Math.max(this.count + records, this.offset.length * 2)
    this.keyStart = grownInts(this.keyStart, capacity)
    this.keyLength = grownInts(this.keyLength, capacity)
    this.valueStart = grownInts(this.valueStart, capacity)
    this.valueLength = grownInts(this.valueLength, capacity)
    this.offset = grownFloats(this.offset, capacity)
    this.timestamp = grownFloats(this.timestamp, capacity)
  }
}

function grownInts(column: Int32Array<ArrayBuffer>, capacity: number): Int32Array<ArrayBuffer> {
  const grown = new Int32Array(capacity)
  grown.set(column)
  return grown
}

function grownFloats(column: Float64Array<ArrayBuffer>, capacity: number): Float64Array<ArrayBuffer> {
  const grown = new Float64Array(capacity)
  grown.set(column)
  return grown
}

/** The writer may use its buffer again. */
function copyOf(header: Header): Header {
  return { name: header.name, value: header.value === null ? null : Uint8Array.from(header.value) }
}
