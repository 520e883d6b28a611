import { type Clustering, type LloydOptions, lloydSteps } from './lloyd.ts'
import type { Random } from './random.ts'
import { seedingSteps } from './seeding.ts'
import { finish, type Steps } from './steps.ts'

interface KMeansOptions extends LloydOptions {
  /** How many seedings are tried; the clustering with the least inertia wins, the earlier one of equals. */
  readonly restarts?: number
}

/**
 * Batch k-means, the birth of a model: greedy k-means++ seeding and Lloyd to rest, several times over, the best kept.
 *
 * When the rows hold fewer than k distinct values, each value is one cluster and the surplus ids have size 0 and a
 * centroid that repeats another one's. Constant columns and a single row need no special care.
 *
 * @param rows n×d, within ±1e100; n ≥ 1. The result depends on their order: sort them for one that does not.
 * @param inverseScale d factors: 1 / spread, times the root of the feature's weight.
 */
export function* kmeansSteps(
  rows: Float64Array,
  n: number,
  d: number,
  k: number,
  inverseScale: Float64Array,
  random: Random,
  { restarts = 10, ...options }: KMeansOptions = {},
): Steps<Clustering> {
  if (!(n >= 1 && k >= 1)) throw new RangeError(`k-means needs at least one row and one cluster: got ${n} rows, k ${k}`)
  let best: Clustering | undefined
  for (let restart = 0; restart < Math.max(1, restarts); restart++) {
    const start = yield* seedingSteps(rows, n, d, k, inverseScale, random)
    const found = yield* lloydSteps(rows, n, d, start, k, inverseScale, options)
    if (best === undefined || found.inertia < best.inertia) best = found
  }
  return best!
}

/** `kmeansSteps` at once. */
export function kmeans(...parameters: Parameters<typeof kmeansSteps>): Clustering {
  return finish(kmeansSteps(...parameters))
}
