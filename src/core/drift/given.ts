/** A reference that people give, measured on a stretch of the past by a version of the model. */
import type { Model } from '../model/model.ts'
import type { Drift } from './drift.ts'
import { giveUp } from './open.ts'
import { learnHours } from './phases.ts'
import { adopt, startOver } from './reference.ts'
import { scaleCalled } from './segments.ts'
import { addTally, emptyLike, type Tally } from './tally.ts'

/**
 * Compares with this from here on (IN and OUT: `model`), also hour by hour. What was the reference is remembered as a former
 * one, and a drift that is open is over: whether there is one is seen beside what is given.
 *
 * @param ratio the budget of the model beside that by which the reference was measured.
 */
export function takeReference(
  model: Model,
  given: Pick<Drift, 'reference' | 'phases' | 'segmentNames'>,
  ratio: number,
): void {
  const { drift } = model
  if (drift.open !== null) giveUp(model)
  const { reference, phases } = withOwnSegments(drift, given)
  for (const { segments } of [reference, ...phases]) scaleCalled(segments, ratio)
  adopt(drift, reference)
  reference.sinceVersion = model.version
  drift.phases = phases
  startOver(drift)
}

/** Segments are counted by their place among the model's names: what was counted by other names says nothing of them. */
function withOwnSegments(
  { window: { segments }, segmentNames }: Drift,
  given: Pick<Drift, 'reference' | 'phases' | 'segmentNames'>,
): Pick<Drift, 'reference' | 'phases'> {
  const isOwn =
    given.reference.segments.length === segments.length &&
    given.segmentNames.every((name, i) => name === segmentNames[i])
  if (isOwn) return given
  const without = (tally: Tally): Tally => ({ ...tally, segments: new Float64Array(segments.length) })
  return { reference: without(given.reference), phases: given.phases.map(without) }
}

/** The detection of a model as it is, but with nothing for usual yet: what `addToReference` fills. */
export function withoutReference(drift: Drift): Drift {
  return { ...drift, reference: emptyLike(drift.window), phases: [], segmentNames: [...drift.segmentNames] }
}

/** Adds a whole window to what is taken for usual (IN and OUT: `drift`). */
export function addToReference(drift: Drift, window: Tally): void {
  addTally(drift.reference, window)
  learnHours(drift, window)
}
