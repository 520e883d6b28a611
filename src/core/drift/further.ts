/**
 * A change while another drift is open: what that has come to is what the next is measured from. Only a feature that has
 * kept its place can leave it, so a drift that goes on, however fast, is not told again.
 */
import type { Model } from '../model/model.ts'
import { type Comparison, clearShare, compare } from './comparison.ts'
import type { Drift } from './drift.ts'
import type { Cause } from './open.ts'
import { past } from './passing.ts'
import { summed } from './sums.ts'
import type { Tally } from './tally.ts'

/** Windows in a row in which a feature has looked as in those before: what settles a drift. */
const leastStill = 8
/** Of a feature that has left its place with this window: how far is known when the next is whole. */
const leaving = -1
/** So much above the threshold one window is enough. */
const plainly = 1.25

/** Of each feature, the windows in a row, up to the newest, in which it was as the reference has it. */
export function stillBefore(drift: Drift): Float64Array {
  const { ksThreshold } = drift.options
  // What was before the reference was taken is not known any more.
  const known = Math.min(leastStill, summed(drift).windows)
  return Float64Array.from(drift.kinds, (_, f) => {
    let windows = 0
    while (windows < known && past(drift, windows, f) < ksThreshold * clearShare) windows++
    return windows
  })
}

/** Whether so many windows are what a feature may have kept its place for. */
export function isStill(windows: number): boolean {
  return Number.isInteger(windows) && windows >= leaving && windows <= leastStill
}

/** What is now beside what the open drift had come to. */
export interface Further {
  readonly cause: Cause
  readonly found: Comparison
  /** The same without the features that the open drift keeps moving. */
  readonly left: Comparison
}

/**
 * The further change that a window shows, or null; learns which features keep their place (IN and OUT: the open drift).
 * @param found the window beside what was before the drift: what is again as it was then is no further change.
 * @param beside the window beside what the open drift had come to.
 */
export function furtherChange(
  { drift, features: { bins } }: Model,
  closed: Tally,
  found: Comparison,
  beside: Comparison,
): Further | null {
  const open = drift.open!
  const { ksThreshold } = drift.options
  const earlier = open.still.includes(leaving) ? (drift.former.at(-1) ?? null) : null
  const besideEarlier = earlier === null ? null : compare(drift.kinds, bins, closed, earlier)
  let most: Omit<Further, 'left'> | null = null
  const kept = new Uint8Array(open.still.length)
  for (let f = 0; f < open.still.length; f++) {
    const wasStill = open.still[f] >= leastStill
    const hasLeft = open.still[f] === leaving
    const isQuiet = beside.distances[f] < Math.max(ksThreshold * clearShare, beside.noise[f])
    if (isQuiet) open.still[f] = Math.min(leastStill, Math.max(0, open.still[f]) + 1)
    else open.still[f] = wasStill ? leaving : 0
    kept[f] = wasStill || hasLeft ? 1 : 0
    const then = wasStill ? drift.candidate : hasLeft ? earlier : null
    const change = wasStill ? beside : besideEarlier
    if (then === null || change === null || found.distances[f] < ksThreshold) continue
    const threshold = Math.max((wasStill ? plainly : 1) * ksThreshold, change.limits[f])
    const statistic = change.distances[f]
    if (statistic < threshold || (most !== null && statistic <= most.cause.statistic)) continue
    const detector = change.isMissing[f] === 1 ? 'missing' : 'features'
    const pValue = change.pValues[f]
    most = { cause: { detector, statistic, threshold, pValue, now: closed, before: then }, found: change }
  }
  if (most === null) return null
  return { ...most, left: { ...most.found, distances: most.found.distances.map((x, f) => x * kept[f]) } }
}
