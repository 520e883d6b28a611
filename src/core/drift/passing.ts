/** How the statistics of the last windows have come to where they are. */
import { type Drift, historyWindows } from './drift.ts'

/** What is between these shares of what it has come to was on the way. */
const [low, high] = [0.35, 0.75]
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
    if (then > low * now && then < high * now) onTheWay++
  }
  return onTheWay >= leastOnTheWay
}

/** Since so many windows ago. */
export function isGrowing(drift: Drift, column: number, windows: number): boolean {
  return past(drift, 0, column) > growth * past(drift, windows, column) + few
}
