/** Reads Avro's binary encoding of Shoal's own records. */

import { isUtf8 } from '../fields/utf8.ts'
import { littleEndian } from './byte-order.ts'
import { viewOf } from './view-of.ts'

const utf8Decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/**
 * Reads what `AvroWriter` (or any Avro encoder) wrote. Bytes that cannot be the value make `failed` true for good; every
 * read after that gives 0, false, '' or nothing, so a decoder checks once, at its end. No length or count in the
 * bytes can make it allocate, or loop over, more than the bytes themselves.
 */
export class AvroReader {
  failed = false
  private readonly source: Uint8Array
  private readonly view: DataView
  private readonly end: number
  private at: number

  /** Reads `source` in [from, to). */
  constructor(source: Uint8Array, from = 0, to = source.length) {
    this.source = source
    this.view = viewOf(source)
    this.at = from
    this.end = to
  }

  /** Nothing failed, and nothing is left. */
  get complete(): boolean {
    return !this.failed && this.at === this.end
  }

  /** Where the next read starts, in `source`. */
  get position(): number {
    return this.at
  }

  /** For a decoder that finds a value that cannot be. */
  fail(): void {
    this.failed = true
    this.at = this.end
  }

  boolean(): boolean {
    if (!this.has(1)) return false
    const byte = this.source[this.at++]
    if (byte > 1) this.fail()
    return byte === 1
  }

  /** A signed 32-bit integer. */
  int(): number {
    const value = this.long()
    if (value === (value | 0)) return value
    this.fail()
    return 0
  }

  /** A safe integer; a `long` beyond ±(2^53 − 1) fails. */
  long(): number {
    if (!this.has(1)) return 0
    const first = this.source[this.at++]
    let magnitude = (first & 127) >>> 1
    let scale = 64
    let byte = first
    while (byte > 127) {
      // A safe integer takes at most 8 bytes, since 2^53 · 2 < 2^56; more (or a longer form of a small one) fails.
      if (scale > 2 ** 48 || !this.has(1)) return this.failedNumber()
      byte = this.source[this.at++]
      magnitude += (byte & 127) * scale
      scale *= 128
    }
    if (magnitude > Number.MAX_SAFE_INTEGER) return this.failedNumber()
    const value = first & 1 ? -magnitude - 1 : magnitude
    return Number.isSafeInteger(value) ? value : this.failedNumber()
  }

  float(): number {
    if (!this.has(4)) return 0
    const value = this.view.getFloat32(this.at, true)
    this.at += 4
    return value
  }

  double(): number {
    if (!this.has(8)) return 0
    const value = this.view.getFloat64(this.at, true)
    this.at += 8
    return value
  }

  /** UTF-8; what is not UTF-8 fails. */
  string(): string {
    const bytes = this.bytes()
    if (isUtf8(bytes, 0, bytes.length)) return utf8Decoder.decode(bytes)
    this.fail()
    return ''
  }

  /** A view of the source, not a copy. */
  bytes(): Uint8Array {
    return this.fixed(this.long())
  }

  /** `length` bytes: a view of the source, not a copy. */
  fixed(length: number): Uint8Array {
    if (length < 0 || !this.has(length)) {
      this.fail()
      return this.source.subarray(this.end, this.end)
    }
    const start = this.at
    this.at += length
    return this.source.subarray(start, this.at)
  }

  /** One of all symbols that there are, by its place among them. */
  symbol<T>(symbols: readonly T[]): T {
    const index = this.int()
    if (index >= 0 && index < symbols.length) return symbols[index]
    this.fail()
    return symbols[0]
  }

  /** The branch of a union of `branches`. */
  union(branches: number): number {
    const branch = this.long()
    if (branch >= 0 && branch < branches) return branch
    this.fail()
    return 0
  }

  /** A union of null and what `read` reads. */
  orNull<T>(read: (reader: AvroReader) => T): T | null {
    return this.union(2) === 0 ? null : read(this)
  }

  /**
   * How many items of an array or map come next; 0 at its end. Call it until it gives 0, reading that many items each
   * time. `itemBytes`: the fewest bytes that an item takes, at least 1; more items than could be there fail.
   */
  arrayBlock(itemBytes: number): number {
    let count = this.long()
    if (count < 0) {
      // A negative count says that the block's size in bytes follows, for readers that skip it.
      count = -count
      this.long()
    }
    if (count <= (this.end - this.at) / itemBytes) return count
    this.fail()
    return 0
  }

  /** A whole array of what `read` reads; `itemBytes` as for `arrayBlock`. */
  array<T>(itemBytes: number, read: (reader: AvroReader) => T): T[] {
    const items: T[] = []
    for (let n = this.arrayBlock(itemBytes); n > 0; n = this.arrayBlock(itemBytes)) {
      for (let i = 0; i < n; i++) items.push(read(this))
    }
    return items
  }

  /** A value that need not be there: what an array of none or one holds, or null. More than one fails. */
  noneOrOne<T>(itemBytes: number, read: (reader: AvroReader) => T): T | null {
    const items = this.array(itemBytes, read)
    if (items.length > 1) this.fail()
    return items.length === 0 ? null : items[0]
  }

  /** A whole `array<long>`; of exactly `count` values when that is given. */
  longs(count?: number): Float64Array {
    let values = new Float64Array(0)
    let length = 0
    for (let n = this.arrayBlock(1); n > 0; n = this.arrayBlock(1)) {
      if (length + n > values.length) values = enlarged(values, Math.max(length + n, 2 * values.length))
      for (let i = 0; i < n; i++) values[length++] = this.long()
    }
    if (count !== undefined && length !== count) this.fail()
    return length === values.length ? values : values.slice(0, length)
  }

  /** A whole `array<double>`, copied; of exactly `count` values when that is given. */
  doubles(count?: number): Float64Array {
    return this.filled(new Float64Array(this.arrayLength(8, count)))
  }

  /** A whole `array<float>`, copied; of exactly `count` values when that is given. */
  floats(count?: number): Float32Array {
    return this.filled(new Float32Array(this.arrayLength(4, count)))
  }

  /** Items of the array that begins here, without moving on; 0 when it cannot be read, or has not as many as are expected. */
  private arrayLength(itemBytes: number, expected: number | undefined): number {
    const start = this.at
    let total = 0
    for (let block = this.arrayBlock(itemBytes); block > 0; block = this.arrayBlock(itemBytes)) {
      this.fixed(block * itemBytes)
      total += block
    }
    if (expected !== undefined && total !== expected) this.fail()
    if (this.failed) return 0
    this.at = start
    return total
  }

  /** Reads an array of as many numbers as `values` (OUT) has room for. */
  private filled<T extends Float32Array | Float64Array>(values: T): T {
    const itemBytes = values.BYTES_PER_ELEMENT
    let filled = 0
    for (let n = this.arrayBlock(itemBytes); n > 0; n = this.arrayBlock(itemBytes)) {
      if (littleEndian) new Uint8Array(values.buffer).set(this.fixed(n * itemBytes), filled * itemBytes)
      else for (let i = filled; i < filled + n; i++) values[i] = itemBytes === 8 ? this.double() : this.float()
      filled += n
    }
    return values
  }

  private has(size: number): boolean {
    if (this.end - this.at >= size) return true
    this.fail()
    return false
  }

  private failedNumber(): number {
    this.fail()
    return 0
  }
}

function enlarged(values: Float64Array<ArrayBuffer>, length: number): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(length)
  larger.set(values)
  return larger
}
