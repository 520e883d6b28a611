/** Avro's decimal: an integer in two's complement, the highest byte first, over a power of ten that the schema gives. */

/** The integer in `size` ≥ 1 bytes at `start`, as a double: exact up to 2^53, infinite when it is beyond all doubles. */
export function decimalOf(bytes: Uint8Array, start: number, size: number): number {
  // A negative integer n is −(m + 1), where m has the opposite bits.
  const flip = bytes[start] > 127 ? 255 : 0
  let magnitude = 0
  for (let at = start; at < start + size; at++) magnitude = magnitude * 256 + (bytes[at] ^ flip)
  return flip === 0 ? magnitude : -(magnitude + 1)
}
