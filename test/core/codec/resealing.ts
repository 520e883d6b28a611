/** Records whose bytes were changed by somebody who knows the checksum: well formed, whatever they say. */

import { crc32c } from '../../../src/core/codec/crc32c.ts'
import { checksumBytes } from '../../../src/core/codec/model-codec.ts'

/** A copy of a sealed record, changed and sealed again. */
export function resealedAfter(record: Uint8Array, change: (body: Buffer) => void): Buffer {
  const body = Buffer.from(record.subarray(0, record.length - checksumBytes))
  change(body)
  return resealed(body)
}

/** The body with its checksum behind it. */
export function resealed(body: Uint8Array): Buffer {
  const checksum = Buffer.alloc(checksumBytes)
  checksum.writeUInt32BE(crc32c(body))
  return Buffer.concat([body, checksum])
}
