/** Avro's binary encoding for Shoal's own records (model, model update, …), whose schemas the code knows. */
import { littleEndian } from './byte-order.ts'
import { maxVarlongBytes, writeVarlong } from './varlong.ts'

const utf8Encoder = new TextEncoder()

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

  /** A symbol as its place among all that there are, from 0. */
  symbol<T>(symbols: readonly T[], symbol: T): void {
    this.int(symbols.indexOf(symbol))
  }

  /** The branch of a union, counted from 0; its value follows. */
  union(branch: number): void {
    this.int(branch)
  }

  /** A union of null and what `write` writes. */
  orNull<T>(value: T | null, write: (writer: AvroWriter, value: T) => void): void {
    this.union(value === null ? 0 : 1)
    if (value !== null) write(this, value)
  }

  /** A whole array, as one block. */
  array<T>(items: readonly T[], write: (writer: AvroWriter, item: T) => void): void {
    this.arrayBegin(items.length)
    for (const item of items) write(this, item)
    this.arrayEnd()
  }

  /** A value that need not be there, as an array of none or one. */
  noneOrOne<T>(value: T | null, write: (writer: AvroWriter, value: T) => void): void {
    this.array(value === null ? [] : [value], write)
  }

  /** Announces `count` items of an array or map, all of them: the items follow, then `arrayEnd`. */
  arrayBegin(count: number): void {
    if (count > 0) this.varlong(count)
  }

  arrayEnd(): void {
    this.varlong(0)
  }

  /** A whole `array<long>`, as one block. */
  longs(values: Float64Array): void {
    this.arrayBegin(values.length)
    for (const value of values) this.long(value)
    this.arrayEnd()
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
