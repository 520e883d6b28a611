/**
 * The values that an entity had last, in 64 bits: eight fingerprints of one byte, the most recent first. A value that is
 * not among them is new; one of 255 new ones is taken for each of the eight, so 3 of 100 are missed when all are filled.
 */

const bytesOfSketch = 8

/** A byte, never 0, of a value's hash. */
export function fingerprintByte(hash: number): number {
  return 1 + ((hash >>> 0) % 255)
}

/** Whether the value is new to the sketch in words [at, at + 2); it is the most recent one then (OUT). */
export function meetFingerprint(words: Uint32Array, at: number, fingerprint: number): boolean {
  let carried = fingerprint
  for (let i = 0; i < bytesOfSketch; i++) {
    const word = at + (i >> 2)
    const shift = (i & 3) << 3
    const here = (words[word] >>> shift) & 255
    words[word] = (words[word] & ~(255 << shift)) | (carried << shift)
    if (here === fingerprint) return false
    if (here === 0) return true
    carried = here
  }
  return true
}

/** The same question, and nothing changes. */
export function isNew(words: Uint32Array, at: number, fingerprint: number): boolean {
  for (let i = 0; i < bytesOfSketch; i++) {
    if (((words[at + (i >> 2)] >>> ((i & 3) << 3)) & 255) === fingerprint) return false
  }
  return true
}
