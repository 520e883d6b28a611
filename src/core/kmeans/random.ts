/** Seeded randomness: the only source of it in core, stages and the generator. */

/**
 * xoshiro128** 1.1 (Blackman & Vigna 2018, https://prng.di.unimi.it/xoshiro128starstar.c), period 2^128 − 1.
 * The same seed gives the same sequence on every machine: nothing but integer arithmetic, `sqrt` and `log` is used.
 */
export class Random {
  /** The whole state, four words. Copy it to save the generator; write it back to resume. */
  readonly state = new Uint32Array(4)

  /** `seed` is any integer of at most 53 bits; near seeds give unrelated sequences. */
  constructor(seed: number) {
    if (!Number.isSafeInteger(seed)) throw new RangeError(`A seed must be an integer of at most 53 bits: got ${seed}`)
    // SplitMix32 spreads the seed over the state, as the authors advise. Its steps are a bijection of the counter, and
    // four different counters cannot all map to 0, so the one forbidden state (all zero) never arises.
    let counter = (seed ^ Math.imul(Math.floor(seed / 2 ** 32), 0x85ebca6b)) | 0
    for (let word = 0; word < 4; word++) {
      counter = (counter + 0x9e3779b9) | 0
      let mixed = Math.imul(counter ^ (counter >>> 16), 0x21f0aaad)
      mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97)
      this.state[word] = mixed ^ (mixed >>> 15)
    }
  }

  /** 32 random bits as an integer in [0, 2^32). */
  bits32(): number {
    const state = this.state
    const s1 = state[1]
    const scrambled = Math.imul(rotateLeft(Math.imul(s1, 5), 7), 9) >>> 0
    state[2] ^= state[0]
    state[3] ^= s1
    state[1] ^= state[2]
    state[0] ^= state[3]
    state[2] ^= s1 << 9
    state[3] = rotateLeft(state[3], 11)
    return scrambled
  }

  /** Uniform in [0, 1), a multiple of 2^-53. */
  uniform(): number {
    const high = this.bits32() >>> 5
    const low = this.bits32() >>> 6
    return (high * 2 ** 26 + low) / 2 ** 53
  }

  /** A uniform integer in [0, n), 1 ≤ n ≤ 2^53. Its bias is below n · 2^-53. */
  below(n: number): number {
    return Math.floor(this.uniform() * n)
  }

  /** Standard normal, by Marsaglia's polar method; the second value is dropped so that the state stays four words. */
  gaussian(): number {
    for (;;) {
      const u = 2 * this.uniform() - 1
      const v = 2 * this.uniform() - 1
      const q = u * u + v * v
      if (q > 0 && q < 1) return u * Math.sqrt((-2 * Math.log(q)) / q)
    }
  }
}

function rotateLeft(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by))
}
