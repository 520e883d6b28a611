/** What the detection of drift has counted of late, beside the windows that it compares. */
import type { Drift } from './drift.ts'
import { summed } from './sums.ts'
import { addTally, tallyOf } from './tally.ts'

/**
 * Share of the last events that were called anomalous: of the window that is being filled and of up to 63 before it, and
 * while a drift is open of what came since. Null: nothing has been counted.
 */
export function recentAnomalyShare(drift: Drift): number | null {
  const recent = drift.open === null ? summed(drift) : tallyOf(drift.candidate)
  addTally(recent, drift.window)
  return recent.events > 0 ? Math.min(recent.rare / recent.events, 1) : null
}
