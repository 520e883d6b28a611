/** Where reading one Avro value has got to, and where its wanted fields go. Every read is checked against the value's end. */
import { type EventBytes, FieldColumns, FieldKind } from '../fields/fields.ts'
import { reasonCode } from '../fields/invalid.ts'
import { longOf } from './avro-words.ts'

/** Reads or skips one value at the cursor. Compiled from a schema, run once per event. */
export type AvroStep = (cursor: AvroCursor) => void

/** Containers inside containers, the value itself included. */
export const maxDepth = 64

/**
 * One for all events of a projection: nothing is allocated per event. A value that cannot be read sets `reason`;
 * the cursor is then at the end, so that what is still called finds nothing to read.
 */
export class AvroCursor {
  at = 0
  end = 0
  /** 0, or the code of the first thing that is wrong with the event. */
  reason = 0
  /** Counts calls of `open`: what was put into the arena belongs to one of them. */
  round = 0
  view: DataView = new DataView(new ArrayBuffer(0))
  bytes: Uint8Array = new Uint8Array(0)
  /** The first of the event's slots. */
  slot = 0
  kind: Uint8Array
  numbers: Float64Array
  starts: Int32Array
  lengths: Int32Array
  private columns: FieldColumns = new FieldColumns(0, 0)
  private depth = 0

  constructor() {
    this.kind = this.columns.kind
    this.numbers = this.columns.number
    this.starts = this.columns.start
    this.lengths = this.columns.length
  }

  /** Events come from `events` now, and go into `columns`. */
  open(events: EventBytes, columns: FieldColumns): void {
    this.round++
    this.bytes = events.bytes
    this.view = events.view
    this.columns = columns
    this.kind = columns.kind
    this.numbers = columns.number
    this.starts = columns.start
    this.lengths = columns.length
  }

  /** Reads a value at [at, end) into the slots of event `event`, and gives its reason. */
  read(step: AvroStep, at: number, end: number, event: number): number {
    this.begin(at, end, event)
    step(this)
    if (this.at !== end) this.fail(reasonCode.malformed)
    return this.reason
  }

  /** Stands before a value at [at, end), which goes into the slots of event `event`. */
  begin(at: number, end: number, event: number): void {
    this.at = at
    this.end = end
    this.slot = event * this.columns.fields
    this.reason = 0
  }

  /** Runs a step inside of so many containers that nobody has entered. */
  runAt(depth: number, step: AvroStep): void {
    this.depth = depth
    step(this)
    this.depth = 0
  }

  fail(reason: number): void {
    if (this.reason === 0) this.reason = reason
    this.at = this.end
  }

  /** Each `enter` has its `leave`, also when the value turns out to be unreadable in between. */
  enter(): void {
    if (++this.depth > maxDepth) this.fail(reasonCode.too_deep)
  }

  leave(): void {
    this.depth--
  }

  isMissing(field: number): boolean {
    return this.kind[this.slot + field] === FieldKind.missing
  }

  putNumber(field: number, value: number): void {
    if (!Number.isFinite(value)) {
      this.fail(reasonCode.not_finite)
      return
    }
    this.kind[this.slot + field] = FieldKind.number
    this.numbers[this.slot + field] = value
  }

  /** Milliseconds of a type that says so. */
  putTime(field: number, ms: number): void {
    this.kind[this.slot + field] = FieldKind.milliseconds
    this.numbers[this.slot + field] = ms
  }

  putBoolean(field: number, value: number): void {
    this.kind[this.slot + field] = FieldKind.boolean
    this.numbers[this.slot + field] = value
  }

  putText(field: number, start: number, length: number): void {
    this.put(FieldKind.text, field, start, length)
  }

  putArenaText(field: number, start: number, length: number): void {
    this.put(FieldKind.arenaText, field, start, length)
  }

  /** Copies bytes into the arena and says where they are. */
  toArena(bytes: Uint8Array): number {
    const columns = this.columns
    columns.reserveArena(bytes.length)
    const start = columns.arenaUsed
    columns.arena.set(bytes, start)
    columns.arenaUsed += bytes.length
    return start
  }

  advance(size: number): void {
    if (size > this.end - this.at) this.fail(reasonCode.malformed)
    else this.at += size
  }

  /** 0 or 1; any other byte is malformed. */
  boolean(): number {
    const at = this.at
    if (at < this.end && this.bytes[at] < 2) {
      this.at = at + 1
      return this.bytes[at]
    }
    this.fail(reasonCode.malformed)
    return 0
  }

  /** A signed 32-bit integer: an int, an enum's symbol, a union's branch. */
  int(): number {
    const at = this.at
    if (at < this.end && this.bytes[at] < 128) {
      this.at = at + 1
      return (this.bytes[at] >>> 1) ^ -(this.bytes[at] & 1)
    }
    return this.longerInt()
  }

  /** The double nearest to a signed 64-bit integer. */
  long(): number {
    const at = this.at
    if (at < this.end && this.bytes[at] < 128) {
      this.at = at + 1
      return (this.bytes[at] >>> 1) ^ -(this.bytes[at] & 1)
    }
    return this.longerLong()
  }

  /** A length in bytes, none of which lies beyond the end. */
  size(): number {
    const size = this.long()
    if (size >= 0 && size <= this.end - this.at) return size
    this.fail(reasonCode.malformed)
    return 0
  }

  /** Passes an int (`most` 5) or long (`most` 10). */
  skipVarint(most: number): void {
    const { bytes, end } = this
    const limit = Math.min(end, this.at + most)
    for (let at = this.at; at < limit; ) {
      if (bytes[at++] < 128) {
        this.at = at
        return
      }
    }
    this.fail(reasonCode.malformed)
  }

  private put(kind: number, field: number, start: number, length: number): void {
    const slot = this.slot + field
    this.kind[slot] = kind
    this.starts[slot] = start
    this.lengths[slot] = length
  }

  private longerInt(): number {
    const start = this.at
    this.skipVarint(5)
    if (this.reason !== 0) return 0
    const { bytes } = this
    // The fifth byte may add four bits to the 28 before it.
    if (this.at - start === 5 && bytes[start + 4] > 15) {
      this.fail(reasonCode.malformed)
      return 0
    }
    const zigzag = sevens(bytes, start, this.at)
    return (zigzag >>> 1) ^ -(zigzag & 1)
  }

  private longerLong(): number {
    const start = this.at
    this.skipVarint(10)
    if (this.reason !== 0) return 0
    const { bytes, at: end } = this
    // The tenth byte may add one bit to the 63 before it.
    if (end - start === 10 && bytes[start + 9] > 1) {
      this.fail(reasonCode.malformed)
      return 0
    }
    const low = sevens(bytes, start, Math.min(end, start + 4))
    const middle = sevens(bytes, start + 4, Math.min(end, start + 8))
    return longOf(low, middle, sevens(bytes, start + 8, end))
  }
}

/** Up to five bytes of seven bits, the low ones first. */
function sevens(bytes: Uint8Array, from: number, to: number): number {
  let value = 0
  for (let at = from, shift = 0; at < to; at++, shift += 7) value |= (bytes[at] & 127) << shift
  return value
}
