/** The rows of one transaction that the model's reservoir will want. */
import type { Model } from '../core/model/model.ts'
import { admission, importanceOf, kept, type SampledRows } from '../core/upkeep/reservoir.ts'
import { atLeast, drawnFrom, firstBits, neighbourhood } from '../core/upkeep/sampling.ts'

/**
 * Of what is sampled about half is not kept. In exchange the version that chooses may be behind the one that keeps by
 * the half-life of the reservoir.
 */
const slack = 2

export class BatchSample {
  private readonly model: Model
  private readonly meanSquaredDistance: number
  private readonly capacity: number
  private drawn: Float32Array = new Float32Array(0)
  private importance: Float32Array = new Float32Array(0)
  private rows: Float32Array = new Float32Array(0)
  private count = 0
  private partition = -1
  private sharedFrom = 0
  private shared = 0
  /** Rows are sampled that drew less than this times their importance. */
  private below: number

  constructor(model: Model, meanSquaredDistance: number) {
    const { reservoir, clock } = model.upkeep
    this.model = model
    this.meanSquaredDistance = meanSquaredDistance
    this.capacity = reservoir.capacity
    this.below = slack * 2 ** admission(reservoir, clock)
  }

  /**
   * Offers n rows of events at these places in the log, so far from their centroids; not those whose label is negative. A loop
   * over all of them: a call for each would make objects of its numbers.
   */
  offer(
    partition: number,
    offsets: Float64Array,
    labels: Int32Array,
    n: number,
    rows: Float64Array,
    distances: Float64Array,
  ): void {
    const mean = this.meanSquaredDistance
    const { d } = this.model
    for (let i = 0; i < n; i++) {
      if (labels[i] < 0) continue
      const offset = offsets[i]
      if (partition !== this.partition || offset - this.sharedFrom >= 2 ** 32 || offset < this.sharedFrom) {
        this.partition = partition
        this.sharedFrom = offset - (offset % 2 ** 32)
        this.shared = neighbourhood(partition, offset)
      }
      // Most events end here. Importance is 1 + share, and a distance that overflows has every share.
      const first = firstBits(this.shared, offset)
      const squared = distances[i] * distances[i]
      if (atLeast(first) * mean > this.below * (mean + squared)) continue
      this.add(Math.fround(Math.log2(drawnFrom(first))), importanceOf(squared, mean), rows, i * d)
    }
  }

  taken(): SampledRows {
    const { count } = this
    return {
      drawn: this.drawn.slice(0, count),
      importance: this.importance.slice(0, count),
      rows: this.rows.slice(0, count * this.model.d),
    }
  }

  private add(number: number, importance: number, rows: Float64Array, from: number): void {
    while (this.count === this.capacity) this.tighten()
    if (number - importance >= Math.log2(this.below)) return
    const { d } = this.model
    if (this.count === this.drawn.length) this.grow()
    const { origin, unit } = this.model.upkeep.reservoir
    for (let c = 0, at = this.count * d; c < d; c++, at++) this.rows[at] = kept(rows[from + c], origin[c], unit[c])
    this.importance[this.count] = importance
    this.drawn[this.count++] = number
  }

  /** More rows than the reservoir takes serve nobody: those that drew the larger numbers go. */
  private tighten(): void {
    const { d } = this.model
    this.below *= 0.75
    const highest = Math.log2(this.below)
    let n = 0
    for (let i = 0; i < this.count; i++) {
      if (this.drawn[i] - this.importance[i] >= highest) continue
      this.rows.copyWithin(n * d, i * d, (i + 1) * d)
      this.importance[n] = this.importance[i]
      this.drawn[n++] = this.drawn[i]
    }
    this.count = n
  }

  private grow(): void {
    const room = Math.min(this.capacity, Math.max(64, 2 * this.drawn.length))
    this.drawn = grown(this.drawn, room)
    this.importance = grown(this.importance, room)
    this.rows = grown(this.rows, room * this.model.d)
  }
}

function grown(values: Float32Array, length: number): Float32Array {
  const copy = new Float32Array(length)
  copy.set(values)
  return copy
}
