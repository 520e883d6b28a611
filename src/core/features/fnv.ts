/** FNV-1a (Fowler, Noll, Vo; draft-eastlake-fnv): a hash for buckets and fingerprints, not against an adversary. */

/** The 32-bit hash of bytes [from, to), as an unsigned integer. */
export function fnv1a32(bytes: Uint8Array, from = 0, to = bytes.length): number {
  let hash = 0x811c9dc5
  for (let at = from; at < to; at++) hash = Math.imul(hash ^ bytes[at], 0x01000193)
  return hash >>> 0
}

/** The 64-bit hash as 8 bytes, the highest first. Uses BigInt: for what is computed once, such as a fingerprint. */
export function fnv1a64Bytes(bytes: Uint8Array): Uint8Array {
  let hash = 0xcbf29ce484222325n
  for (const byte of bytes) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n)
  const result = new Uint8Array(8)
  new DataView(result.buffer).setBigUint64(0, hash)
  return result
}

/** The 64-bit hash as 16 hexadecimal digits. */
export function fnv1a64(bytes: Uint8Array): string {
  return Array.from(fnv1a64Bytes(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
