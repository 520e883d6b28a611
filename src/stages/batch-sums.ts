/** What the rows of one transaction sum to, by cluster and by place of the usual. */
import type { Model } from '../core/model/model.ts'
import { accumulate, type ColumnStatistics, clear, emptyStatistics, mergeAll } from '../core/model/statistics.ts'

/** So few rows wait for those after them: a sum costs what k clusters of d columns do, and a partition may bring a row at a time. */
const fewRows = 250

/** Rows that wait for others. */
interface Waiting {
  readonly rows: Float64Array
  readonly labels: Int32Array
  readonly usualLabels: Int32Array
  n: number
}

/** One transaction after another is summed in the same memory: at 256 clusters of 64 columns most of a megabyte. */
export class BatchSums {
  readonly total: ColumnStatistics
  readonly usual: ColumnStatistics
  /** Of one sum. */
  private readonly part: ColumnStatistics
  private readonly waiting: Waiting

  constructor(k: number, d: number) {
    this.total = emptyStatistics(k, d)
    this.usual = emptyStatistics(k, d)
    this.part = emptyStatistics(k, d)
    const labels = () => new Int32Array(fewRows)
    this.waiting = { rows: new Float64Array(fewRows * d), labels: labels(), usualLabels: labels(), n: 0 }
  }

  isFor({ k, d }: Model): boolean {
    return this.total.k === k && this.total.d === d
  }

  clear(): void {
    clear(this.total)
    clear(this.usual)
    this.waiting.n = 0
  }

  /** Adds n rows, scored by this version; one with a negative label is left out of the sums that it is a label of. */
  add(model: Model, rows: Float64Array, n: number, labels: Int32Array, usualLabels: Int32Array): void {
    const { waiting } = this
    if (waiting.n + n > fewRows) this.addWaiting(model)
    if (n > fewRows) {
      this.sum(model, rows, n, labels, usualLabels)
      return
    }
    waiting.rows.set(rows.subarray(0, n * model.d), waiting.n * model.d)
    waiting.labels.set(labels.subarray(0, n), waiting.n)
    waiting.usualLabels.set(usualLabels.subarray(0, n), waiting.n)
    waiting.n += n
  }

  /** Until then, rows may be missing from the sums. */
  addWaiting(model: Model): void {
    const { rows, labels, usualLabels, n } = this.waiting
    if (n > 0) this.sum(model, rows, n, labels, usualLabels)
    this.waiting.n = 0
  }

  private sum(model: Model, rows: Float64Array, n: number, labels: Int32Array, usualLabels: Int32Array): void {
    accumulate(rows, n, labels, model.clusters.mean, this.part)
    mergeAll(this.total, this.part)
    accumulate(rows, n, usualLabels, model.usual.places.mean, this.part)
    mergeAll(this.usual, this.part)
  }
}
