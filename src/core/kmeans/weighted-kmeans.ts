/** `kmeans` on rows that stand for others. */
import type { Random } from './random.ts'
import { seedingSteps } from './seeding.ts'
import type { Steps } from './steps.ts'
import { type Settled, settleSteps, type WeightedRows } from './weighted-lloyd.ts'

const restarts = 10
const mostIterations = 100

/** Greedy k-means++ seeding and Lloyd to rest, several times over: the least inertia wins, the earlier one of equals. */
export function* weightedKmeansSteps(data: WeightedRows, k: number, random: Random): Steps<Settled> {
  const { rows, n, d, inverseScale, weight } = data
  let best: Settled | undefined
  for (let restart = 0; restart < restarts; restart++) {
    const start = yield* seedingSteps(rows, n, d, k, inverseScale, random, weight)
    const found = yield* settleSteps(data, start, k, mostIterations)
    if (best === undefined || found.inertia < best.inertia) best = found
  }
  return best!
}
