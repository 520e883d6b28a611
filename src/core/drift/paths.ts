/**
 * How far centroids have moved since the reference, in spreads of their own. What is followed is the middle of the events
 * of each group of places that stands apart: places are moved by their events alone, so no refit moves it, and places of
 * one cloud that trade events do not either. docs/drift.md has the formulas.
 */
import { runningSpreads } from '../model/metric.ts'
import type { Model } from '../model/model.ts'
import type { ModelUpdate } from '../model/update.ts'
import { allowance, lnChoose, portions } from './bounds.ts'
import { groupsOf } from './standing-apart.ts'
import type { Tally } from './tally.ts'

/** Columns of groups that are followed; of a model with more only the first groups are. */
export const mostCells = 1024
/** A block is so many events of a group and so much time: what an hour of the day does is seen in the reference's blocks. */
const blockEvents = 100
const blockMs = 3_600_000
/** Blocks of the reference: a day of them, and what is like them for two days more. */
const leastBlocks = 24
const mostBlocks = 64
/** What one block shows may be of one batch. */
const leastRun = 4
/** Longer runs say no more. */
const mostRun = 1000
/** In spreads of the group: what a centroid may be away from the middle of the reference's. */
const mostAway = 1
/** A column hardly spread in a group is measured by so much of its spread in all events. */
const leastSpread = 0.1

export interface Paths {
  /** Version of the places that are followed. */
  readonly placesSince: number
  /** Of each place its group. */
  readonly groups: Float64Array
  /** Spread of each column in each group, [group·d + column], as are all below; 0: it is not followed. */
  readonly spreads: Float64Array
  /** Least and greatest mean of a block of the reference. */
  readonly low: Float64Array
  readonly high: Float64Array
  /** Mean of the block that is being filled. */
  readonly mean: Float64Array
  /** Blocks in a row that were above, or below when negative. */
  readonly runs: Float64Array
  /** Of each group the events of the block that is being filled, when it began, and the blocks of the reference. */
  readonly events: Float64Array
  readonly fromMs: Float64Array
  readonly blocks: Float64Array
}

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

/** From the places as they are. */
export function firstPaths(model: Model): Paths {
  const { d, usual, drift } = model
  const { weight, mean, m2 } = usual.places
  const most = Math.max(1, Math.floor(mostCells / d))
  const groups = groupsOf(model).map((group) => Math.min(group, most))
  const count = Math.min(most, 1 + groups.reduce((last, group) => Math.max(last, group), 0))
  const whole = runningSpreads(model)
  const spreads = new Float64Array(count * d)
  for (let g = 0; g < count; g++) {
    for (let c = 0; c < d; c++) {
      if (drift.featureOf[c] < 0) continue
      let [events, sum, squares] = [0, 0, 0]
      groups.forEach((group, j) => {
        if (group !== g) return
        // Measured from one of the places: about a far origin the squares would lose the spread.
        const x = (mean[j * d + c] - mean[groups.indexOf(g) * d + c]) / whole[c]
        events += weight[j]
        sum += weight[j] * x
        squares += weight[j] * x * x + m2[j * d + c] / whole[c] ** 2
      })
      const variance = squares / events - (sum / events) ** 2
      // An empty group has none, nor one of absurd values.
      const own = variance > 0 && variance < 1e200 ? Math.sqrt(variance) : 0
      const spread = whole[c] * Math.max(leastSpread, own)
      // A column that is spread endlessly, since hardly an event is left, is not followed.
      spreads[g * d + c] = spread < Number.POSITIVE_INFINITY ? spread : 0
    }
  }
  const cells = () => new Float64Array(count * d)
  return {
    placesSince: usual.sinceVersion,
    groups,
    spreads,
    low: cells(),
    high: cells(),
    mean: cells(),
    runs: cells(),
    events: new Float64Array(count),
    fromMs: new Float64Array(count),
    blocks: new Float64Array(count),
  }
}

/** Adds the events of an update to the blocks that are being filled (IN and OUT: `paths`). */
export function walk(paths: Paths, { usual, fromMs }: ModelUpdate): void {
  if (usual.sinceVersion !== paths.placesSince) return
  const { groups, events, mean } = paths
  const { weight, mean: means, d } = usual.statistics
  for (let i = 0; i < usual.index.length; i++) {
    const g = groups[usual.index[i]] ?? -1
    if (!(g >= 0 && g < events.length)) continue
    if (events[g] === 0) paths.fromMs[g] = fromMs
    // A stranger's parts of events are none.
    const more = Math.floor(weight[i])
    if (more < 1) continue
    events[g] = Math.min(Number.MAX_SAFE_INTEGER, events[g] + more)
    const share = Math.min(1, more / events[g])
    for (let c = 0; c < d; c++) mean[g * d + c] += share * (means[i * d + c] - mean[g * d + c])
  }
}

/**
 * Closes the blocks that are full (IN and OUT: `paths`) when a window closes, and gives the group that is away farthest and
 * has been for as many blocks as chance cannot explain: of 24 and B blocks in random order the last B are the greatest with
 * probability 1 / C(24 + B, B), whatever their distribution.
 */
export function closeBlocks(paths: Paths, closed: Tally, windowEvents: number): Walk | null {
  const { events, fromMs, blocks } = paths
  const isTimed = closed.fromMs > 0
  const needed = runNeeded(paths, windowEvents)
  let farthest: Walk | null = null
  for (let g = 0; g < events.length; g++) {
    if (events[g] < blockEvents || (isTimed && closed.toMs - fromMs[g] < blockMs)) continue
    const away = blocks[g] < leastBlocks ? null : walkOf(paths, g, needed)
    if (away !== null && away.statistic > (farthest?.statistic ?? 0)) farthest = away
    if (blocks[g] < mostBlocks) learnBlock(paths, g)
    events[g] = 0
    const d = paths.mean.length / events.length
    paths.mean.fill(0, g * d, (g + 1) * d)
  }
  return farthest
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
  let run = leastRun
  while (-lnChoose(leastBlocks + run, run) > allowed) run++
  return run
}

/** Counts a block that is beyond the reference's, column by column; null: no column has been so for long enough. */
function walkOf({ spreads, low, high, mean, runs, events }: Paths, g: number, needed: number): Walk | null {
  const d = spreads.length / events.length
  const [away, before] = [new Float64Array(d), new Float64Array(d)]
  let [top, threshold] = [-1, 0]
  for (let c = 0, at = g * d; c < d; c++, at++) {
    if (!(spreads[at] > 0)) continue
    before[c] = low[at] / 2 + high[at] / 2
    const way = (mean[at] - before[c]) / spreads[at]
    const allowed = Math.max(mostAway, (high[at] / 2 - low[at] / 2) / spreads[at])
    away[c] = Math.abs(way)
    const side = way > allowed ? 1 : way < -allowed ? -1 : 0
    runs[at] = side * Math.min(mostRun, 1 + Math.max(0, side * runs[at]))
    if (Math.abs(runs[at]) < needed || (top >= 0 && away[c] <= away[top])) continue
    top = c
    threshold = allowed
  }
  if (top < 0) return null
  const pValue = Math.exp(-lnChoose(leastBlocks + needed, needed))
  const after = mean.slice(g * d, (g + 1) * d)
  return { group: g, statistic: away[top], threshold, pValue, away, before, after }
}

/** The first blocks make the reference, and later ones that are like them, in each column: a walk is never learned. */
function learnBlock({ spreads, low, high, mean, events, blocks }: Paths, g: number): void {
  const d = spreads.length / events.length
  for (let at = g * d; at < (g + 1) * d; at++) {
    if (blocks[g] === 0) [low[at], high[at]] = [mean[at], mean[at]]
    const isLike = Math.abs(mean[at] - (low[at] / 2 + high[at] / 2)) < (mostAway / 2) * spreads[at]
    if (blocks[g] >= leastBlocks && !isLike) continue
    low[at] = Math.min(low[at], mean[at])
    high[at] = Math.max(high[at], mean[at])
  }
  blocks[g] += 1
}
