/**
 * Zigzag varints of the record format. A reader's one-byte case is written out where speed matters (it is nearly
 * all of them); this is the rest, with the bounds that hostile bytes run into.
 */
import { ShoalError } from '../../runtime/errors.ts'

/** Reads varints and keeps its place. `at` is IN and OUT; `end` is the first byte that may not be read. */
export class VarintReader {
  at = 0

  /** 32 bits, at most five bytes. */
  int(bytes: Uint8Array, end: number): number {
    let at = this.at
    let value = 0
    for (let shift = 0; shift < 35; shift += 7) {
      if (at >= end) return beyond(at)
      const byte = bytes[at++]
      value |= (byte & 127) << shift
      if (byte < 128) {
        this.at = at
        return (value >>> 1) ^ -(value & 1)
      }
    }
    return tooLong(at)
  }

  /** 64 bits, at most ten bytes, as the nearest double: exact up to 2^53. The sign is the lowest bit, so it is taken first. */
  long(bytes: Uint8Array, end: number): number {
    let at = this.at
    let sign = 0
    let magnitude = 0
    let unit = 0.5
    for (let read = 0; read < 10; read++) {
      if (at >= end) return beyond(at)
      const byte = bytes[at++]
      if (read === 0) sign = byte & 1
      magnitude += ((byte & 127) - (read === 0 ? sign : 0)) * unit
      if (byte < 128) {
        this.at = at
        return sign === 0 ? magnitude : -magnitude - 1
      }
      unit *= 128
    }
    return tooLong(at)
  }
}

function beyond(at: number): never {
  throw new ShoalError('log.corrupt', `a varint must end within its record: byte ${at} lies beyond`)
}

function tooLong(at: number): never {
  throw new ShoalError('log.corrupt', `a varint must not go on for ever: byte ${at} still does`)
}

/** As `varlongSize` and `writeVarlong`, of 32 bits: an assignment has five, and they take 25 ns less than with those. */
export function varintBytes(value: number): number {
  const bits = 32 - Math.clz32(((value << 1) ^ (value >> 31)) | 1)
  // As many sevens as hold them: 37 / 256 is near enough to a seventh.
  return ((bits + 6) * 37) >>> 8
}

/** Writes at `at`, returns where the next byte goes. The caller has made room. */
export function writeVarint(bytes: Uint8Array, at: number, value: number): number {
  let zigzag = ((value << 1) ^ (value >> 31)) >>> 0
  if (zigzag < 0x80) {
    bytes[at] = zigzag
    return at + 1
  }
  if (zigzag < 0x4000) {
    bytes[at] = zigzag | 0x80
    bytes[at + 1] = zigzag >>> 7
    return at + 2
  }
  let to = at
  while (zigzag > 127) {
    bytes[to++] = (zigzag & 127) | 128
    zigzag >>>= 7
  }
  bytes[to++] = zigzag
  return to
}
