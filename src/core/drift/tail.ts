/** How many of the events lie far: in the tail of the distances that were usual, or far from all clusters. */
import { sum } from '../sum.ts'
import type { Tally } from './tally.ts'

/** The first bin that has at most such a share of the events in and beyond it. */
export function tailBin(bins: Float64Array, share: number, total = sum(bins)): number {
  let bin = bins.length
  let above = 0
  while (bin > 0 && above + bins[bin - 1] <= share * total) above += bins[--bin]
  return bin
}

/** The share of the events whose distance is in the bin or beyond. */
export function shareFrom(bins: Float64Array, bin: number, total = sum(bins)): number {
  return total > 0 ? sum(bins, bin) / total : 0
}

/** The share of the events that is far from all clusters, of so many whose distance is known. */
export function farShare({ far }: Tally, total: number): number {
  return total > 0 ? Math.min(1, far / total) : 0
}
