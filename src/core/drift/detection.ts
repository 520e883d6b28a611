/** Counts the stream in windows, and compares each with the reference: what `fold` does about drift. docs/drift.md. */
import type { Model } from '../model/model.ts'
import type { ModelUpdate } from '../model/update.ts'
import { type Comparison, compare, isFitKnown, lesser } from './comparison.ts'
import type { Drift } from './drift.ts'
import type { Detector } from './finding.ts'
import { betsOf, place } from './fit.ts'
import { furtherChange } from './further.ts'
import { follow, giveWay } from './open.ts'
import { note } from './passing.ts'
import { closeBlocks, firstPaths, walk } from './paths.ts'
import { hoursOf, learnHours } from './phases.ts'
import { grow, renewFit } from './reference.ts'
import { betOnSegments, isSegmentSuspected, type SegmentSighting, segmentBets } from './segments.ts'
import { type Evidence, isPlainer, mayShow, type Stretch } from './sightings.ts'
import { sumUp } from './sums.ts'
import { raiseFurther, suspect } from './suspicion.ts'
import { clearTally, count, type Tally } from './tally.ts'
import { isAway, type Walk } from './walks.ts'

/** Learns an update that the model (IN and OUT) has just learned, of which so many events were called rare. */
export function observe(model: Model, update: ModelUpdate, rare: number): void {
  const { drift } = model
  if (!drift.options.enabled) return
  count(drift.window, model, update, rare)
  if (isFollowed(drift)) walk(drift.paths!, update)
  if (drift.window.events < drift.options.windowEvents) return
  const closed = drift.window
  closed.windows = 1
  drift.closed += 1
  judge(model, closed)
  // Whoever goes on with what was counted has a copy.
  clearTally(closed)
}

function judge(model: Model, closed: Tally): void {
  const { drift } = model
  const hours = hoursOf(drift, closed)
  const window = beside(model, closed, hours)
  const walked = followed(model, closed)
  const references = hours === null ? [drift.reference] : [drift.reference, hours]
  const isKnown = isTimeless(drift) || hours !== null
  const isBetOn = isKnown && drift.segmentBets.length > 0 && goesOn(drift, 'segments')
  const segment = isBetOn ? betOnSegments(drift, segmentBets(closed, references)) : null
  note(drift, window.found.distances, window.found.excess, window.found.shares)
  if (drift.open !== null && isPlainer(drift, window)) giveWay(model, closed)
  if (drift.open === null) {
    const bets = isKnown ? betsOf(closed, references) : []
    look(model, { window, bets, walked, segment })
  } else goOn(model, window, hours, segment)
  learnHours(drift, closed)
}

/** Looks for a drift of the model (IN and OUT) while none is open. */
function look(model: Model, seen: Omit<Evidence, 'sums'>): void {
  const { drift } = model
  const closed = seen.window.now
  place(drift.bets, seen.bets, drift.options.windowEvents)
  const filled = sumUp(drift, closed)
  const sums = filled.flatMap((sum) => worthALook(model, sum) ?? [])
  if (!suspect(model, { ...seen, sums })) return
  // What is soon told of a segment must not have become usual meanwhile.
  if (!isSegmentSuspected(drift)) grow(drift, closed)
  for (const sum of filled) renewFit(drift, sum)
}

/** Goes on with the open drift of the model (IN and OUT), or finds a further one in it. */
function goOn(model: Model, { now, found }: Stretch, hours: Tally | null, segment: SegmentSighting | null): void {
  const { drift, features } = model
  const withCandidate = compare(drift.kinds, features.bins, now, drift.candidate)
  const further = furtherChange(model, now, found, withCandidate)
  if (further !== null) raiseFurther(model, now, hours, further)
  else follow(model, now, found, withCandidate, hours, isPartAway(drift, segment))
}

function isPartAway({ open, paths }: Drift, segment: SegmentSighting | null): boolean | null {
  if (open?.detector === 'centroids') return paths !== null && isAway(paths)
  return open?.detector === 'segments' ? segment !== null : null
}

/** While a drift is open only the detector that found it goes on: what has changed is not what the others compare with. */
function goesOn({ open }: Drift, detector: Detector): boolean {
  return open === null || open.detector === detector
}

function isFollowed(drift: Drift): boolean {
  return drift.paths !== null && goesOn(drift, 'centroids')
}

/** The group of places that has walked away from where the reference had it (IN and OUT: `model`), or null. */
function followed(model: Model, closed: Tally): Walk | null {
  const { drift, usual } = model
  if (drift.paths !== null && drift.paths.placesSince !== usual.sinceVersion) drift.paths = null
  if (isFollowed(drift)) return closeBlocks(drift.paths!, closed, drift.options.windowEvents)
  if (drift.open === null && isFitKnown(drift.reference)) drift.paths = firstPaths(model)
  return null
}

/** What is counted now beside the reference, or beside what the same hours were before where that is known. */
function beside(model: Model, now: Tally, hours: Tally | null): Stretch {
  return { now, before: hours ?? model.drift.reference, found: compared(model, now, hours, withReference(model, now)) }
}

/** A sum beside what it is compared with, or null: most show nothing beside the reference, so their hours are not summed. */
function worthALook(model: Model, sum: Tally): Stretch | null {
  const found = withReference(model, sum)
  if (!mayShow(model.drift, found)) return null
  const hours = hoursOf(model.drift, sum)
  return { now: sum, before: hours ?? model.drift.reference, found: compared(model, sum, hours, found) }
}

function withReference({ drift, features: { bins } }: Model, now: Tally): Comparison {
  return compare(drift.kinds, bins, now, drift.reference)
}

/** With the reference (IN and OUT), and with what the same hours were before: what differs from both has changed. */
function compared(
  { drift, features: { bins } }: Model,
  now: Tally,
  hours: Tally | null,
  beside: Comparison,
): Comparison {
  const found = hours === null ? beside : lesser(beside, compare(drift.kinds, bins, now, hours))
  if (isTimeless(drift)) return found
  // The hour is in the places: no two days share an hour among them alike, a Sunday and a Monday least of all.
  const shareless = { ...found, shares: 0, sharesLimit: Number.POSITIVE_INFINITY, sharesPValue: 1 }
  // Nor is it known how far events should be at this hour.
  return hours === null ? { ...shareless, excess: 0 } : shareless
}

/** No feature is of the hour or the weekday. */
function isTimeless({ kinds }: Drift): boolean {
  return !kinds.includes('phase')
}
