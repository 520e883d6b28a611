/** How deep a JSON text goes, found without parsing it, so that no parser meets what it might not survive. */

const quote = 0x22
const backslash = 0x5c

/** Whether arrays and objects in bytes [from, to) are nested more than `limit` deep. Brackets in strings do not count. */
export function isDeeperThan(limit: number, bytes: Uint8Array, from: number, to: number): boolean {
  let depth = 0
  for (let at = from; at < to; at++) {
    const byte = bytes[at]
    if (byte === quote) at = closingQuote(bytes, at + 1, to)
    // `[` and `{`, `]` and `}` differ in one bit.
    else if ((byte | 0x20) === 0x7b) {
      if (++depth > limit) return true
    } else if ((byte | 0x20) === 0x7d) depth--
  }
  return false
}

function closingQuote(bytes: Uint8Array, from: number, to: number): number {
  let at = from
  while (at < to && bytes[at] !== quote) at += bytes[at] === backslash ? 2 : 1
  return at
}
