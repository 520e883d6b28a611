/** What the present is compared with, and how it becomes another. */
import { type Drift, mostFormer, sumLengths } from './drift.ts'
import { addTally, emptyLike, type Tally } from './tally.ts'

/** The sample of a birth is small: the reference grows by windows that were like it, up to so many. */
const mostWindows = 64

/** Adds a window that was like it (IN and OUT: `drift`). */
export function grow({ reference }: Drift, closed: Tally): void {
  if (reference.windows < mostWindows) addTally(reference, closed)
}

/**
 * Distances and shares of a grown reference are taken anew from a stretch that was like it: the model learns, so they change
 * slowly without any drift, and the shares sooner than the distances. The values of features do not.
 */
export function renewFit({ reference }: Drift, sum: Tally): void {
  if (sum.windows < sumLengths[1]) return
  reference.places.set(sum.places)
  reference.placesSince = sum.placesSince
  if (sum.windows < sumLengths[2] || reference.windows < mostWindows) return
  reference.distances.set(sum.distances)
  reference.far = sum.far
  reference.rare = sum.rare
  reference.allowed = sum.allowed
}

/** Takes another reference (IN and OUT: `drift`) and keeps the old one among the former, instead of the other if it was one. */
export function adopt(drift: Drift, reference: Tally): void {
  drift.former = [...drift.former.filter((tally) => tally !== reference), drift.reference].slice(-mostFormer)
  drift.reference = reference
  // Where centroids are now is where they are known to be.
  drift.paths = null
}

/** Keeps what was passed through. */
export function remember(drift: Drift, passed: Tally): void {
  if (passed.windows > 0) drift.former = [...drift.former, passed].slice(-mostFormer)
}

/** Lets the tests begin anew (IN and OUT: `drift`): what they have summed up is of before. */
export function startOver(drift: Drift): void {
  for (let level = 0; level < sumLengths.length; level++) drift.sums[level] = emptyLike(drift.window)
  drift.bets.fill(0)
  drift.segmentBets.fill(0)
  drift.history.fill(0)
  drift.waited = 0
  drift.candidate = emptyLike(drift.window)
}
