/**
 * How much two clusterings of the same rows agree beyond chance, whatever their ids (Hubert & Arabie 1985): 1 for the
 * same grouping, about 0 for unrelated ones. By pairs of rows, as scikit-learn's adjusted_rand_score; where rows stand for
 * others, a pair counts for the product of its rows' weights.
 *
 * @param a n ids, each at least 0.
 * @param b n ids, each at least 0.
 * @param weight of each row, above 0; unset: 1.
 */
export function adjustedRand(a: Int32Array, b: Int32Array, weight?: Float64Array): number {
  const together = new Map<number, Mass>()
  const inA = new Map<number, Mass>()
  const inB = new Map<number, Mass>()
  const whole: Mass = { sum: 0, squares: 0 }
  for (let i = 0; i < a.length; i++) {
    const w = weight === undefined ? 1 : weight[i]
    for (const mass of [at(together, a[i] * 2 ** 22 + b[i]), at(inA, a[i]), at(inB, b[i]), whole]) {
      mass.sum += w
      mass.squares += w * w
    }
  }
  const both = pairs(together)
  const pairsA = pairs(inA)
  const pairsB = pairs(inB)
  const all = pairsIn(whole)
  // Without pairs, or with one cluster (or n) on both sides, chance explains everything and the groupings are the same.
  const chance = all > 0 ? Math.min(pairsA, pairsB) * (Math.max(pairsA, pairsB) / all) : 0
  const most = (pairsA + pairsB) / 2
  return most === chance ? 1 : (both - chance) / (most - chance)
}

interface Mass {
  sum: number
  squares: number
}

function at(masses: Map<number, Mass>, key: number): Mass {
  const known = masses.get(key)
  if (known !== undefined) return known
  const mass = { sum: 0, squares: 0 }
  masses.set(key, mass)
  return mass
}

function pairs(masses: Map<number, Mass>): number {
  let sum = 0
  for (const mass of masses.values()) sum += pairsIn(mass)
  return sum
}

/** Σ over the pairs of their weights: (Σw)² is all of them twice, and each row with itself. */
function pairsIn({ sum, squares }: Mass): number {
  return Math.max(0, (sum * sum - squares) / 2)
}
