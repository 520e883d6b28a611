/** Avro's binary encoding for Shoal's own records (model, model update, …), whose schemas the code knows. */
import { isUtf8 } from '../fields/utf8.ts'
import { maxVarlongBytes, varlongSize, writeVarlong } from './varlong.ts'

/** Doubles are little-endian in Avro; where the machine is too, an array of them is one copy. */
const littleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1
const utf8Encoder = new TextEncoder()
const utf8Decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** Writes values one after another, in the order of the schema's fields, into a buffer that grows. */
export class AvroWriter {
  private buffer: Uint8Array
  private view: DataView
  private at = 0

  constructor(capacity = 1024) {
    this.buffer = new Uint8Array(capacity)
    this.view = new DataView(this.buffer.buffer)
  }

  /** Bytes written so far. */
  get length(): number {
    return this.at
  }

  /** What has been written: a view, valid until the next write. */
  written(): Uint8Array {
    return this.buffer.subarray(0, this.at)
  }

  /** Starts again from nothing, keeping the memory. */
  reset(): void {
    this.at = 0
  }

  boolean(value: boolean): void {
    this.reserve(1)
    this.buffer[this.at++] = value ? 1 : 0
  }

  /** An `int`, an enum's symbol or a union's branch: a signed 32-bit integer. */
  int(value: number): void {
    if (value !== (value | 0)) throw new RangeError(`An Avro int must be a 32-bit integer: got ${value}`)
    this.varlong(value)
  }

  /** A `long` that JavaScript can hold: a safe integer. */
  long(value: number): void {
    if (!Number.isSafeInteger(value)) throw new RangeError(`An Avro long must be a safe integer: got ${value}`)
    this.varlong(value)
  }

  float(value: number): void {
    this.reserve(4)
    this.view.setFloat32(this.at, value, true)
    this.at += 4
  }

  double(value: number): void {
    this.reserve(8)
    this.view.setFloat64(this.at, value, true)
    this.at += 8
  }

  /** UTF-8; a lone surrogate becomes U+FFFD. */
  string(value: string): void {
    this.bytes(utf8Encoder.encode(value))
  }

  bytes(value: Uint8Array): void {
    this.varlong(value.length)
    this.fixed(value)
  }

  /** Bytes without a length: the schema says how many. */
  fixed(value: Uint8Array): void {
    this.reserve(value.length)
    this.buffer.set(value, this.at)
    this.at += value.length
  }

  /** The branch of a union, counted from 0; its value follows. */
  union(branch: number): void {
    this.int(branch)
  }

  /** Announces `count` items of an array or map, all of them: the items follow, then `arrayEnd`. */
  arrayBegin(count: number): void {
    if (count > 0) this.varlong(count)
  }

  arrayEnd(): void {
    this.varlong(0)
  }

  /** A whole `array<double>`, as one block. */
  doubles(values: Float64Array): void {
    this.arrayBegin(values.length)
    if (littleEndian) this.fixed(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
    else for (const value of values) this.double(value)
    this.arrayEnd()
  }

  /** A whole `array<float>`, as one block. */
  floats(values: Float32Array): void {
    this.arrayBegin(values.length)
    if (littleEndian) this.fixed(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
    else for (const value of values) this.float(value)
    this.arrayEnd()
  }

  private varlong(value: number): void {
    this.reserve(maxVarlongBytes)
    this.at = writeVarlong(this.buffer, this.at, value)
  }

  private reserve(size: number): void {
    const needed = this.at + size
    if (needed <= this.buffer.length) return
    const grown = new Uint8Array(Math.max(this.buffer.length * 2, needed))
    grown.set(this.buffer.subarray(0, this.at))
    this.buffer = grown
    this.view = new DataView(grown.buffer)
  }
}

/** Bytes that a whole `array<double>` of `count` values takes, as `AvroWriter.doubles` writes it. */
export function doublesSize(count: number): number {
  return count === 0 ? 1 : varlongSize(count) + count * 8 + 1
}

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
    this.view = new DataView(source.buffer, source.byteOffset, source.byteLength)
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

  /** The branch of a union of `branches`. */
  union(branches: number): number {
    const branch = this.long()
    if (branch >= 0 && branch < branches) return branch
    this.fail()
    return 0
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

  /** A whole `array<double>`, copied; of exactly `count` values when that is given. */
  doubles(count?: number): Float64Array {
    const values = new Float64Array(this.arrayLength(8, count))
    let filled = 0
    for (let block = this.arrayBlock(8); block > 0; block = this.arrayBlock(8)) {
      this.copyDoubles(values, filled, block)
      filled += block
    }
    return values
  }

  /** A whole `array<float>`, copied; of exactly `count` values when that is given. */
  floats(count?: number): Float32Array {
    const values = new Float32Array(this.arrayLength(4, count))
    let filled = 0
    for (let block = this.arrayBlock(4); block > 0; block = this.arrayBlock(4)) {
      if (littleEndian) new Uint8Array(values.buffer).set(this.fixed(block * 4), filled * 4)
      else for (let i = filled; i < filled + block; i++) values[i] = this.float()
      filled += block
    }
    return values
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

  private copyDoubles(values: Float64Array, from: number, count: number): void {
    if (littleEndian) new Uint8Array(values.buffer).set(this.fixed(count * 8), from * 8)
    else for (let i = from; i < from + count; i++) values[i] = this.double()
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
