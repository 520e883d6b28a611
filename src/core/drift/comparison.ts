/** A stretch of the stream beside what it is compared with. */

import type { BinKind, FeatureBins } from '../features/feature-bins.ts'
import { sum } from '../sum.ts'
import { allowance, lnFewer, lnSetsOf, pairDistance, pairProbability } from './bounds.ts'
import { kolmogorovSmirnov, totalVariation } from './distances.ts'
import { farShare, shareFrom, tailBin } from './tail.ts'
import type { Tally } from './tally.ts'

/** Fewer values than this say nothing. */
const leastValues = 100
/** The tail of the distances is what at most this share of the reference lies beyond. */
const tailShare = 0.02
/** The fit and the shares are those of a model that is no longer young. */
const leastWindows = 4
/** What one window in a hundred shows is nothing remarkable. */
const ordinaryProbability = 0.01

export interface Comparison {
  /** By feature: of the values, or of the share that is missing when that has changed more. */
  readonly distances: Float64Array
  readonly isMissing: Uint8Array
  /** Distances that chance explains; endless where there is too little to compare. */
  readonly limits: Float64Array
  /** Distances that are nothing remarkable. */
  readonly noise: Float64Array
  /** Bounds of the probability of the distances. */
  readonly pValues: Float64Array
  /** Total variation of the shares of the places, and what chance explains of it. */
  readonly shares: number
  readonly sharesLimit: number
  readonly sharesNoise: number
  readonly sharesPValue: number
  /** Share of the events in what was the tail of the distances, or far from all clusters, above what was there. */
  readonly excess: number
  /** Share of the events that had a category which hardly any has now. */
  readonly vanished: number
}

export function compare(kinds: readonly BinKind[], { from }: FeatureBins, now: Tally, then: Tally): Comparison {
  const features = kinds.length
  const [a, b] = [then.features.bins, now.features.bins]
  const distances = new Float64Array(features)
  const limits = new Float64Array(features).fill(Number.POSITIVE_INFINITY)
  const noise = new Float64Array(features).fill(Number.POSITIVE_INFINITY)
  const pValues = new Float64Array(features).fill(1)
  const isMissing = new Uint8Array(features)
  let vanished = 0
  const tests = testsOf(kinds)
  const allowed = allowance(now.events, tests)
  const ordinary = Math.log(ordinaryProbability / tests)
  for (let f = 0; f < features; f++) {
    // The time of day or of the week is never as it was.
    if (kinds[f] === 'phase') continue
    const [first, end] = [from[f], from[f + 1]]
    const [n, m] = [sum(a, first, end), sum(b, first, end)]
    if (Math.min(n, m) >= leastValues) {
      const isNumber = kinds[f] === 'number' || kinds[f] === 'boolean'
      const lnSets = isNumber ? 0 : lnSetsOf(end - first)
      distances[f] = (isNumber ? kolmogorovSmirnov : totalVariation)(a, b, first, end, n, m)
      limits[f] = pairDistance(allowed, n, m, lnSets)
      noise[f] = pairDistance(ordinary, n, m, lnSets)
      pValues[f] = pairProbability(distances[f], n, m, lnSets)
      if (kinds[f] === 'category')
        vanished = Math.max(vanished, vanishedShare(a.subarray(first, end), b.subarray(first, end), allowed))
    }
    const [eventsThen, eventsNow] = [n + then.features.missing[f], m + now.features.missing[f]]
    if (Math.min(eventsThen, eventsNow) < leastValues) continue
    const missing = Math.abs(missingShare(then, f, n) - missingShare(now, f, m))
    if (missing <= distances[f]) continue
    distances[f] = missing
    isMissing[f] = 1
    limits[f] = pairDistance(allowed, eventsThen, eventsNow)
    noise[f] = pairDistance(ordinary, eventsThen, eventsNow)
    pValues[f] = pairProbability(missing, eventsThen, eventsNow)
  }
  const { shares, sharesLimit, sharesNoise, sharesPValue } = sharesOf(now, then, allowed, ordinary)
  const ofShares = { shares, sharesLimit, sharesNoise, sharesPValue }
  return { ...ofShares, distances, limits, noise, pValues, isMissing, excess: excessOf(now, then), vanished }
}

/** Of each feature its values and what is missing, of a categorical one also what it has lost; and the shares. */
function testsOf(kinds: readonly BinKind[]): number {
  let tests = 2 * kinds.length + 1
  for (const kind of kinds) if (kind === 'category') tests++
  return tests
}

/** Of each category with this share or more, whether it has less than a tenth of it, and not by chance. */
const leastVanished = 0.01
const hardlyAny = 0.1

function vanishedShare(then: Float64Array, now: Float64Array, allowed: number): number {
  const [n, m] = [sum(then), sum(now)]
  let vanished = 0
  for (let b = 0; b < then.length; b++) {
    const [before, after] = [then[b] / n, now[b] / m]
    if (before < leastVanished || after > hardlyAny * before) continue
    if (lnFewer(now[b], m, then[b], n) <= allowed - Math.log(then.length)) vanished += before
  }
  return Math.min(1, vanished)
}

function sharesOf(
  now: Tally,
  then: Tally,
  allowed: number,
  ordinary: number,
): Pick<Comparison, 'shares' | 'sharesLimit' | 'sharesNoise' | 'sharesPValue'> {
  const [n, m] = [sum(then.places), sum(now.places)]
  const same = now.placesSince === then.placesSince
  if (!same || then.windows < leastWindows || Math.min(n, m) < leastValues) {
    return {
      shares: 0,
      sharesLimit: Number.POSITIVE_INFINITY,
      sharesNoise: Number.POSITIVE_INFINITY,
      sharesPValue: 1,
    }
  }
  const shares = totalVariation(then.places, now.places, 0, then.places.length, n, m)
  const lnSets = lnSetsOf(now.places.length)
  return {
    shares,
    sharesLimit: pairDistance(allowed, n, m, lnSets),
    sharesNoise: pairDistance(ordinary, n, m, lnSets),
    sharesPValue: pairProbability(shares, n, m, lnSets),
  }
}

/** A distance below this share of the threshold is none. */
export const clearShare = 1 / 2

/** Whether no feature differs by more than what is none, or nothing remarkable. */
export function isQuiet({ distances, noise }: Comparison, ksThreshold: number): boolean {
  for (let f = 0; f < distances.length; f++) {
    if (!(distances[f] < Math.max(ksThreshold * clearShare, noise[f]))) return false
  }
  return true
}

/** The greatest distance of a feature. */
export function largest({ distances }: Comparison): number {
  let most = 0
  for (let f = 0; f < distances.length; f++) most = Math.max(most, distances[f])
  return most
}

/** The values of a feature, by bin: a view. */
export function valuesOf(tally: Tally, { from }: FeatureBins, feature: number): Float64Array {
  return tally.features.bins.subarray(from[feature], from[feature + 1])
}

/** The share of the events that have no value of a feature, beside so many values of it. */
export function missingShare({ features: { missing } }: Tally, feature: number, values: number): number {
  const events = values + missing[feature]
  return events > 0 ? missing[feature] / events : 0
}

/** Whether the fit of the events is known well enough to be compared with. */
export function isFitKnown({ windows, distances }: Tally): boolean {
  return windows >= leastWindows && sum(distances) >= leastValues
}

function excessOf(now: Tally, then: Tally): number {
  if (!isFitKnown(then)) return 0
  const [n, m] = [sum(then.distances), sum(now.distances)]
  const tail = tailBin(then.distances, tailShare, n)
  const inTail = shareFrom(now.distances, tail, m) - shareFrom(then.distances, tail, n)
  return Math.min(1, Math.max(0, inTail, farShare(now, m) - farShare(then, n)))
}

/** What both say: the lesser of the changes. Gives the first (IN and OUT). */
export function lesser(a: Comparison, b: Comparison): Comparison {
  for (let f = 0; f < a.distances.length; f++) {
    a.distances[f] = Math.min(a.distances[f], b.distances[f])
    a.limits[f] = Math.max(a.limits[f], b.limits[f])
    a.noise[f] = Math.max(a.noise[f], b.noise[f])
    a.pValues[f] = Math.max(a.pValues[f], b.pValues[f])
  }
  return {
    ...a,
    shares: Math.min(a.shares, b.shares),
    sharesLimit: Math.max(a.sharesLimit, b.sharesLimit),
    sharesNoise: Math.max(a.sharesNoise, b.sharesNoise),
    sharesPValue: Math.max(a.sharesPValue, b.sharesPValue),
    excess: Math.min(a.excess, b.excess),
    vanished: Math.min(a.vanished, b.vanished),
  }
}
