/** Records of one partition in columns, as a fetch left them, and the slices of them that a reader is given. */
import { ShoalError } from '../../runtime/errors.ts'
import type { Header, RecordBatch } from '../../stages/records.ts'
import type { Lease } from './answer-memory.ts'
import { VarintReader } from './varint.ts'

/** In all columns. */
const recordBytes = 2 * 8 + 4 * 4

/** Growing columns; `count` is how many records they hold. */
export class RecordColumns {
  count = 0
  keyStart: Int32Array
  keyLength: Int32Array
  valueStart: Int32Array
  valueLength: Int32Array
  offset: Float64Array
  timestamp: Float64Array

  /** `take` gives the memory that they lie in; what is in it does not matter. */
  constructor(capacity: number, take: (bytes: number) => Buffer = Buffer.allocUnsafeSlow) {
    const { buffer, byteOffset } = take(capacity * recordBytes)
    const wide = (column: number) => new Float64Array(buffer, byteOffset + 8 * column * capacity, capacity)
    const narrow = (column: number) => new Int32Array(buffer, byteOffset + (16 + 4 * column) * capacity, capacity)
    this.offset = wide(0)
    this.timestamp = wide(1)
    this.keyStart = narrow(0)
    this.keyLength = narrow(1)
    this.valueStart = narrow(2)
    this.valueLength = narrow(3)
  }

  /** Memory that they take. */
  get bytes(): number {
    return this.offset.length * recordBytes
  }

  /** Makes room for `more` records. */
  room(more: number): void {
    const needed = this.count + more
    if (needed <= this.keyStart.length) return
    const larger = new RecordColumns(Math.max(needed, this.keyStart.length * 2))
    larger.keyStart.set(this.keyStart)
    larger.keyLength.set(this.keyLength)
    larger.valueStart.set(this.valueStart)
    larger.valueLength.set(this.valueLength)
    larger.offset.set(this.offset)
    larger.timestamp.set(this.timestamp)
    this.keyStart = larger.keyStart
    this.keyLength = larger.keyLength
    this.valueStart = larger.valueStart
    this.valueLength = larger.valueLength
    this.offset = larger.offset
    this.timestamp = larger.timestamp
  }
}

/** A range of columns: views, no copies. */
export class ColumnBatch implements RecordBatch {
  readonly partition: number
  readonly count: number
  readonly fromOffset: number
  readonly nextOffset: number
  readonly bytes: Buffer
  readonly view: DataView
  readonly keyStart: Int32Array
  readonly keyLength: Int32Array
  readonly valueStart: Int32Array
  readonly valueLength: Int32Array
  readonly offset: Float64Array
  readonly timestamp: Float64Array
  /** On the memory of `bytes`, until it is released. */
  #lease: Lease | null

  constructor(
    partition: number,
    bytes: Buffer,
    view: DataView,
    columns: RecordColumns,
    from: number,
    to: number,
    fromOffset: number,
    nextOffset: number,
    lease: Lease | null,
  ) {
    this.partition = partition
    this.count = to - from
    this.fromOffset = fromOffset
    this.nextOffset = nextOffset
    this.bytes = bytes
    this.view = view
    this.keyStart = columns.keyStart.subarray(from, to)
    this.keyLength = columns.keyLength.subarray(from, to)
    this.valueStart = columns.valueStart.subarray(from, to)
    this.valueLength = columns.valueLength.subarray(from, to)
    this.offset = columns.offset.subarray(from, to)
    this.timestamp = columns.timestamp.subarray(from, to)
    this.#lease = lease
    lease?.take()
  }

  release(): void {
    this.#lease?.end()
    this.#lease = null
  }

  headers(index: number): readonly Header[] {
    const headers: Header[] = []
    readHeaders(this.bytes, this.#headersAt(index), this.bytes.length, (name, nameEnd, value, valueLength) => {
      headers.push({
        name: this.bytes.toString('utf8', name, nameEnd),
        value: valueLength < 0 ? null : this.bytes.subarray(value, value + valueLength),
      })
    })
    return headers
  }

  headerCount(index: number): number {
    const varint = new VarintReader()
    varint.at = this.#headersAt(index)
    return varint.int(this.bytes, this.bytes.length)
  }

  #headersAt(index: number): number {
    if (!(index >= 0 && index < this.count))
      throw new RangeError(`a record of this batch is 0 to ${this.count - 1}: got ${index}`)
    return this.valueStart[index] + Math.max(0, this.valueLength[index])
  }
}

/**
 * Walks the headers that begin at `at` and must end at or before `end`; returns where they end. What a header
 * claims is checked before it is used, so hostile lengths are `log.corrupt`.
 */
export function readHeaders(
  bytes: Uint8Array,
  at: number,
  end: number,
  found?: (name: number, nameEnd: number, value: number, valueLength: number) => void,
): number {
  const varint = new VarintReader()
  varint.at = at
  const count = varint.int(bytes, end)
  // A header takes two bytes at least.
  if (count < 0 || count > (end - varint.at) / 2) badHeaders(`${count} headers`, at)
  for (let i = 0; i < count; i++) {
    const nameLength = varint.int(bytes, end)
    const name = varint.at
    if (nameLength < 0 || nameLength > end - name) badHeaders(`a name of ${nameLength} bytes`, name)
    varint.at = name + nameLength
    const valueLength = varint.int(bytes, end)
    const value = varint.at
    if (valueLength < -1 || valueLength > end - value) badHeaders(`a value of ${valueLength} bytes`, value)
    if (valueLength > 0) varint.at = value + valueLength
    found?.(name, name + nameLength, value, valueLength)
  }
  return varint.at
}

function badHeaders(what: string, at: number): never {
  throw new ShoalError('log.corrupt', `headers must lie within their record: ${what} at byte ${at}`)
}
