/**
 * How rare a log distance is: P(S ≥ s) from a decayed histogram with an exponential tail (learning.md section 7), raised
 * to a power that keeps the share called rare to the budget. 768 bins of 1/32 nat from −8 to 16.
 */
import type { RarityState } from '../model/model.ts'

export const rarityBins = 768
const binsPerNat = 32
/** No log distance lies much below ln 0.001, and none of fewer than thousands of columns above. */
const lowest = -8
/** The tail is what lies beyond the 98 % quantile, or beyond so many events: fewer than that say little. */
const tailShare = 0.02
export const tailEvents = 20
const steepestTail = 50
const leastRarity = 1e-300

export function emptyRarity(): RarityState {
  return { weight: 0, bins: new Float64Array(rarityBins), exponent: 1 }
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

/** A histogram made ready to answer. All logarithms are of rarities, so the exponent is in them. */
export interface RarityTable {
  readonly weight: number
  /** At the lower edge of each bin; length 769. Between two edges it runs straight. */
  readonly logAtEdge: Float64Array
  /** Log distance at which the tail begins. */
  readonly tailStart: number
  readonly logAtTail: number
  /** How the logarithm falls beyond, per nat. */
  readonly tailRate: number
}

export function rarityTable({ weight, bins, exponent }: RarityState): RarityTable {
  const fromTop = new Float64Array(rarityBins + 1)
  for (let b = rarityBins - 1; b >= 0; b--) fromTop[b] = fromTop[b + 1] + bins[b]
  const leastTail = Math.min(tailShare * weight, tailEvents)
  let first = rarityBins - 1
  while (first > 0 && fromTop[first] < leastTail) first--
  const tailStart = binEdge(first)
  let excess = 0
  for (let b = first; b < rarityBins; b++) excess += bins[b] * (binEdge(b + 0.5) - tailStart)
  return {
    weight,
    logAtEdge: fromTop.map((above) => exponent * Math.log((above + 0.5) / (weight + 0.5))),
    tailStart,
    logAtTail: weight > 0 ? exponent * Math.log(fromTop[first] / weight) : 0,
    tailRate: exponent * Math.min(fromTop[first] / Math.max(excess, 1e-9), steepestTail),
  }
}

/** P(S ≥ logDistance) to the power of the exponent, in [1e-300, 1]; ½ while nothing is known. */
export function rarityOf(table: RarityTable, logDistance: number): number {
  const { logAtEdge, tailStart } = table
  if (table.weight < 1) return 0.5
  let log: number
  if (logDistance > tailStart) log = table.logAtTail - table.tailRate * (logDistance - tailStart)
  else {
    const bin = rarityBin(logDistance)
    const within = Math.min(Math.max((logDistance - lowest) * binsPerNat - bin, 0), 1)
    log = logAtEdge[bin] + within * (logAtEdge[bin + 1] - logAtEdge[bin])
  }
  return Math.min(Math.max(Math.exp(log), leastRarity), 1)
}

/** The log distance whose rarity is `rarity`, the largest of them: where what is called rare begins. */
export function logDistanceAt({ logAtEdge, tailStart, logAtTail, tailRate }: RarityTable, rarity: number): number {
  const log = Math.log(rarity)
  if (log <= logAtTail) return tailStart + (logAtTail - log) / tailRate
  let bin = Math.round((tailStart - lowest) * binsPerNat)
  // Where the tail begins the rarity falls by the half event that the body adds.
  if (logAtEdge[bin] >= log) return tailStart
  while (bin > 0 && logAtEdge[bin] < log) bin--
  const fall = logAtEdge[bin] - logAtEdge[bin + 1]
  return binEdge(bin + (fall > 0 ? Math.min(Math.max((logAtEdge[bin] - log) / fall, 0), 1) : 1))
}

/** Log distance at the lower edge of a bin, or within it. */
export function binEdge(bin: number): number {
  return lowest + bin / binsPerNat
}
