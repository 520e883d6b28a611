/** What the short run leaves out is chosen anew each time, so that many runs try everything. */
import { Random } from '../../src/core/kmeans/random.ts'

/** The variable that repeats a run's choices. */
const variable = 'SHOAL_TEST_SEED'

/** So many different ones, in a random order; says the seed. */
export function someOf<T>(all: readonly T[], count: number): readonly T[] {
  const seed = Number(process.env[variable] ?? Date.now() % 1_000_000)
  console.log(`chosen with ${variable}=${seed}`)
  const random = new Random(seed)
  const left = [...all]
  return Array.from({ length: Math.min(count, left.length) }, () => left.splice(random.below(left.length), 1)[0])
}
