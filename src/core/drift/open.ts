/** A drift from its finding to its end: the stream returns to what it was, or what it is becomes the reference. */
import type { Model } from '../model/model.ts'
import { eventsBetweenFalse } from './bounds.ts'
import { type Comparison, clearShare, compare, isQuiet, largest } from './comparison.ts'
import { type Drift, mostFindings, type OpenDrift } from './drift.ts'
import type { Detector, DriftFinding, DriftKind } from './finding.ts'
import { adopt, remember, startOver } from './reference.ts'
import { clusterDrifts, featureDrifts, walkedFeatures } from './report.ts'
import { segmentDrifts } from './segment-report.ts'
import { signatureOf } from './signature.ts'
import { addTally, type Tally, tallyOf } from './tally.ts'
import type { Walk } from './walks.ts'

/** Windows in a row that must look like the reference, or like one another, before a drift is over. */
export const returnedWindows = 4
export const settledWindows = 8
/** What goes on changing for so many is taken as it is. */
export const mostOpenWindows = 24
/** A share of far events that is none. */
const clearExcess = 0.02
/** A change of twice the threshold, or of so much of the stream, is critical. */
const criticalTimes = 2
const criticalExcess = 0.2

/** What a drift was seen by. */
export interface Cause {
  readonly detector: Detector
  readonly statistic: number
  readonly threshold: number
  readonly pValue: number
  /** The events that it was seen in, and what they were compared with. */
  readonly now: Tally
  readonly before: Tally
  /** Of a centroid, its way. */
  readonly walk?: Walk
  /** Of one segment, which. */
  readonly segment?: number
}

/** Opens a drift in the model (IN and OUT); `still`: for how long each feature has kept its place. */
export function raise(model: Model, closed: Tally, cause: Cause, kind: DriftKind, still: Float64Array): void {
  const { drift } = model
  drift.found += 1
  drift.open = {
    number: drift.found,
    kind,
    detector: cause.detector,
    returned: 0,
    settled: 0,
    windows: 0,
    sinceVersion: closed.sinceVersion,
    still,
  }
  drift.candidate = tallyOf(closed)
  drift.waited = 0
  tell(model, drift.open, cause, kind, false)
}

/** Ends the open drift of the model (IN and OUT) because a plainer one is seen: what it was told of may go on in that. */
export function giveWay(model: Model, closed: Tally): void {
  const { drift } = model
  // What it went through is of the same change: what comes now is not that come again.
  const { sinceVersion } = drift.open!
  drift.former = drift.former.filter((tally) => tally.sinceVersion < sinceVersion)
  end(model, closed, drift.reference, 0, false)
}

/** Ends the open drift of the model (IN and OUT) where a further change begins: what it had come to is the reference. */
export function goFurther(model: Model, closed: Tally, then: Tally, hours: Tally | null): void {
  const { drift } = model
  const { reference } = drift
  accept(drift, then, hours)
  end(model, closed, reference, 0, true)
  startOver(drift)
}

/** Ends the open drift of the model (IN and OUT) because people have said what is usual. */
export function giveUp(model: Model): void {
  end(model, model.drift.candidate, model.drift.reference, 0, true)
}

/**
 * Goes on with the open drift of the model (IN and OUT) by a window that was compared with the reference and with the candidate.
 * @param isPartAway of a drift seen in a part of the events, whether that is still not as it was; null: it is one of all.
 */
export function follow(
  model: Model,
  closed: Tally,
  found: Comparison,
  withCandidate: Comparison,
  hours: Tally | null,
  isPartAway: boolean | null,
): void {
  const { drift } = model
  const open = drift.open!
  open.windows += 1
  // What is not learned is not taken for usual either; and what had been learned before it stood still does not come back.
  const isFrozen = model.control.frozen !== null
  const isOfFeatures = open.detector === 'features' || open.detector === 'missing'
  const isBack = isFrozen && isOfFeatures ? isQuiet(found, drift.options.ksThreshold) : isLike(model, found)
  // What one place has lost or won may be less than what passes for nothing in all of them.
  const isOfOne = () => signatureOf(closed, hours ?? drift.reference, found) === open.kind
  open.returned = isBack && isPartAway !== true && !isOfOne() ? open.returned + 1 : 0
  if (isLike(model, withCandidate)) {
    // All look as ever when a part has changed: only while it is away it may settle there.
    open.settled = isPartAway === false ? 0 : open.settled + 1
    addTally(drift.candidate, closed)
  } else {
    open.settled = 0
    remember(drift, drift.candidate)
    drift.candidate = tallyOf(closed)
  }
  const returned = open.returned >= returnedWindows
  const accepted = !returned && !isFrozen && (open.settled >= settledWindows || open.windows >= mostOpenWindows)
  if (!(returned || accepted)) return
  const before = drift.reference
  if (returned) remember(drift, drift.candidate)
  else accept(drift, drift.candidate, hours)
  end(model, closed, before, largest(found), accepted)
  startOver(drift)
}

/** Takes what is now for usual (IN and OUT: `drift`). */
function accept(drift: Drift, now: Tally, hours: Tally | null): void {
  adopt(drift, now)
  // The hours that were known are those of before.
  if (hours !== null) drift.phases = []
}

function end(model: Model, closed: Tally, before: Tally, statistic: number, accepted: boolean): void {
  const { drift } = model
  const open = drift.open!
  const threshold = drift.options.ksThreshold * clearShare
  const cause = { detector: open.detector, statistic, threshold, pValue: 1, now: closed, before }
  tell(model, open, cause, 'cleared', accepted)
  drift.open = null
}

function isLike({ drift: { options } }: Model, found: Comparison): boolean {
  const { shares, sharesNoise, excess, vanished } = found
  const { ksThreshold } = options
  if (shares >= Math.max(ksThreshold * clearShare, sharesNoise) || excess >= clearExcess) return false
  return isQuiet(found, ksThreshold) && vanished === 0
}

/** Tells what was found of a drift, or that it is over, in the model (IN and OUT). */
export function tell(
  model: Model,
  { number }: Pick<OpenDrift, 'number'>,
  { detector, statistic, threshold, pValue, now, before, walk, segment }: Cause,
  kind: DriftKind,
  accepted: boolean,
): void {
  const { drift, features } = model
  const change = compare(drift.kinds, features.bins, now, before)
  const isCritical = statistic >= criticalTimes * threshold || change.excess >= criticalExcess
  const finding: DriftFinding = {
    number,
    kind,
    severity: isCritical && kind !== 'cleared' ? 'critical' : 'warning',
    detector,
    version: model.version,
    referenceVersion: before.sinceVersion,
    statistic,
    threshold,
    pValue,
    eventsBetweenFalse,
    accepted,
    events: now.events,
    ranges: now.ranges,
    fromMs: now.fromMs,
    toMs: now.toMs,
    features:
      walk === undefined ? featureDrifts(model, change, before, now) : walkedFeatures(model, walk, change, before, now),
    clusters: clusterDrifts(model, before, now, walk?.group ?? null),
    segments: segmentDrifts(drift, before, now, segment ?? null),
  }
  drift.findings = [...drift.findings, finding].slice(-mostFindings)
}
