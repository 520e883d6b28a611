/** CRC-32C (Castagnoli; RFC 3720, appendix B.4), eight bytes at a time (Kounavis & Berry, 2005, "slicing-by-8"). */

const polynomial = 0x82f63b78

/** `tables[256·j + b]`: the remainder of byte b followed by j zero bytes. */
const tables = slicingTables()

function slicingTables(): Int32Array {
  const made = new Int32Array(8 * 256)
  for (let byte = 0; byte < 256; byte++) {
    let remainder = byte
    for (let bit = 0; bit < 8; bit++) remainder = remainder & 1 ? (remainder >>> 1) ^ polynomial : remainder >>> 1
    made[byte] = remainder
  }
  for (let i = 256; i < made.length; i++) made[i] = (made[i - 256] >>> 8) ^ made[made[i - 256] & 255]
  return made
}

/** The checksum of bytes [from, to), as an unsigned 32-bit integer. */
export function crc32c(bytes: Uint8Array, from = 0, to = bytes.length): number {
  const tail = from + ((to - from) & ~7)
  let crc = eights(-1, bytes, from, tail)
  for (let at = tail; at < to; at++) crc = (crc >>> 8) ^ tables[(crc ^ bytes[at]) & 255]
  return ~crc >>> 0
}

/**
 * Goes on with the bytes [from, to), a multiple of eight. A loop of its own: V8 compiles a long one while it runs, and with
 * the tail behind it, which it has not seen by then, it gave the compiled code up at every call, to interpret all of the next.
 */
function eights(before: number, bytes: Uint8Array, from: number, to: number): number {
  let crc = before
  for (let at = from; at < to; at += 8) {
    const low = crc ^ (bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24))
    crc =
      tables[1792 + (low & 255)] ^
      tables[1536 + ((low >>> 8) & 255)] ^
      tables[1280 + ((low >>> 16) & 255)] ^
      tables[1024 + (low >>> 24)] ^
      tables[768 + bytes[at + 4]] ^
      tables[512 + bytes[at + 5]] ^
      tables[256 + bytes[at + 6]] ^
      tables[bytes[at + 7]]
  }
  return crc
}
