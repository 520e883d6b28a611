/** What each detector sees in a window, the plainest first. */
import { wealthNeeded } from './bounds.ts'
import { type Comparison, clearShare, largest } from './comparison.ts'
import { betCount, type Drift } from './drift.ts'
import type { Detector } from './finding.ts'
import type { Bet } from './fit.ts'
import type { Cause } from './open.ts'
import { past } from './passing.ts'
import type { SegmentSighting } from './segments.ts'
import { signatureOf } from './signature.ts'
import type { Tally } from './tally.ts'
import type { Walk } from './walks.ts'

/**
 * So much above the threshold, or so many standard errors of a window's share, one window is enough; otherwise the one before
 * must have shown something, too. Bursts of events that depend on one another come near the threshold now and then.
 */
const plainly = 1.25
const sureErrors = 1.5
/** The shares of the places change by themselves while these are learned; but not those of one place alone. */
const ofOnePlace = 0.3
/**
 * Places that are learned pass events to one another without any drift. Where events themselves have changed, some feature
 * shows at least so much of what the shares show.
 */
const shownByFeatures = 0.4
/** Of the threshold of distances: the least share of categories that are missed. */
const vanishedShare = 0.05

/** A window, or a sum of some, and how it differs from what was. */
export interface Stretch {
  readonly now: Tally
  readonly before: Tally
  readonly found: Comparison
}

/** A cause, and all that differs where it was seen. */
export interface Sighting extends Cause {
  readonly found: Comparison
  /** No feature has changed by much, but a category is missed. */
  readonly isOfCategories?: boolean
}

export interface Evidence {
  readonly window: Stretch
  readonly bets: readonly (Bet | null)[]
  /** Sums of windows that were filled and may show something. */
  readonly sums: readonly Stretch[]
  readonly walked: Walk | null
  readonly segment: SegmentSighting | null
}

/** What is to be seen, by the plainest detector that sees something; null: nothing. */
export function sightingOf(drift: Drift, evidence: Evidence): Sighting | null {
  return (
    ofFeatures(drift, evidence) ??
    ofCategories(drift, evidence) ??
    ofBets(drift, evidence) ??
    ofShares(drift, evidence) ??
    ofPaths(evidence) ??
    ofSegments(evidence)
  )
}

/** Whether features show a drift while one is open that was seen in distances or shares alone. */
export function isPlainer(drift: Drift, window: Stretch): boolean {
  const { detector } = drift.open!
  if (detector === 'features' || detector === 'missing') return false
  return ofFeatures(drift, { window, bets: [], sums: [], walked: null, segment: null }) !== null
}

/** Whether a sum that differs so from the reference may show something. It shows no more beside the same hours before. */
export function mayShow({ options: { ksThreshold } }: Drift, found: Comparison): boolean {
  return (
    mostAbove(found, ksThreshold) >= 0 ||
    found.vanished >= vanishedShare * ksThreshold ||
    found.shares >= leastShares(found, ksThreshold)
  )
}

function ofFeatures(drift: Drift, { window, sums }: Evidence): Sighting | null {
  const { ksThreshold } = drift.options
  const f = mostAbove(window.found, ksThreshold)
  if (f >= 0) {
    const sure = ksThreshold + sureErrors * Math.sqrt(0.25 / window.now.events)
    const isPlain = window.found.distances[f] >= Math.min(plainly * ksThreshold, sure)
    if (isPlain || past(drift, 1, f) >= clearShare * ksThreshold) return ofFeature(window, f, ksThreshold)
  }
  for (const sum of sums) {
    const of = mostAbove(sum.found, ksThreshold)
    if (of >= 0) return ofFeature(sum, of, ksThreshold)
  }
  return null
}

/** The feature that is most above what is allowed it; -1: none is. */
function mostAbove({ distances, limits }: Comparison, threshold: number): number {
  let most = -1
  for (let f = 0; f < distances.length; f++) {
    const x = distances[f]
    if (x >= Math.max(threshold, limits[f]) && (most < 0 || x > distances[most])) most = f
  }
  return most
}

function ofFeature(stretch: Stretch, f: number, least: number): Sighting {
  const { distances, limits, pValues, isMissing } = stretch.found
  return {
    ...stretch,
    detector: isMissing[f] === 1 ? 'missing' : 'features',
    statistic: distances[f],
    threshold: Math.max(least, limits[f]),
    pValue: pValues[f],
  }
}

/**
 * A category that hardly any event has any more may be too small a part to show in the distance. Of a rare one no window
 * can say that it is gone: a sum can.
 */
function ofCategories({ options }: Drift, { window, sums }: Evidence): Sighting | null {
  const threshold = vanishedShare * options.ksThreshold
  for (const stretch of [window, ...sums]) {
    const { vanished } = stretch.found
    if (vanished >= threshold) {
      return { ...stretch, detector: 'features', statistic: vanished, threshold, pValue: 1, isOfCategories: true }
    }
  }
  return null
}

/** What the shares must show at the least, whatever they are of. */
function leastShares({ sharesLimit }: Comparison, ksThreshold: number): number {
  return Math.max(ofOnePlace * ksThreshold, sharesLimit)
}

function ofShares(drift: Drift, { window, sums }: Evidence): Sighting | null {
  const { ksThreshold } = drift.options
  for (const stretch of [window, ...sums]) {
    const { shares, sharesLimit, sharesPValue } = stretch.found
    // Less is none, whatever it is of: what it is of is asked of what may be one.
    if (shares < leastShares(stretch.found, ksThreshold)) continue
    if (largest(stretch.found) < shownByFeatures * shares) continue
    const isOfOne = signatureOf(stretch.now, stretch.before, stretch.found) !== null
    const threshold = Math.max(isOfOne ? ofOnePlace * ksThreshold : ksThreshold, sharesLimit)
    if (shares >= threshold) {
      return { ...stretch, detector: 'shares', statistic: shares, threshold, pValue: sharesPValue }
    }
  }
  return null
}

/** What each sequential test is of. */
export const betDetectors: readonly Detector[] = ['fit', 'fit', 'fit', 'anomalies']

function ofBets(drift: Drift, { bets, window }: Evidence): Sighting | null {
  const needed = wealthNeeded(drift.options.windowEvents, betCount)
  for (let i = 0; i < bets.length; i++) {
    const bet = bets[i]
    if (bet === null || drift.bets[i] < needed || bet.hits <= bet.usual * bet.events) continue
    return { ...window, detector: betDetectors[i], statistic: bet.hits / bet.events, threshold: bet.usual, pValue: 1 }
  }
  return null
}

/** A centroid that has walked away while nothing else was to be seen. */
function ofPaths({ walked, window }: Evidence): Sighting | null {
  if (walked === null) return null
  const { statistic, threshold, pValue } = walked
  return { ...window, detector: 'centroids', statistic, threshold, pValue, walk: walked }
}

/** One segment that fails while the whole looks as it did. */
function ofSegments({ segment, window }: Evidence): Sighting | null {
  if (segment === null) return null
  const { hits, events, usual } = segment.bet
  const { segment: of } = segment
  return { ...window, detector: 'segments', statistic: hits / events, threshold: usual, pValue: 1, segment: of }
}
