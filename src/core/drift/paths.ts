/**
 * How far centroids have moved since the reference, in spreads of their own. What is followed is the middle of the events
 * of each group of places that stands apart: places are moved by their events alone, so no refit moves it, and places of
 * one cloud that trade events do not either. docs/drift.md has the formulas.
 */
import { runningSpreads } from '../model/metric.ts'
import type { Model } from '../model/model.ts'
import type { ModelUpdate } from '../model/update.ts'
import { groupsOf } from './standing-apart.ts'
import type { Tally } from './tally.ts'
import { leastBlocks, middleAt, mostAway, runNeeded, type Walk, walkOf } from './walks.ts'

/** Columns of groups that are followed; of a model with more only the first groups are. */
export const mostCells = 1024
/** A block is so many events of a group and so much time: what an hour of the day does is seen in the reference's blocks. */
const blockEvents = 100
const blockMs = 3_600_000
/** Blocks of the reference, with what is like its first for two days more. */
const mostBlocks = 64
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
    const of = Array.from(groups.keys()).filter((j) => groups[j] === g)
    for (let c = 0; c < d; c++) {
      if (drift.featureOf[c] < 0) continue
      let [events, sum, squares] = [0, 0, 0]
      for (const j of of) {
        // Measured from one of the places: about a far origin the squares would lose the spread.
        const x = (mean[j * d + c] - mean[of[0] * d + c]) / whole[c]
        events += weight[j]
        sum += weight[j] * x
        squares += weight[j] * x * x + m2[j * d + c] / whole[c] ** 2
      }
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
  const d = paths.mean.length / events.length
  let needed = 0
  let farthest: Walk | null = null
  for (let g = 0; g < events.length; g++) {
    if (events[g] < blockEvents || (isTimed && closed.toMs - fromMs[g] < blockMs)) continue
    if (blocks[g] >= leastBlocks) {
      needed ||= runNeeded(paths, windowEvents)
      const away = walkOf(paths, g, needed)
      if (away !== null && away.statistic > (farthest?.statistic ?? 0)) farthest = away
    }
    if (blocks[g] < mostBlocks) learnBlock(paths, g)
    events[g] = 0
    paths.mean.fill(0, g * d, (g + 1) * d)
  }
  return farthest
}

/** The first blocks make the reference, and later ones that are like them, in each column: a walk is never learned. */
function learnBlock(paths: Paths, g: number): void {
  const { spreads, low, high, mean, events, blocks } = paths
  const d = spreads.length / events.length
  for (let at = g * d; at < (g + 1) * d; at++) {
    if (blocks[g] === 0) [low[at], high[at]] = [mean[at], mean[at]]
    const isLike = Math.abs(mean[at] - middleAt(paths, at)) < (mostAway / 2) * spreads[at]
    if (blocks[g] >= leastBlocks && !isLike) continue
    low[at] = Math.min(low[at], mean[at])
    high[at] = Math.max(high[at], mean[at])
  }
  blocks[g] += 1
}
