/** Whether what a window shows is a drift, and of which kind: one cause may light several detectors, and is told once. */
import type { Model } from '../model/model.ts'
import { wealthNeeded } from './bounds.ts'
import { kindOfFeatures } from './changed-features.ts'
import { type Comparison, clearShare, compare, isQuiet } from './comparison.ts'
import { betCount, type Drift } from './drift.ts'
import type { Detector, DriftKind } from './finding.ts'
import type { Bet } from './fit.ts'
import { type Further, stillBefore } from './further.ts'
import { type Cause, goFurther, raise } from './open.ts'
import { isGradual, isGrowing, past } from './passing.ts'
import type { Walk } from './paths.ts'
import { adopt, startOver } from './reference.ts'
import type { SegmentSighting } from './segments.ts'
import { signatureOf } from './signature.ts'
import type { Tally } from './tally.ts'

/** So much above the threshold one window is enough; otherwise the one before must have shown something, too. */
const plainly = 1.25
/** What is above this is no chance: how it came about may be asked. */
const clearly = 0.7
/** What is seen in distances and shares alone must have been so for this many windows, and while it grows for these. */
const leastWaited = 3
/** What grows is compared with so many windows before. */
const [lately, longAgo] = [2, 4]
const mostWaited = 12
/** The shares of the places change by themselves while these are learned; but not those of one place alone. */
const ofOnePlace = 0.3
/**
 * Places that are learned pass events to one another without any drift. Where events themselves have changed, some feature
 * shows at least so much of what the shares show.
 */
const shownByFeatures = 0.4
/** Of the threshold of distances: the least share of a category that is missed. */
const vanishedShare = 0.2
/** A former reference that has come back so often is known to come and go. */
const knownVisits = 2

/** A window, or a sum of some, and how it differs from what was. */
interface Stretch {
  readonly now: Tally
  readonly before: Tally
  readonly found: Comparison
}

/** A cause, and all that differs where it was seen. */
interface Sighting extends Cause {
  readonly found: Comparison
}

export interface Evidence {
  readonly window: Stretch
  readonly bets: readonly (Bet | null)[]
  /** Sums of windows that were filled. */
  readonly sums: readonly Stretch[]
  readonly walked: Walk | null
  readonly segment: SegmentSighting | null
}

/** Raises a drift in the model (IN and OUT), or not; true: there was nothing to be seen. */
export function suspect(model: Model, evidence: Evidence): boolean {
  const { drift } = model
  const cause =
    ofFeatures(drift, evidence) ??
    ofCategories(drift, evidence) ??
    ofBets(drift, evidence) ??
    ofShares(drift, evidence) ??
    ofPaths(evidence) ??
    ofSegments(evidence)
  if (cause === null) {
    drift.waited = 0
    return isQuiet(evidence.window.found, drift.options.ksThreshold)
  }
  drift.waited += 1
  const kind = kindOf(model, cause)
  if (kind === null) return false
  const { now } = evidence.window
  const former = formerLike(model, now)
  if (former !== null && kind !== 'newCluster' && kind !== 'lostCluster' && !isOfPart(cause.detector)) {
    adopt(drift, former)
    startOver(drift)
    former.visits += 1
    if (former.visits <= knownVisits) raise(model, now, cause, 'recurring', stillBefore(drift))
  } else raise(model, now, cause, kind, stillBefore(drift))
  return false
}

/** Raises what goes beyond the open drift of the model (IN and OUT), which ends where that begins. */
export function raiseFurther(model: Model, closed: Tally, hours: Tally | null, { cause, found, left }: Further): void {
  const { drift } = model
  const kind = signatureOf(closed, cause.before, found) ?? kindOfFeatures(left, drift.options.ksThreshold)
  // Those that have left begin anew.
  const still = drift.open!.still.map((windows) => Math.max(0, windows))
  goFurther(model, closed, cause.before, hours)
  const former = formerLike(model, closed)
  if (former !== null) former.visits += 1
  raise(model, closed, cause, former === null ? kind : 'recurring', still)
}

/** The kind of what has been seen; null: it is to be waited for. */
function kindOf(model: Model, { detector, found, now, before }: Sighting): DriftKind | null {
  const { drift } = model
  const { ksThreshold } = drift.options
  // It has been waited for long enough.
  if (detector === 'centroids') return 'gradual'
  const features = drift.kinds.length
  const largest = found.distances.reduce((most, x) => Math.max(most, x), 0)
  const signature = signatureOf(now, before, found)
  const isOfFeatures = detector === 'features' || detector === 'missing'
  // A cluster comes or goes at once; while all move, some places are left first.
  const top = found.distances.indexOf(largest)
  const cameSlowly = largest >= clearly * ksThreshold && isGradual(drift, top)
  if (isOfFeatures && cameSlowly) return 'gradual'
  if (isOfFeatures && signature === null) return kindOfFeatures(found, ksThreshold)
  if (drift.waited + now.windows - 1 < leastWaited) return null
  if (detector === 'segments') return 'qualityDrop'
  const grows = detector === 'shares' ? isGrowing(drift, top, longAgo) : isGrowing(drift, features, lately)
  if (cameSlowly) return 'gradual'
  if (grows) return drift.waited < mostWaited ? null : 'gradual'
  if (signature !== null) return signature
  if (detector === 'shares' && isGradual(drift, top)) return 'gradual'
  if (bornSince(model, drift.sums[1].sinceVersion)) return 'newCluster'
  return detector === 'shares' ? 'sudden' : 'qualityDrop'
}

/** Whether features show a drift while one is open that was seen in distances or shares alone. */
export function isPlainer(drift: Drift, window: Stretch): boolean {
  const { detector } = drift.open!
  if (detector === 'features' || detector === 'missing') return false
  return ofFeatures(drift, { window, bets: [], sums: [], walked: null, segment: null }) !== null
}

function ofFeatures(drift: Drift, { window, sums }: Evidence): Sighting | null {
  const { ksThreshold } = drift.options
  const f = mostAbove(window.found, ksThreshold)
  if (f >= 0) {
    const isPlain = window.found.distances[f] >= plainly * ksThreshold
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
  distances.forEach((x, f) => {
    if (x >= Math.max(threshold, limits[f]) && (most < 0 || x > distances[most])) most = f
  })
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

/** A category that hardly any event has any more may be too small a part to show in the distance. */
function ofCategories({ options }: Drift, { window }: Evidence): Sighting | null {
  const { vanished } = window.found
  const threshold = vanishedShare * options.ksThreshold
  if (vanished < threshold) return null
  return { ...window, detector: 'features', statistic: vanished, threshold, pValue: 1 }
}

function ofShares(drift: Drift, { window, sums }: Evidence): Sighting | null {
  const { ksThreshold } = drift.options
  for (const stretch of [window, ...sums]) {
    const { shares, sharesLimit, sharesPValue, distances } = stretch.found
    const largest = Math.max(0, ...distances)
    if (largest < shownByFeatures * shares) continue
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

/** Where a part of the events has changed the whole looks as ever: nothing is told by what it looks like. */
function isOfPart(detector: Detector): boolean {
  return detector === 'centroids' || detector === 'segments'
}

/** Whether clusters have come to be of late. */
function bornSince({ upkeep, version }: Model, since: number): boolean {
  return upkeep.changes.some((change) => change.kind === 'born' && change.version >= Math.min(since, version))
}

/** What was the reference once and looks like the window; null: nothing. */
function formerLike({ drift, features: { bins } }: Model, closed: Tally): Tally | null {
  const { kinds, options } = drift
  return drift.former.findLast((then) => isQuiet(compare(kinds, bins, closed, then), options.ksThreshold)) ?? null
}
