/** Snappy as Kafka's clients write it: one raw block (librdkafka, Go, …), or the blocks of the xerial stream (Java). */
import * as snappy from 'snappy'
import { ShoalError } from '../../runtime/errors.ts'

const magic = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00])
const headerBytes = magic.length + 8

export function snappyDecompress(bytes: Buffer, maxBytes: number): Buffer {
  if (bytes.length < headerBytes || !bytes.subarray(0, magic.length).equals(magic)) return rawBlock(bytes, maxBytes)
  const blocks: Buffer[] = []
  let left = maxBytes
  for (let at = headerBytes; at < bytes.length; ) {
    const length = at + 4 <= bytes.length ? bytes.readInt32BE(at) : -1
    const end = at + 4 + length
    if (length < 0 || end > bytes.length) {
      throw new ShoalError(
        'log.corrupt',
        `a snappy block must lie within its batch: ${length} bytes at byte ${at} of ${bytes.length}`,
      )
    }
    const block = rawBlock(bytes.subarray(at + 4, end), left)
    left -= block.length
    blocks.push(block)
    at = end
  }
  return blocks.length === 1 ? blocks[0] : Buffer.concat(blocks)
}

/** A raw block says how long it is before anything is allocated. */
function rawBlock(bytes: Buffer, maxBytes: number): Buffer {
  const length = declaredLength(bytes)
  if (length > maxBytes)
    throw new ShoalError('log.corrupt', `a snappy batch must not grow beyond ${maxBytes} bytes: it says ${length}`)
  // Copied, because memory handed over from outside the heap is freed only when the collector runs.
  return snappy.uncompressSync(bytes, { asBuffer: true, copyOutputData: true }) as Buffer
}

function declaredLength(bytes: Buffer): number {
  let length = 0
  for (let i = 0; i < 5 && i < bytes.length; i++) {
    length += (bytes[i] & 127) * 2 ** (7 * i)
    if (bytes[i] < 128) return length
  }
  throw new ShoalError('log.corrupt', 'a snappy block must begin with its length: it does not')
}
