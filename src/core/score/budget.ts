/**
 * What keeps the share called anomalous to the budget. The histogram of the score remembers, so when the stream or the
 * model has changed it says for long what was rare before. So the level at which it is read follows the outcome: it falls
 * with every event called rare and rises with every other, until they balance (adaptive conformal inference: Gibbs &
 * Candès, NeurIPS 2021). It judges each batch by the state that had not learned it, in log order, so it does not depend on
 * how old the version was that scored the batch.
 */

import type { RarityState } from '../model/model.ts'
import { sum } from '../sum.ts'
import { binEdge, logDistanceAt, type RarityTable, rarityBin, rarityOf, rarityTable } from './rarity.ts'

/** An event called rare lowers the level by this share: large enough to follow, small enough not to tremble. */
const gain = 1 / 20
/** A burst may spend two thirds of the budget of the time after it, not more. */
const lowestShare = 1 / 3
/** No batch, however large, says more than one that was scored by the level that it had. */
const mostAtOnce = 1

/**
 * Adjusts the exponent (IN and OUT) to counts of log distances that the histogram has not learned. Gives how many of them
 * were called rare.
 */
export function keepToBudget(state: RarityState, bins: Int32Array, counts: Float64Array, budget: number): number {
  if (state.weight < 1) return 0
  const called = calledRare(state, bins, counts, budget)
  const surplus = budget * sum(counts) - called
  const step = Math.min(Math.max(gain * surplus, -mostAtOnce), mostAtOnce)
  const level = Math.log(budget) / state.exponent + step
  const bounded = Math.min(Math.max(level, Math.log(lowestShare * budget)), Math.log((1 + budget) / 2))
  state.exponent = Math.log(budget) / bounded
  return called
}

/** How many of the counted events are as rare as the budget; of the bin where it lies, as many as the table has there. */
function calledRare(state: RarityState, bins: Int32Array, counts: Float64Array, budget: number): number {
  const table = rarityTable({ ...state, exponent: 1 })
  const level = budget ** (1 / state.exponent)
  const threshold = logDistanceAt(table, level)
  const at = rarityBin(threshold)
  let called = 0
  for (let i = 0; i < bins.length; i++) {
    if (bins[i] > at) called += counts[i]
    else if (bins[i] === at) called += counts[i] * shareAbove(table, at, threshold)
  }
  return called
}

/** Share of the events of a bin that lie above the threshold in it, as the table spreads them. */
function shareAbove(table: RarityTable, bin: number, threshold: number): number {
  const [low, high] = [rarityOf(table, binEdge(bin)), rarityOf(table, binEdge(bin + 1))]
  return low > high ? Math.min(Math.max((rarityOf(table, threshold) - high) / (low - high), 0), 1) : 0
}
