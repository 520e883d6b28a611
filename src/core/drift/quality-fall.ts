/**
 * Whether the clusters describe the stream worse than they did, though no window shows it: the detectors of windows compare
 * with a reference that is renewed while nothing is found, so what creeps may creep past them. docs/drift.md.
 */
import type { Model } from '../model/model.ts'
import type { QualityRecord, QualityReference } from '../quality/quality.ts'
import { allowance } from './bounds.ts'
import { sumLengths } from './drift.ts'
import { tell } from './open.ts'
import type { Standing } from './standing.ts'
import { summed } from './sums.ts'
import type { Tally } from './tally.ts'

/** Lower by this share of what it was: less is none. */
const leastFall = 1 / 10
/** And the inertia higher by so much: upkeep takes what lowers it, so what upkeep does to a silhouette is no fall. */
const leastRise = 1.2
/** So many assessments in a row must show it, or, while it is open, that it is over: less than half of it is left. */
const persistence = 2
const clearShare = 1 / 2
/** Assessments spend their part of the allowance on two limits: of what is now, and of what is compared with later. */
const limits = 2

/** Looks at a model (IN and OUT) whose clusters have just been assessed; `before` is the assessment before. */
export function watchQuality(model: Model, before: QualityRecord): void {
  const { drift, quality, trainedEvents } = model
  const { watch, record } = quality
  if (!drift.options.enabled) return
  if (watch.settledAtEvents === 0 || isOtherStream(model, before)) {
    if (watch.open > 0) end(model, record, true)
    watch.reference = null
    watch.settledAtEvents = settledAt(model)
  }
  if (trainedEvents < watch.settledAtEvents || record.silhouette === null) return
  const error = chanceOf(record, trainedEvents - before.trainedEvents)
  if (watch.open > 0) follow(model, record, error)
  else suspect(model, record, error)
  const { reference } = watch
  const least = record.silhouette - error
  if (watch.open > 0 || watch.streak > 0 || (reference !== null && reference.least >= least)) return
  const { version, silhouette, unexplained } = record
  watch.reference = { version, silhouette, least, unexplained }
}

/** Whether other values have been taken for usual since: what comes of other events is no fall. */
function isOtherStream({ drift: { findings } }: Model, { version: since }: QualityRecord): boolean {
  return findings.some(
    ({ version, kind, accepted, detector }) =>
      version > since && kind === 'cleared' && accepted && (detector === 'features' || detector === 'missing'),
  )
}

function suspect(model: Model, record: QualityRecord, error: number): void {
  const { watch } = model.quality
  const { reference } = watch
  // What is plainer is told first.
  if (reference === null || model.drift.open !== null) return
  const fall = fallOf(record, reference)
  const threshold = thresholdOf(reference, error)
  const isWorse = record.unexplained >= leastRise * reference.unexplained
  watch.streak = fall >= threshold && isWorse ? watch.streak + 1 : 0
  if (watch.streak < persistence) return
  const { drift } = model
  drift.found += 1
  watch.open = drift.found
  watch.streak = 0
  watch.usualAtEvents = settledAt(model)
  tell(
    model,
    { number: watch.open },
    { ...causeOf(model, reference), statistic: fall, threshold },
    'qualityDrop',
    false,
  )
}

/** Goes on with a fall: it is over when the clusters are about as good as they were, or what they are is usual. */
function follow(model: Model, record: QualityRecord, error: number): void {
  const { watch } = model.quality
  const fall = fallOf(record, watch.reference!)
  watch.streak = fall < clearShare * thresholdOf(watch.reference!, error) ? watch.streak + 1 : 0
  const returned = watch.streak >= persistence
  if (returned || model.trainedEvents >= watch.usualAtEvents) end(model, record, !returned)
}

function end(model: Model, record: QualityRecord, accepted: boolean): void {
  const { watch } = model.quality
  const reference = watch.reference!
  const threshold = clearShare * leastFall * reference.silhouette
  const cause = { ...causeOf(model, reference), statistic: fallOf(record, reference), threshold }
  tell(model, { number: watch.open }, cause, 'cleared', accepted)
  watch.open = 0
  watch.streak = 0
  if (accepted) watch.reference = null
}

/** Of the newest assessment; none while there is nothing to compare it with. */
export function qualityStanding({ quality: { record, watch } }: Model): readonly Standing[] {
  const { reference } = watch
  if (reference === null) return []
  return [{ detector: 'quality', statistic: fallOf(record, reference), threshold: leastFall * reference.silhouette }]
}

function fallOf({ silhouette }: QualityRecord, reference: QualityReference): number {
  return Math.max(0, reference.silhouette - (silhouette ?? 0))
}

function thresholdOf({ silhouette, least }: QualityReference, error: number): number {
  return Math.max(leastFall * silhouette, silhouette - least + error)
}

/**
 * How far the mean silhouette of the rows may be from that of all events, by the empirical bound of Bernstein (Maurer &
 * Pontil 2009) for values in [0, 1]: but for the part of the allowance that `events` have.
 */
function chanceOf({ silhouetteVariance, effectiveRows }: QualityRecord, events: number): number {
  const ln = Math.LN2 - allowance(Math.max(1, events), limits)
  if (!(effectiveRows > 1)) return 1
  return Math.sqrt((2 * silhouetteVariance * ln) / effectiveRows) + (7 * ln) / (3 * (effectiveRows - 1))
}

/** Most of the sample is of what is now after a half-life, or after as many events as there had been. */
function settledAt({ trainedEvents, halfLifeEvents, drift }: Model): number {
  const least = sumLengths[sumLengths.length - 1] * drift.options.windowEvents
  const wait = Math.max(least, Math.min(Math.ceil(halfLifeEvents), trainedEvents))
  return Math.min(Number.MAX_SAFE_INTEGER, trainedEvents + wait)
}

/** Told with the last windows, beside those that are compared with. */
function causeOf({ drift }: Model, { version }: QualityReference) {
  const lately = summed(drift)
  const now = lately.events > 0 ? lately : drift.reference
  const before: Tally = { ...drift.reference, sinceVersion: version }
  return { detector: 'quality', pValue: 1, now, before } as const
}
