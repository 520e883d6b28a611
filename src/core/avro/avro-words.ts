/** Varints and texts by eight bytes at once: two words of four bytes, the lowest byte first. */

const highBits = 0x80808080 | 0

/** How many bytes a varint has that begins with these; 0: fewer than five, or more than eight. */
export function varintBytes(first: number, second: number): number {
  const ends = ~second & highBits
  if ((first & highBits) !== highBits || ends === 0) return 0
  return 5 + ((31 - Math.clz32(ends & -ends)) >>> 3)
}

/** The long of such a varint. */
export function longOfWords(first: number, second: number): number {
  const ends = ~second & highBits
  return longOf(sevensOf(first), sevensOf(second & ((ends & -ends) - 1)), 0)
}

/** The long whose zigzag is in three parts: 28 bits, 28 and 8. */
export function longOf(low: number, middle: number, high: number): number {
  // Both parts are exact, so that only the last operation rounds.
  const upper = (high * 2 ** 28 + middle) * 2 ** 27
  return low & 1 ? -(upper + ((low >>> 1) + 1)) : upper + (low >>> 1)
}

/** The low seven bits of four bytes. */
function sevensOf(word: number): number {
  const pairs = (word & 0x7f007f) | ((word & 0x7f007f00) >>> 1)
  return (pairs & 0x3fff) | ((pairs & 0x3fff0000) >>> 2)
}

const firstMasks = Int32Array.from({ length: 9 }, (_, n) => highBits & (2 ** (8 * Math.min(n, 4)) - 1))
const secondMasks = Int32Array.from({ length: 9 }, (_, n) => highBits & (2 ** (8 * Math.max(n - 4, 0)) - 1))

/** Not 0 when one of the first n bytes, at most eight, is not ASCII. */
export function beyondAscii(first: number, second: number, n: number): number {
  return (first & firstMasks[n]) | (second & secondMasks[n])
}
