/** Records whose bytes were changed by somebody who knows the checksum: well formed, whatever they say. */

import { crc32c } from '../../../src/core/codec/crc32c.ts'
import { checksumBytes } from '../../../src/core/codec/model-codec.ts'

/** A copy of a sealed record, changed and sealed again. */
export function resealedAfter(record: Uint8Array, change: (body: Buffer) => void, seal = 0): Buffer {
  const body = Buffer.from(record.subarray(0, record.length - checksumBytes))
  change(body)
  return resealed(body, seal)
}

/** The body with its checksum behind it; `seal`: see `sealed`. */
export function resealed(body: Uint8Array, seal = 0): Buffer {
  const checksum = Buffer.alloc(checksumBytes)
  checksum.writeUInt32BE((crc32c(body) ^ seal) >>> 0)
  return Buffer.concat([body, checksum])
}
