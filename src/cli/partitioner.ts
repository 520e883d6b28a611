/** Which partition a key goes to, as Kafka's own Java client decides it: other producers of the topic agree with it. */

/** MurmurHash2 with Kafka's seed, as a signed 32-bit integer (org.apache.kafka.common.utils.Utils.murmur2). */
export function murmur2(key: Uint8Array): number {
  const m = 0x5bd1e995
  const { length } = key
  const whole = length & ~3
  let hash = 0x9747b28c ^ length
  for (let at = 0; at < whole; at += 4) {
    let word = key[at] | (key[at + 1] << 8) | (key[at + 2] << 16) | (key[at + 3] << 24)
    word = Math.imul(word, m)
    word = Math.imul(word ^ (word >>> 24), m)
    hash = Math.imul(hash, m) ^ word
  }
  if (whole < length) {
    for (let at = length - 1; at >= whole; at--) hash ^= key[at] << (8 * (at - whole))
    hash = Math.imul(hash, m)
  }
  hash = Math.imul(hash ^ (hash >>> 13), m)
  return hash ^ (hash >>> 15)
}

/** Gives each record its partition: by its key, or in turn where there is none. */
export function createPartitioner(partitions: number): (key: Uint8Array | null) => number {
  let turn = 0
  return (key) => {
    if (key !== null) return (murmur2(key) & 0x7fffffff) % partitions
    const partition = turn
    turn = (turn + 1) % partitions
    return partition
  }
}
