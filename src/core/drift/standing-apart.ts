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
/** What rounding cannot reach. */
const surely = 1 + 1e-6

/** Of each of the places that the score measures from the number of its group, from 0 in the order of its first place. */
export function groupsOf(model: Model): Float64Array {
  const { k, d, usual } = model
  const { mean, m2, weight } = usual.places
  const inverse = inverseScales(model.upkeep, runningSpreads(model))
  const squares = inverse.map((scale) => scale ** 2)
  const variances = m2.map((of, at) => of / Math.max(1, weight[Math.floor(at / d)]))
  const widest = Float64Array.from({ length: k }, (_, j) => {
    let most = 0
    for (let c = 0; c < d; c++) most = Math.max(most, squares[c] * variances[j * d + c])
    return Math.sqrt(most)
  })
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
    if (weight[i] < leastWeight) {
      const nearest = nearestTo(i)
      if (nearest >= 0) join(i, nearest)
      continue
    }
    for (let j = i + 1; j < k; j++) {
      if (weight[j] >= leastWeight && isNear(i, j)) join(i, j)
    }
  }
  const groups = new Map<number, number>()
  return Float64Array.from(joined, (_, j) => {
    const of = root(j)
    if (!groups.has(of)) groups.set(of, groups.size)
    return groups.get(of)!
  })

  function nearestTo(i: number): number {
    let nearest = -1
    let least = Number.POSITIVE_INFINITY
    for (let j = 0; j < k; j++) {
      if (j === i || weight[j] < leastWeight) continue
      const squared = squaredUpTo(i, j, Number.POSITIVE_INFINITY)
      if (squared < least) [nearest, least] = [j, squared]
    }
    return nearest
  }

  /** Whether two places are nearer than what sets them apart: `apart` times their spreads along the way from one to the other. */
  function isNear(i: number, j: number): boolean {
    // Along no way a place has more spread than in one of its columns. Most pairs are farther apart after a few columns.
    const squared = squaredUpTo(i, j, surely * (apart * (widest[i] + widest[j])) ** 2)
    if (squared === Number.POSITIVE_INFINITY) return false
    let [ofI, ofJ] = [0, 0]
    for (let c = 0; c < d; c++) {
      const way = ((mean[j * d + c] - mean[i * d + c]) * inverse[c]) ** 2
      ofI += way * squares[c] * variances[i * d + c]
      ofJ += way * squares[c] * variances[j * d + c]
    }
    const norm = Math.sqrt(squared)
    const spreads = norm > 0 ? (Math.sqrt(ofI) + Math.sqrt(ofJ)) / norm : 0
    return squared <= (apart * spreads) ** 2
  }

  /** Squared distance of two places; endless when it is more than `most`. */
  function squaredUpTo(i: number, j: number, most: number): number {
    let squared = 0
    for (let c = 0; c < d; c++) {
      squared += ((mean[j * d + c] - mean[i * d + c]) * inverse[c]) ** 2
      if (squared > most) return Number.POSITIVE_INFINITY
    }
    return squared
  }
}
