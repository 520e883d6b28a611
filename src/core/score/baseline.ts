import { accumulate, type ColumnStatistics, emptyStatistics, mergeAll } from '../model/statistics.ts'

/**
 * The score without clusters, which every clustered score must beat to be worth its cost: the L1 distance of a row to
 * the running mean of all rows before it, Σ_f |x_f − μ_f| / s_f, in running standard deviations. Every row
 * counts as it is, and nothing is forgotten.
 *
 * Used prequentially: score a batch (1,000 rows by convention), then learn from it; the first batch is learned from
 * and not scored. What it returns ranks rows; the number itself has no unit.
 */
export class RunningMeanScore {
  /** All rows learned from, as one cluster. */
  readonly statistics: ColumnStatistics

  constructor(d: number) {
    this.statistics = emptyStatistics(1, d)
  }

  /**
   * @param rows n×d, within ±1e100.
   * @param scores OUT n distances; all 0 before anything was learned.
   */
  score(rows: Float64Array, n: number, scores: Float64Array): void {
    const { d, mean, weight } = this.statistics
    if (weight[0] === 0) {
      scores.fill(0, 0, n)
      return
    }
    const spread = this.spread()
    for (let i = 0, r = 0; i < n; i++) {
      let sum = 0
      for (let f = 0; f < d; f++, r++) sum += Math.abs(rows[r] - mean[f]) / spread[f]
      scores[i] = sum
    }
  }

  /** @param rows n×d, within ±1e100; not changed. */
  learn(rows: Float64Array, n: number): void {
    const { d, mean, weight } = this.statistics
    const batch = emptyStatistics(1, d)
    accumulate(rows, n, new Int32Array(n), weight[0] > 0 ? mean : rows.subarray(0, d), batch)
    mergeAll(this.statistics, batch)
  }

  /** d standard deviations; 1 for a column that has been constant, whose variance is nothing but rounding. */
  spread(): Float64Array {
    const { d, mean, m2, weight } = this.statistics
    const spread = new Float64Array(d)
    for (let f = 0; f < d; f++) {
      const variance = m2[f] / weight[0]
      spread[f] = variance > 1e-12 * Math.max(1, mean[f] * mean[f]) ? Math.sqrt(variance) : 1
    }
    return spread
  }
}
