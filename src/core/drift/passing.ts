/** How the statistics of the last windows have come to where they are. */
import { type Drift, historyWindows } from './drift.ts'

/** What is between these shares of what it has come to was on the way, whenever that was. */
const [low, high] = [0.35, 0.75]
/** Right before it came to where it is more was, as far as chance does not bring that about: in 1/√n of n events of a window. */
const [lowest, highest] = [0.25, 0.85]
const [aboveNothing, belowNow] = [1.5, 1.35]
/** A change that begins within a window has one window on the way, and no more. */
const leastOnTheWay = 2
/** So much more than it was, and a few events: it is still growing. */
const growth = 1.4
const few = 0.02

/** Notes the statistics of a window that has just been closed (IN and OUT: `drift`). */
export function note(drift: Drift, distances: Float64Array, excess: number, shares: number): void {
  const width = distances.length + 2
  const at = (drift.closed % historyWindows) * width
  drift.history.set(distances, at)
  drift.history[at + distances.length] = Math.min(1, excess)
  drift.history[at + distances.length + 1] = Math.min(1, shares)
}

/** The statistic so many windows ago; column F is the excess of far distances, F + 1 the change of shares. */
export function past({ closed, history, kinds }: Drift, windows: number, column: number): number {
  const width = kinds.length + 2
  return history[((closed + historyWindows - windows) % historyWindows) * width + column]
}

/** Whether a statistic came to where it is little by little. */
export function isGradual(drift: Drift, column: number): boolean {
  const now = past(drift, 0, column)
  let onTheWay = 0
  for (let windows = 1; windows < historyWindows; windows++) {
    const then = past(drift, windows, column)
    if (isBetween(then, low * now, high * now)) onTheWay++
  }
  return Math.max(onTheWay, lastOnTheWay(drift, column)) >= leastOnTheWay
}

/** Windows in a row that were on the way, before those that were as it is now. */
function lastOnTheWay(drift: Drift, column: number): number {
  const now = past(drift, 0, column)
  const chance = 1 / Math.sqrt(drift.options.windowEvents)
  const least = Math.max(lowest * now, aboveNothing * chance)
  const most = Math.min(highest * now, now - belowNow * chance)
  let windows = 1
  while (windows < historyWindows && past(drift, windows, column) >= most) windows++
  const first = windows
  while (windows < historyWindows && isBetween(past(drift, windows, column), least, most)) windows++
  return windows - first
}

function isBetween(x: number, least: number, most: number): boolean {
  return x > least && x < most
}

/** Since so many windows ago. */
export function isGrowing(drift: Drift, column: number, windows: number): boolean {
  return past(drift, 0, column) > growth * past(drift, windows, column) + few
}
