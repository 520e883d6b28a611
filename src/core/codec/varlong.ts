/**
 * Avro's `long`: zigzag, then seven bits a byte, low bits first (Avro 1.11 specification, "Binary encoding"). A time in a
 * record of Kafka's format 2 is written alike.
 * For safe integers and without BigInt: the sign goes into the first byte, so that 2·n, which a double may
 * not hold, is never formed.
 */

/** The most bytes that a `long` may take; `int` may take 5. */
export const maxVarlongBytes = 10

/** Below it, and not below its opposite, all is done in 32 bits. */
const small = 2 ** 30

/** Bytes that `writeVarlong` will write. `n`: a safe integer. */
export function varlongSize(n: number): number {
  if (n < small && n >= -small) {
    const bits = 32 - Math.clz32(((n << 1) ^ (n >> 31)) | 1)
    // How many sevens hold them: 37 / 256 is near enough to a seventh.
    return ((bits + 6) * 37) >>> 8
  }
  let size = 4
  for (let rest = Math.floor((n < 0 ? -n - 1 : n) / 2 ** 27); rest > 0; rest = Math.floor(rest / 128)) size++
  return size
}

/** Writes `n`, a safe integer, at `at`, and returns where the next byte goes. `bytes` must have `varlongSize(n)` bytes there. */
export function writeVarlong(bytes: Uint8Array, at: number, n: number): number {
  if (n >= small || n < -small) return writeLarge(bytes, at, n)
  let rest = (n << 1) ^ (n >> 31)
  while (rest > 127) {
    bytes[at++] = rest | 128
    rest >>>= 7
  }
  bytes[at] = rest
  return at + 1
}

function writeLarge(bytes: Uint8Array, at: number, n: number): number {
  const magnitude = n < 0 ? -n - 1 : n
  bytes[at++] = ((magnitude & 63) << 1) | (n < 0 ? 129 : 128)
  let rest = Math.floor(magnitude / 64)
  while (rest > 127) {
    bytes[at++] = (rest & 127) | 128
    rest = rest < 2147483648 ? rest >>> 7 : Math.floor(rest / 128)
  }
  bytes[at++] = rest
  return at
}
