/** Kafka's primitive types, as requests and responses carry them (big-endian; protocol guide, "Protocol Primitive Types"). */
import { ShoalError } from '../../runtime/errors.ts'

const maxUvarintBytes = 5

/** Writes a request. `flexible` says which of the protocol's two notations strings, arrays and tags take. */
export class Writer {
  readonly flexible: boolean
  #bytes: Buffer
  #at = 0

  constructor(flexible: boolean, capacity = 256) {
    this.flexible = flexible
    this.#bytes = Buffer.allocUnsafe(capacity)
  }

  get length(): number {
    return this.#at
  }

  int8(value: number): this {
    this.#room(1)
    this.#at = this.#bytes.writeInt8(value, this.#at)
    return this
  }

  int16(value: number): this {
    this.#room(2)
    this.#at = this.#bytes.writeInt16BE(value, this.#at)
    return this
  }

  int32(value: number): this {
    this.#room(4)
    this.#at = this.#bytes.writeInt32BE(value, this.#at)
    return this
  }

  int64(value: number | bigint): this {
    this.#room(8)
    this.#at = this.#bytes.writeBigInt64BE(BigInt(value), this.#at)
    return this
  }

  uvarint(value: number): this {
    this.#room(maxUvarintBytes)
    let rest = value
    while (rest > 127) {
      this.#bytes[this.#at++] = (rest & 127) | 128
      rest >>>= 7
    }
    this.#bytes[this.#at++] = rest
    return this
  }

  string(value: string | null): this {
    const length = value === null ? -1 : Buffer.byteLength(value)
    if (this.flexible) this.uvarint(length + 1)
    else this.int16(length)
    if (value !== null) {
      this.#room(length)
      this.#at += this.#bytes.write(value, this.#at)
    }
    return this
  }

  /** The length of an array whose elements follow. */
  array(length: number): this {
    return this.flexible ? this.uvarint(length + 1) : this.int32(length)
  }

  /** The length of a `records` field whose bytes follow. */
  bytesLength(length: number): this {
    return this.array(length)
  }

  bytes(value: Uint8Array): this {
    this.bytesLength(value.length)
    this.#room(value.length)
    this.#bytes.set(value, this.#at)
    this.#at += value.length
    return this
  }

  /** An empty tag section; nothing in the old notation. */
  tags(): this {
    return this.flexible ? this.uvarint(0) : this
  }

  /** What has been written from `from` on: a view, valid until the next write. */
  view(from = 0): Buffer {
    return this.#bytes.subarray(from, this.#at)
  }

  setInt32(at: number, value: number): void {
    this.#bytes.writeInt32BE(value, at)
  }

  #room(needed: number): void {
    if (this.#at + needed <= this.#bytes.length) return
    const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#at + needed))
    this.#bytes.copy(larger, 0, 0, this.#at)
    this.#bytes = larger
  }
}

/** Reads a response. A length that reaches beyond the response is `log.corrupt`, never a read out of bounds. */
export class Reader {
  readonly bytes: Buffer
  readonly flexible: boolean
  at = 0

  constructor(bytes: Buffer, flexible: boolean) {
    this.bytes = bytes
    this.flexible = flexible
  }

  int8(): number {
    const at = this.#take(1)
    return this.bytes.readInt8(at)
  }

  int16(): number {
    const at = this.#take(2)
    return this.bytes.readInt16BE(at)
  }

  int32(): number {
    const at = this.#take(4)
    return this.bytes.readInt32BE(at)
  }

  int64(): bigint {
    const at = this.#take(8)
    return this.bytes.readBigInt64BE(at)
  }

  /** An int64 that the protocol keeps below 2^53: offsets and times. */
  number64(): number {
    const at = this.#take(8)
    return this.bytes.readInt32BE(at) * 4294967296 + this.bytes.readUInt32BE(at + 4)
  }

  uvarint(): number {
    let value = 0
    for (let shift = 0; shift < maxUvarintBytes * 7; shift += 7) {
      const byte = this.bytes[this.#take(1)]
      value |= (byte & 127) << shift
      if (byte < 128) return value >>> 0
    }
    throw new ShoalError(
      'log.corrupt',
      `a length in a response must be at most ${maxUvarintBytes} bytes long: it goes on at byte ${this.at}`,
    )
  }

  string(): string | null {
    const length = this.flexible ? this.uvarint() - 1 : this.int16()
    if (length < 0) return null
    const at = this.#take(length)
    return this.bytes.toString('utf8', at, at + length)
  }

  array<T>(element: (reader: this) => T): T[] {
    const length = this.flexible ? this.uvarint() - 1 : this.int32()
    if (length > this.bytes.length - this.at) this.#beyond(length)
    const elements: T[] = []
    for (let i = 0; i < length; i++) elements.push(element(this))
    return elements
  }

  /** Where a `bytes` field lies, -1 for null; the reader moves past it. */
  bytesField(): { readonly start: number; readonly end: number } {
    const length = Math.max(0, this.flexible ? this.uvarint() - 1 : this.int32())
    const start = this.#take(length)
    return { start, end: start + length }
  }

  /** A `bytes` field that outlives the response; empty for null. */
  bytesValue(): Buffer {
    const { start, end } = this.bytesField()
    return Buffer.from(this.bytes.subarray(start, end))
  }

  /** A tag section; `tagged` reads those that it knows, what it leaves is passed over. */
  tags(tagged?: (tag: number, reader: this) => void): void {
    if (!this.flexible) return
    const count = this.uvarint()
    for (let i = 0; i < count; i++) {
      const tag = this.uvarint()
      const length = this.uvarint()
      const end = this.#take(length) + length
      if (tagged !== undefined) {
        this.at = end - length
        tagged(tag, this)
      }
      this.at = end
    }
  }

  #take(length: number): number {
    const at = this.at
    if (length > this.bytes.length - at) this.#beyond(length)
    this.at = at + length
    return at
  }

  #beyond(length: number): never {
    const left = this.bytes.length - this.at
    throw new ShoalError(
      'log.corrupt',
      `a field of a response must lie within it: ${length} bytes at byte ${this.at}, where ${left} are left`,
    )
  }
}
