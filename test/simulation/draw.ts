/** What a seed decides, drawn in the words of the drawer. */
import type { Random } from '../../src/core/kmeans/random.ts'

/** A whole number in [from, to]. */
export function between(random: Random, from: number, to: number): number {
  return from + random.below(to - from + 1)
}

export function happens(random: Random, share: number): boolean {
  return random.uniform() < share
}

export function oneOf<T>(random: Random, items: readonly T[]): T {
  return items[random.below(items.length)]
}
