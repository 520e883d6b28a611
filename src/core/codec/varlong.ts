/**
 * Avro's `long`: zigzag, then seven bits a byte, low bits first (Avro 1.11 specification, "Binary encoding"). A time in a
 * record of Kafka's format 2 is written alike.
 * For safe integers and without BigInt: the sign goes into the first byte, so that 2·n, which a double may
 * not hold, is never formed.
 */

/** The most bytes that a `long` may take; `int` may take 5. */
export const maxVarlongBytes = 10

/** Bytes that `writeVarlong` will write. `n`: a safe integer. */
export function varlongSize(n: number): number {
  let rest = n < 0 ? -n - 1 : n
  if (rest < 64) return 1
  if (rest < 8192) return 2
  if (rest < 1048576) return 3
  let size = 3
  rest = Math.floor(rest / 1048576)
  while (rest > 0) {
    size++
    rest = Math.floor(rest / 128)
  }
  return size
}

/** Writes `n`, a safe integer, at `at`, and returns where the next byte goes. `bytes` must have `varlongSize(n)` bytes there. */
export function writeVarlong(bytes: Uint8Array, at: number, n: number): number {
  const magnitude = n < 0 ? -n - 1 : n
  const first = ((magnitude & 63) << 1) | (n < 0 ? 1 : 0)
  if (magnitude < 64) {
    bytes[at] = first
    return at + 1
  }
  bytes[at++] = first | 128
  let rest = Math.floor(magnitude / 64)
  while (rest > 127) {
    bytes[at++] = (rest & 127) | 128
    rest = rest < 2147483648 ? rest >>> 7 : Math.floor(rest / 128)
  }
  bytes[at++] = rest
  return at
}
