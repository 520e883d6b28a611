/**
 * How much two clusterings of the same rows agree beyond chance, whatever their ids (Hubert & Arabie 1985): 1 for the
 * same grouping, about 0 for unrelated ones. By pairs of rows, as scikit-learn's adjusted_rand_score.
 *
 * @param a n ids, each at least 0.
 * @param b n ids, each at least 0.
 */
export function adjustedRand(a: Int32Array, b: Int32Array): number {
  const together = new Map<number, number>()
  const inA = new Map<number, number>()
  const inB = new Map<number, number>()
  for (let i = 0; i < a.length; i++) {
    increment(together, a[i] * 2 ** 22 + b[i])
    increment(inA, a[i])
    increment(inB, b[i])
  }
  const both = pairs(together)
  const pairsA = pairs(inA)
  const pairsB = pairs(inB)
  const all = (a.length * (a.length - 1)) / 2
  // Without pairs, or with one cluster (or n) on both sides, chance explains everything and the groupings are the same.
  const chance = all > 0 ? Math.min(pairsA, pairsB) * (Math.max(pairsA, pairsB) / all) : 0
  const most = (pairsA + pairsB) / 2
  return most === chance ? 1 : (both - chance) / (most - chance)
}

function increment(counts: Map<number, number>, key: number): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}

function pairs(counts: Map<number, number>): number {
  let sum = 0
  for (const count of counts.values()) sum += (count * (count - 1)) / 2
  return sum
}
