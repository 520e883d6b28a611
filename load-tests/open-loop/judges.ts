/** Which event an assignment is of, and whether it is the only one of it. */
import { AvroReader } from '../../src/core/codec/avro-reader.ts'
import type { RecordBatch } from '../../src/stages/records.ts'
import { wireHeaderBytes } from '../../src/stages/wire-format.ts'

/** By whole events, over all partitions. */
export interface Judged {
  readonly seen: number
  /** Passed over: the assignment of a later event came first. Where order is not judged, none. */
  readonly lost: number
  /** Of an event that had one before, or that a later one came before. */
  readonly twice: number
}

export interface Judge {
  readonly judged: Judged
  /** The number of the event among those that were sent; null: it has had its assignment. */
  eventOf(batch: RecordBatch, i: number): number | null
}

/**
 * By the offset that an assignment of Shoal names: order is judged too, and nothing is kept, so it may go on for ever.
 * `firstOffsets`: of the next event of each input partition, to which events go in turn; outputs lie in partitions as inputs do.
 */
export function judgedByOffset(firstOffsets: readonly number[]): Judge {
  const next = [...firstOffsets]
  const judged = { seen: 0, lost: 0, twice: 0 }
  return {
    judged,
    eventOf(batch, i) {
      const { partition } = batch
      const offset = sourceOffset(batch, i)
      if (offset < next[partition]) {
        judged.twice++
        return null
      }
      judged.lost += offset - next[partition]
      next[partition] = offset + 1
      judged.seen++
      return firstOffsets.length * (offset - firstOffsets[partition]) + partition
    },
  }
}

/** An assignment begins with the event's id, and its partition and offset in the input. */
function sourceOffset(batch: RecordBatch, i: number): number {
  const start = batch.valueStart[i]
  const reader = new AvroReader(batch.bytes, start + wireHeaderBytes, start + batch.valueLength[i])
  reader.bytes()
  reader.int()
  const offset = reader.long()
  if (reader.failed) throw new Error(`an assignment must be one: got ${batch.valueLength[i]} bytes that are none`)
  return offset
}

/** An id is a text of fixed length that ends with so many digits; Avro has its length before it. */
const [idBytes, idDigits] = [15, 12]
const zero = 0x30

/** Writes the number into the id that the event begins with, which must have `idBytes`. */
export function numbered(value: Buffer, event: number): void {
  let rest = event
  for (let at = idBytes; at > idBytes - idDigits; at--) {
    value[at] = zero + (rest % 10)
    rest = Math.floor(rest / 10)
  }
}

/** By the id that any assignment begins with, of events that are numbered so, whatever partition it lies in. It keeps a byte an event. */
export function judgedById(headerBytes: number): Judge {
  let known = new Uint8Array(1 << 20)
  const judged = { seen: 0, lost: 0, twice: 0 }
  return {
    judged,
    eventOf(batch, i) {
      const start = batch.valueStart[i] + headerBytes
      if (batch.bytes[start] !== 2 * idBytes)
        throw new Error(
          `an assignment must begin with an id of ${idBytes} letters: its length is ${batch.bytes[start]}`,
        )
      let event = 0
      for (let at = idBytes - idDigits + 1; at <= idBytes; at++) event = 10 * event + batch.bytes[start + at] - zero
      if (event >= known.length) {
        const grown = new Uint8Array(2 * Math.max(event, known.length))
        grown.set(known)
        known = grown
      }
      if (known[event] === 1) {
        judged.twice++
        return null
      }
      known[event] = 1
      judged.seen++
      return event
    },
  }
}
