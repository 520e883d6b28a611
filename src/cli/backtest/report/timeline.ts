/** What was scored, in a few dozen pieces of the stream. */
import type { Recording } from '../recording.ts'

const mostBuckets = 60
const leastRows = 200

export interface Bucket {
  /** Place in the stream of its middle. */
  readonly row: number
  readonly rows: number
  readonly flagged: number
  /** Events by cluster id. */
  readonly sizes: ReadonlyMap<number, number>
}

/** Pieces of equal length in the order of the stream; what is left over at the end joins the last one. */
export function timeline({ numbers, flags, clusters }: Recording): readonly Bucket[] {
  const n = numbers.length
  const count = Math.max(1, Math.min(mostBuckets, Math.floor(n / leastRows)))
  const [rows, flag, ids] = [numbers.view(), flags.view(), clusters.view()]
  const buckets: Bucket[] = []
  for (let b = 0; b < count && n > 0; b++) {
    const from = Math.floor((b * n) / count)
    const to = Math.floor(((b + 1) * n) / count)
    const sizes = new Map<number, number>()
    let flagged = 0
    for (let i = from; i < to; i++) {
      flagged += flag[i]
      sizes.set(ids[i], (sizes.get(ids[i]) ?? 0) + 1)
    }
    buckets.push({ row: rows[Math.floor((from + to) / 2)], rows: to - from, flagged, sizes })
  }
  return buckets
}
