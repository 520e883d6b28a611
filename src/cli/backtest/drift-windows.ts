/** How near the clusters are to what comes next, window by window, beside k-means refitted on the window before. */
import { kmeans } from '../../core/kmeans/kmeans.ts'
import { inertia, nearest } from '../../core/kmeans/nearest.ts'
import { Random } from '../../core/kmeans/random.ts'
import type { ColumnStatistics } from '../../core/model/statistics.ts'

/** Rows of a window; the last one of a stream may be shorter. */
export const windowRows = 1000

export interface DriftWindow {
  readonly rows: number
  /** Mean squared distance of its rows to the clusters that had not learned them. */
  readonly inertia: number
  /** The same of k-means fitted on the window before. */
  readonly refit: number
}

/** What a window holds, for whoever wants to judge others by it. */
export interface WindowRows {
  /** n × d, good until the next window. */
  readonly rows: Float64Array
  readonly n: number
  readonly k: number
  /** d factors, of all rows before these. */
  readonly scale: Float64Array
  /** Its figures are among `windows` then. */
  readonly isJudged: boolean
}

/**
 * Both inertias are in one scaling: the running deviations of all rows before the window. Windows that hold rows which
 * are not to be judged are fitted on, but not judged.
 */
export class DriftWindows {
  readonly windows: DriftWindow[] = []
  private readonly d: number
  private readonly onWindow: ((window: WindowRows) => void) | null
  private current: Float64Array
  private previous: Float64Array | null = null
  private n = 0
  private judged = 0
  private sum = 0
  private scale: Float64Array | null = null
  private k = 0
  private readonly labels = new Int32Array(windowRows)
  private readonly distances = new Float64Array(windowRows)

  constructor(d: number, onWindow: ((window: WindowRows) => void) | null = null) {
    this.d = d
    this.onWindow = onWindow
    this.current = new Float64Array(windowRows * d)
  }

  /**
   * Adds n rows (n×d) that these clusters have not learned, in the order of the stream.
   *
   * @param isJudged n flags.
   * @param scale d factors, of all rows before these.
   */
  add(
    rows: Float64Array,
    n: number,
    isJudged: Uint8Array,
    { k, mean }: Pick<ColumnStatistics, 'k' | 'mean'>,
    scale: Float64Array,
  ): void {
    const { d } = this
    for (let from = 0; from < n; ) {
      if (this.n === 0) this.scale = scale.slice()
      const take = Math.min(n - from, windowRows - this.n)
      const piece = rows.subarray(from * d, (from + take) * d)
      this.current.set(piece, this.n * d)
      for (let i = from; i < from + take; i++) this.judged += isJudged[i]
      this.sum += this.inertiaOf(piece, take, mean, k)
      this.k = k
      this.n += take
      from += take
      if (this.n === windowRows) this.close()
    }
  }

  /** Judges the last window, however short it is. */
  finish(): void {
    if (this.n > 0) this.close()
  }

  private close(): void {
    const { d, n, k, previous } = this
    const scale = this.scale!
    const isJudged = previous !== null && this.judged === n
    if (isJudged) {
      const fitted = kmeans(previous, windowRows, d, k, scale, new Random(this.windows.length), { restarts: 1 })
      const refit = this.inertiaOf(this.current, n, fitted.centroids, k) / n
      this.windows.push({ rows: n, inertia: this.sum / n, refit })
    }
    this.onWindow?.({ rows: this.current, n, k, scale, isJudged })
    const free = previous ?? new Float64Array(windowRows * d)
    this.previous = this.current
    this.current = free
    this.n = 0
    this.judged = 0
    this.sum = 0
  }

  private inertiaOf(rows: Float64Array, n: number, centroids: Float64Array, k: number): number {
    nearest(rows, n, this.d, centroids, k, this.scale!, this.labels, this.distances)
    return inertia(this.distances, n)
  }
}
