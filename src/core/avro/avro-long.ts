/** Avro's long beyond what a double holds. */

/** The decimal digits of the long whose bytes begin at `at`; they are known to be one. */
export function longDigits(bytes: Uint8Array, at: number): string {
  let zigzag = 0n
  for (let shift = 0n, i = at; ; i++, shift += 7n) {
    zigzag |= BigInt(bytes[i] & 127) << shift
    if (bytes[i] < 128) return String((zigzag >> 1n) ^ -(zigzag & 1n))
  }
}
