/** Kinds of chance that the generator draws from, over the one seeded source. */
import { fnv1a32 } from '../core/features/fnv.ts'
import { Random } from '../core/kmeans/random.ts'

/**
 * The draws of one purpose. Each purpose has a sequence of its own, so that a different share of frauds or of invalid
 * records leaves the honest transactions as they were.
 */
export function randomFor(seed: number, purpose: string): Random {
  return new Random(fnv1a32(new TextEncoder().encode(`${seed}/${purpose}`)))
}

/** True with the given probability. */
export function chance(random: Random, probability: number): boolean {
  return random.uniform() < probability
}

/** Uniform in [low, high). */
export function between(random: Random, low: number, high: number): number {
  return low + (high - low) * random.uniform()
}

/** Exponential of mean 1. */
export function exponential(random: Random): number {
  return -Math.log(1 - random.uniform())
}

/** Draws an index with probability proportional to its weight, in constant time: the alias method (Vose 1991). */
export class WeightedChoice {
  private readonly keep: Float64Array
  private readonly alias: Int32Array

  /** `weights`: at least one, none negative, not all zero. */
  constructor(weights: readonly number[]) {
    const count = weights.length
    const total = weights.reduce((sum, weight) => sum + weight, 0)
    if (!(total > 0)) throw new RangeError(`weights must have a positive sum: got ${total}`)
    this.keep = Float64Array.from(weights, (weight) => (weight * count) / total)
    this.alias = new Int32Array(count)
    const poor: number[] = []
    const rich: number[] = []
    for (let i = 0; i < count; i++) (this.keep[i] < 1 ? poor : rich).push(i)
    while (poor.length > 0 && rich.length > 0) {
      const taker = poor.pop() as number
      const giver = rich[rich.length - 1]
      this.alias[taker] = giver
      this.keep[giver] -= 1 - this.keep[taker]
      if (this.keep[giver] < 1) poor.push(rich.pop() as number)
    }
    // What is left differs from 1 only by rounding.
    for (const i of [...poor, ...rich]) this.keep[i] = 1
  }

  draw(random: Random): number {
    const scaled = random.uniform() * this.keep.length
    const index = Math.floor(scaled)
    return scaled - index < this.keep[index] ? index : this.alias[index]
  }
}
