/**
 * Which places stand apart from the others. Places that share a cloud of events trade them for ever, and walk in it without
 * any change; their common middle is that of the cloud, however it is divided among them.
 */
import { inverseScales, runningSpreads } from '../model/metric.ts'
import type { Model } from '../model/model.ts'

/** Two places of a distance of more than so many times their spreads towards each other share no cloud. */
const apart = 2
/** A place of fewer events has no spread of its own: it goes with the nearest that has. */
const leastWeight = 10

/** Of each of the places that the score measures from the number of its group, from 0 in the order of its first place. */
export function groupsOf(model: Model): Float64Array {
  const { k, d, usual } = model
  const { mean, m2, weight } = usual.places
  const inverse = inverseScales(model.upkeep, runningSpreads(model))
  const squares = inverse.map((scale) => scale ** 2)
  const variances = m2.map((of, at) => of / Math.max(1, weight[Math.floor(at / d)]))
  const joined = Int32Array.from({ length: k }, (_, j) => j)
  const root = (j: number): number => {
    let at = j
    while (joined[at] !== at) at = joined[at]
    return at
  }
  const join = (i: number, j: number) => {
    const [a, b] = [root(i), root(j)]
    joined[Math.max(a, b)] = Math.min(a, b)
  }
  for (let i = 0; i < k; i++) {
    let nearest = -1
    let least = Number.POSITIVE_INFINITY
    for (let j = 0; j < k; j++) {
      if (j === i || weight[j] < leastWeight) continue
      const { squared, spreads } = between(i, j)
      if (weight[i] >= leastWeight && squared <= (apart * spreads) ** 2) join(i, j)
      if (squared < least) [nearest, least] = [j, squared]
    }
    if (weight[i] < leastWeight && nearest >= 0) join(i, nearest)
  }
  const groups = new Map<number, number>()
  return Float64Array.from(joined, (_, j) => {
    const of = root(j)
    if (!groups.has(of)) groups.set(of, groups.size)
    return groups.get(of)!
  })

  /** Squared distance of two places, and the sum of their spreads along the way from one to the other. */
  function between(i: number, j: number): { readonly squared: number; readonly spreads: number } {
    let [squared, ofI, ofJ] = [0, 0, 0]
    for (let c = 0; c < d; c++) {
      const way = ((mean[j * d + c] - mean[i * d + c]) * inverse[c]) ** 2
      squared += way
      ofI += way * squares[c] * variances[i * d + c]
      ofJ += way * squares[c] * variances[j * d + c]
    }
    const norm = Math.sqrt(squared)
    return { squared, spreads: norm > 0 ? (Math.sqrt(ofI) + Math.sqrt(ofJ)) / norm : 0 }
  }
}
