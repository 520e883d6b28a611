/**
 * How rare a log distance is: P(S ≥ s) from a decayed histogram, with an exponential tail beyond its 98 % quantile
 * (learning.md section 7). 768 bins of 1/16 nat from −24 to 24.
 */
import type { RarityState } from './model.ts'

export const rarityBins = 768
const binsPerNat = 16
const lowest = -24
const tailShare = 0.02
const steepestTail = 50
const leastRarity = 1e-300

export function emptyRarity(): RarityState {
  return { weight: 0, bins: new Float64Array(rarityBins) }
}

/** The bin of a log distance; values beyond the ends fall into the end bins. */
export function rarityBin(logDistance: number): number {
  const bin = Math.trunc((logDistance - lowest) * binsPerNat)
  return bin < 0 ? 0 : bin >= rarityBins ? rarityBins - 1 : bin
}

/** Lets what is in the histogram (IN and OUT) count less, by a factor. */
export function decayRarity(state: RarityState, factor: number): void {
  const { bins } = state
  for (let i = 0; i < rarityBins; i++) bins[i] *= factor
  state.weight *= factor
}

/** Adds counts to the histogram (IN and OUT). */
export function addRarity(state: RarityState, binIndex: Int32Array, counts: Float64Array): void {
  for (let i = 0; i < binIndex.length; i++) {
    state.bins[binIndex[i]] += counts[i]
    state.weight += counts[i]
  }
}

/** A histogram made ready to answer: sums from the top and the fitted tail. */
export interface RarityTable {
  readonly weight: number
  readonly bins: Float64Array
  /** fromTop[b] = weight of bins b and above; length 769. */
  readonly fromTop: Float64Array
  /** Log distance at which the tail begins. */
  readonly tailStart: number
  /** Share of the events in the tail. */
  readonly tailMass: number
  /** Rate of the exponential, per nat. */
  readonly tailRate: number
}

export function rarityTable(state: RarityState): RarityTable {
  const bins = state.bins.slice()
  const fromTop = new Float64Array(rarityBins + 1)
  for (let b = rarityBins - 1; b >= 0; b--) fromTop[b] = fromTop[b + 1] + bins[b]
  let first = rarityBins - 1
  while (first > 0 && fromTop[first] < tailShare * state.weight) first--
  const tailStart = lowest + first / binsPerNat
  let excess = 0
  for (let b = first; b < rarityBins; b++) excess += bins[b] * ((b + 0.5) / binsPerNat + lowest - tailStart)
  return {
    weight: state.weight,
    bins,
    fromTop,
    tailStart,
    tailMass: state.weight > 0 ? fromTop[first] / state.weight : 0,
    tailRate: Math.min(fromTop[first] / Math.max(excess, 1e-9), steepestTail),
  }
}

/** P(S ≥ logDistance), in [1e-300, 1]; ½ while nothing is known. */
export function rarityOf(table: RarityTable, logDistance: number): number {
  if (table.weight < 1) return 0.5
  let rarity: number
  if (logDistance > table.tailStart) {
    rarity = table.tailMass * Math.exp(-table.tailRate * (logDistance - table.tailStart))
  } else {
    const bin = rarityBin(logDistance)
    const within = Math.min(Math.max((logDistance - lowest) * binsPerNat - bin, 0), 1)
    rarity = (table.fromTop[bin + 1] + (1 - within) * table.bins[bin] + 0.5) / (table.weight + 0.5)
  }
  return Math.min(Math.max(rarity, leastRarity), 1)
}
