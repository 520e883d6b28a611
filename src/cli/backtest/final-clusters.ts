/** How good the clusters are at the end of the stream, beside batch k-means on the same rows. */
import { drawRows } from '../../core/kmeans/drawn-rows.ts'
import { kmeans } from '../../core/kmeans/kmeans.ts'
import { type Clustering, lloyd } from '../../core/kmeans/lloyd.ts'
import { inertia, nearest } from '../../core/kmeans/nearest.ts'
import { Random } from '../../core/kmeans/random.ts'
import { grouped } from '../output.ts'
import type { RowSample } from './row-sample.ts'

export interface FinalInertia {
  /** Mean squared scaled distance of a row to its nearest cluster. */
  readonly final: number
  /** The same of batch k-means. */
  readonly batch: number
  /** Final over batch; null when the batch fit lies on every row. */
  readonly ratio: number | null
  /** Rows that both are measured on. */
  readonly rows: number
  /** How the batch fit was made, in words. */
  readonly bound: string
}

const restarts = 10
/** Above so many rows times columns times clusters the restarts are on a part of the rows. */
const mostWork = 2e7
const polished = 3

/**
 * @param centroids k×d: the clusters of the newest version.
 * @param inverseScale d factors, for both sides.
 */
export function finalInertia(
  sample: RowSample,
  centroids: Float64Array,
  k: number,
  inverseScale: Float64Array,
): FinalInertia {
  const { d, n } = sample
  const rows = sample.view()
  const own = inertiaOf(rows, n, d, centroids, k, inverseScale) / n
  const { clustering, bound } = batchFit(rows, n, d, k, inverseScale)
  const batch = clustering.inertia / n
  const kept = n < sample.of ? `a uniform sample of ${grouped(n)} of ${grouped(sample.of)} rows; ` : ''
  return { final: own, batch, ratio: batch > 0 ? own / batch : null, rows: n, bound: kept + bound }
}

function batchFit(
  rows: Float64Array,
  n: number,
  d: number,
  k: number,
  inverseScale: Float64Array,
): { readonly clustering: Clustering; readonly bound: string } {
  const random = new Random(1)
  const part = Math.min(n, Math.max(20_000, 200 * k))
  if (n * d * k <= mostWork || part === n) {
    return { clustering: kmeans(rows, n, d, k, inverseScale, random, { restarts }), bound: `${restarts} restarts` }
  }
  const some = drawRows(rows, n, d, part, random)
  const starts = Array.from({ length: restarts }, () =>
    kmeans(some, part, d, k, inverseScale, random, { restarts: 1 }),
  ).sort((a, b) => a.inertia - b.inertia)
  const ends = starts.slice(0, polished).map(({ centroids }) => lloyd(rows, n, d, centroids, k, inverseScale))
  const clustering = ends.reduce((best, end) => (end.inertia < best.inertia ? end : best))
  return {
    clustering,
    bound: `${restarts} restarts on ${grouped(part)} rows, the best ${polished} taken to rest on all`,
  }
}

function inertiaOf(
  rows: Float64Array,
  n: number,
  d: number,
  centroids: Float64Array,
  k: number,
  inverseScale: Float64Array,
): number {
  const distances = new Float64Array(n)
  nearest(rows, n, d, centroids, k, inverseScale, new Int32Array(n), distances)
  return inertia(distances, n)
}
