/** Puts the answers of a broker together where they are kept: each in memory of its own, with no copy in between. */

import type { AnswerMemory } from './answer-memory.ts'

const lengthBytes = 4
/** An answer begins with the number of its request. The largest is a fetch's: its limit, and one batch above that. */
const leastBytes = 4
const mostBytes = 512 * 1024 * 1024

/** As `net` and `tls` take it: instead of a stream of pieces, each of which would be memory to collect. */
export interface ReadInto {
  readonly buffer: Uint8Array
  readonly callback: (bytes: number, buffer: Uint8Array) => boolean
}

/**
 * Reads frames: a length of four bytes, then as many (protocol guide, "Common Request and Response Structure"). All readers
 * may be given the same `buffer`, because what has come is dealt with before anything else is read. `whole` is given each
 * frame with its length, in what `memory` gave; `broken` once, when a length is none, and nothing is read after it.
 */
export function readFrames(
  buffer: Buffer,
  memory: Pick<AnswerMemory, 'take'>,
  whole: (frame: Buffer) => void,
  broken: (why: Error) => void,
): ReadInto {
  const length = Buffer.alloc(lengthBytes)
  let lengthRead = 0
  let frame: Buffer | null = null
  let frameRead = 0
  let isBroken = false

  /** Takes what it can of [at, end) of `from` for the length; returns where it stopped. */
  function readLength(from: Buffer, at: number, end: number): number {
    const taken = Math.min(lengthBytes - lengthRead, end - at)
    from.copy(length, lengthRead, at, at + taken)
    lengthRead += taken
    if (lengthRead < lengthBytes) return end
    const said = length.readInt32BE(0)
    if (said < leastBytes || said > mostBytes) {
      isBroken = true
      broken(new Error(`the length of an answer must be ${leastBytes} to ${mostBytes} bytes: got ${said}`))
      return end
    }
    lengthRead = 0
    frame = memory.take(lengthBytes + said)
    length.copy(frame)
    frameRead = lengthBytes
    return at + taken
  }

  function readRest(into: Buffer, from: Buffer, at: number, end: number): number {
    const taken = Math.min(into.length - frameRead, end - at)
    from.copy(into, frameRead, at, at + taken)
    frameRead += taken
    if (frameRead === into.length) {
      frame = null
      whole(into)
    }
    return at + taken
  }

  return {
    buffer,
    callback: (bytes) => {
      for (let at = 0; at < bytes && !isBroken; ) {
        at = frame === null ? readLength(buffer, at, bytes) : at
        if (frame !== null) at = readRest(frame, buffer, at, bytes)
      }
      return true
    },
  }
}
