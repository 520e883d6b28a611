/** LZ4 frames. The library has no limit on what a frame may grow to, so the frame is measured first, without writing a byte. */
import { decompressFrameSync } from 'lz4-napi'
import { ShoalError } from '../../runtime/errors.ts'

const magic = 0x184d2204
const flag = { blockChecksum: 0x10, contentSize: 0x08, dictionary: 0x01 } as const
const storedBlock = 0x80000000
const leastMatch = 4

export function lz4Decompress(bytes: Buffer, maxBytes: number): Buffer {
  const length = frameContentBytes(bytes)
  if (length > maxBytes)
    throw new ShoalError('log.corrupt', `an lz4 batch must not grow beyond ${maxBytes} bytes: it grows to ${length}`)
  return decompressFrameSync(bytes)
}

/** How many bytes the frame's blocks decompress to (LZ4 Frame Format 1.6.1). */
function frameContentBytes(bytes: Buffer): number {
  if (bytes.length < 7 || bytes.readUInt32LE(0) !== magic) {
    throw new ShoalError('log.corrupt', 'an lz4 batch must begin with the frame magic: it does not')
  }
  const flags = bytes[4]
  let declared = 0
  if (flags & flag.contentSize) {
    if (bytes.length < 15) cutShort()
    // The library may believe this number, so it is held against the limit too.
    declared = Number(bytes.readBigUInt64LE(6))
  }
  let at = 7 + (flags & flag.contentSize ? 8 : 0) + (flags & flag.dictionary ? 4 : 0)
  let content = 0
  for (;;) {
    if (at + 4 > bytes.length) cutShort()
    const word = bytes.readUInt32LE(at)
    at += 4
    if (word === 0) return Math.max(content, declared)
    const length = word & ~storedBlock & 0x7fffffff
    if (length > bytes.length - at) cutShort()
    content += word >= storedBlock ? length : blockContentBytes(bytes, at, at + length)
    at += length + (flags & flag.blockChecksum ? 4 : 0)
  }
}

/** Sums the literals and matches that a block's sequences name (LZ4 Block Format). */
function blockContentBytes(bytes: Buffer, start: number, end: number): number {
  let content = 0
  let at = start
  while (at < end) {
    const token = bytes[at++]
    let literals = token >>> 4
    if (literals === 15) {
      let more = 255
      while (more === 255 && at < end) {
        more = bytes[at++]
        literals += more
      }
    }
    at += literals
    content += literals
    // The last sequence has literals only.
    if (at >= end) break
    at += 2
    let match = (token & 15) + leastMatch
    if ((token & 15) === 15) {
      let more = 255
      while (more === 255 && at < end) {
        more = bytes[at++]
        match += more
      }
    }
    content += match
  }
  return content
}

function cutShort(): never {
  throw new ShoalError('log.corrupt', 'an lz4 frame must end within its batch: it is cut short')
}
