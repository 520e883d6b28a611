/** The least spread of a column: what keeps a value that is new from being endlessly far. */
import type { Model } from './model.ts'

/** Of a column's spread at birth: no column is ever finer than this. */
const finest = 1e-3
/** Before so many events little is known of how rare another value is. */
const certainEvents = 20_000

/**
 * Lets the floors (IN and OUT) come down as events are learned. A column that had one value at birth has a floor of a whole
 * unit, since nothing is known of it: one that is 0 or 1 would be taken for wider than it is for ever. When all of n events
 * had one value, another is rarer than one in n, and the spread of what is that rare is 1/√n of the way to it. It comes
 * down late, because flags that are set in a burst would else be the only thing that the metric sees.
 */
export function lowerFloors({ floor, upkeep, trainedEvents }: Model): void {
  const share = Math.max(finest, Math.sqrt(certainEvents / Math.max(certainEvents, trainedEvents)))
  const { unit } = upkeep.reservoir
  for (let c = 0; c < floor.length; c++) floor[c] = Math.min(floor[c], unit[c] * share)
}
