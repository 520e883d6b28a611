/**
 * Sums of windows, in which what no window can show is to be seen. Each is made of sums of the length before, the first of
 * windows: so a window is added once, however many lengths there are. Counts are whole, so the order changes no sum.
 */
import { type Drift, sumLengths } from './drift.ts'
import { addTally, emptyLike, type Tally, tallyOf } from './tally.ts'

/** Adds a window to the sums (IN and OUT: `drift`) and gives those that it has filled, the shortest first. */
export function sumUp({ sums }: Drift, closed: Tally): readonly Tally[] {
  const filled: Tally[] = []
  let part = closed
  for (let level = 0; level < sumLengths.length; level++) {
    addTally(sums[level], part)
    if (sums[level].windows < sumLengths[level]) break
    part = sums[level]
    filled.push(part)
    sums[level] = emptyLike(closed)
  }
  return filled
}

/** All windows of a sum that is being filled: those in it, and those that are still in shorter ones. */
export function summed({ sums }: Drift, level = sumLengths.length - 1): Tally {
  const all = tallyOf(sums[level])
  for (let shorter = level - 1; shorter >= 0; shorter--) addTally(all, sums[shorter])
  return all
}
