/** Rows kept for what is judged at the end: all of them while they fit, then a uniform sample. */
import { Random } from '../../core/kmeans/random.ts'
import { GrowingNumbers } from './growing.ts'

/** 256 MiB. */
const mostValues = 32 * 1024 * 1024

export class RowSample {
  readonly d: number
  private readonly rows = new GrowingNumbers()
  private readonly random: Random
  private readonly capacity: number
  private offered = 0

  constructor(d: number, seed: number, capacity = Math.floor(mostValues / d)) {
    this.d = d
    this.random = new Random(seed)
    this.capacity = capacity
  }

  /** Rows kept. */
  get n(): number {
    return Math.min(this.offered, this.capacity)
  }

  /** Rows that have been offered. */
  get of(): number {
    return this.offered
  }

  /** n×d. */
  view(): Float64Array {
    return this.rows.view()
  }

  /** Offers n rows (n×d): each that has been offered is kept with the same probability (Vitter 1985, algorithm R). */
  add(rows: Float64Array, n: number): void {
    const { d, capacity, random } = this
    const free = Math.min(n, Math.max(0, capacity - this.offered))
    if (free > 0) this.rows.append(rows.subarray(0, free * d))
    this.offered += free
    for (let i = free; i < n; i++) {
      const place = random.below(++this.offered)
      if (place < capacity) this.rows.view().set(rows.subarray(i * d, (i + 1) * d), place * d)
    }
  }
}
