/** The rows of one transaction that the model's reservoir will want. */
import type { Model } from '../core/model.ts'
import { admission, kept } from '../core/reservoir.ts'
import { drawn } from '../core/sampling.ts'

/**
 * Of what is sampled about half is not kept. In exchange the version that chooses may be behind the one that keeps by
 * the half-life of the reservoir.
 */
const slack = 2

export class BatchSample {
  private readonly model: Model
  private readonly capacity: number
  private numbers = new Float64Array(0)
  private rows = new Float32Array(0)
  private count = 0
  /** Rows that draw less are sampled. */
  private below: number

  constructor(model: Model) {
    const { reservoir, clock } = model.upkeep
    this.model = model
    this.capacity = reservoir.capacity
    this.below = Math.min(2, slack * 2 ** admission(reservoir, clock))
  }

  /** Offers the row at `from` of `rows`, of an event at this place in the log. */
  offer(partition: number, offset: number, rows: Float64Array, from: number): void {
    const number = drawn(partition, offset)
    if (number < this.below) this.add(number, rows, from)
  }

  keys(): Float64Array {
    return this.numbers.slice(0, this.count).map(Math.log2)
  }

  values(): Float32Array {
    return this.rows.slice(0, this.count * this.model.d)
  }

  private add(number: number, rows: Float64Array, from: number): void {
    while (this.count === this.capacity) this.tighten()
    if (number >= this.below) return
    const { d } = this.model
    if (this.count === this.numbers.length) this.grow()
    const { origin, unit } = this.model.upkeep.reservoir
    for (let c = 0, at = this.count * d; c < d; c++, at++) this.rows[at] = kept(rows[from + c], origin[c], unit[c])
    this.numbers[this.count++] = number
  }

  /** More rows than the reservoir takes serve nobody: those that drew the larger numbers go. */
  private tighten(): void {
    const { d } = this.model
    this.below = Math.min(this.below, 1) * 0.75
    let n = 0
    for (let i = 0; i < this.count; i++) {
      if (this.numbers[i] >= this.below) continue
      this.rows.copyWithin(n * d, i * d, (i + 1) * d)
      this.numbers[n++] = this.numbers[i]
    }
    this.count = n
  }

  private grow(): void {
    const room = Math.min(this.capacity, Math.max(64, 2 * this.numbers.length))
    const numbers = new Float64Array(room)
    numbers.set(this.numbers)
    this.numbers = numbers
    const rows = new Float32Array(room * this.model.d)
    rows.set(this.rows)
    this.rows = rows
  }
}
