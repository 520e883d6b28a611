/** Whether a group of places has walked away from the blocks that were the reference: paths.ts follows it. */
import { allowance, lnChoose, portions } from './bounds.ts'
import type { Paths } from './paths.ts'

/** Blocks of the reference before anything is compared with it: a day of them. */
export const leastBlocks = 24
/** What one block shows may be of one batch. */
const leastRun = 4
/** Longer runs say no more. */
const mostRun = 1000
/** In spreads of the group: what a centroid may be away from the middle of the reference's. */
export const mostAway = 1

/** A group that has walked away. */
export interface Walk {
  readonly group: number
  /** Of the column that is farthest away, in spreads, and what it was allowed. */
  readonly statistic: number
  readonly threshold: number
  readonly pValue: number
  /** Of each column how far it has walked in spreads, its middle in the reference and its mean now. */
  readonly away: Float64Array
  readonly before: Float64Array
  readonly after: Float64Array
}

/** Whether a group is away still, after it was found to be. */
export function isAway({ runs }: Paths): boolean {
  return longestRun(runs) >= leastRun
}

/** Blocks in a row that the group which has been away longest has been so. */
export function longestRun(runs: Float64Array): number {
  return runs.reduce((most, run) => Math.max(most, Math.abs(run)), 0)
}

/** Blocks in a row that a group must be away before it is told. */
export function runNeeded({ spreads }: Paths, windowEvents: number): number {
  const allowed = allowance(windowEvents, 2 * spreads.length, portions.centroids)
  let [run, lnWays] = [0, 0]
  while (run < leastRun || -lnWays > allowed) {
    run++
    // lnChoose(leastBlocks + run, run), from the run before.
    lnWays += Math.log((leastBlocks + run) / run)
  }
  return run
}

/** Counts a block that is beyond the reference's, column by column; null: no column has been so for long enough. */
export function walkOf(paths: Paths, g: number, needed: number): Walk | null {
  const { spreads, low, high, runs, events } = paths
  const d = spreads.length / events.length
  let [farthest, threshold] = [-1, 0]
  for (let at = g * d; at < (g + 1) * d; at++) {
    if (!(spreads[at] > 0)) continue
    const way = wayAt(paths, at)
    const allowed = Math.max(mostAway, (high[at] / 2 - low[at] / 2) / spreads[at])
    const side = way > allowed ? 1 : way < -allowed ? -1 : 0
    runs[at] = side * Math.min(mostRun, 1 + Math.max(0, side * runs[at]))
    if (Math.abs(runs[at]) < needed || Math.abs(way) <= farthest) continue
    farthest = Math.abs(way)
    threshold = allowed
  }
  return farthest < 0 ? null : toldOf(paths, g, farthest, threshold, needed)
}

/** What there is to tell of a group whose farthest column is `statistic` away. */
function toldOf(paths: Paths, g: number, statistic: number, threshold: number, needed: number): Walk {
  const { spreads, mean, events } = paths
  const d = spreads.length / events.length
  const isFollowed = (c: number) => spreads[g * d + c] > 0
  const away = Float64Array.from({ length: d }, (_, c) => (isFollowed(c) ? Math.abs(wayAt(paths, g * d + c)) : 0))
  const before = Float64Array.from({ length: d }, (_, c) => (isFollowed(c) ? middleAt(paths, g * d + c) : 0))
  const after = mean.slice(g * d, (g + 1) * d)
  const pValue = Math.exp(-lnChoose(leastBlocks + needed, needed))
  return { group: g, statistic, threshold, pValue, away, before, after }
}

/** Of a column of a group, the middle of the reference's blocks. */
export function middleAt({ low, high }: Paths, at: number): number {
  return low[at] / 2 + high[at] / 2
}

/** How far the block is from there, in spreads of the group. */
function wayAt(paths: Paths, at: number): number {
  return (paths.mean[at] - middleAt(paths, at)) / paths.spreads[at]
}
