/** A reference that people give, measured on a stretch of the past by a version of the model. */
import type { Model } from '../model/model.ts'
import type { Drift } from './drift.ts'
import { giveUp } from './open.ts'
import { learnHours } from './phases.ts'
import { adopt, startOver } from './reference.ts'
import { addTally, emptyLike, type Tally } from './tally.ts'

/**
 * Compares with this from here on (IN and OUT: `model`), also hour by hour. What was the reference is remembered as a former
 * one, and a drift that is open is over: whether there is one is seen beside what is given.
 */
export function takeReference(model: Model, { reference, phases }: Pick<Drift, 'reference' | 'phases'>): void {
  const { drift } = model
  if (drift.open !== null) giveUp(model)
  adopt(drift, reference)
  reference.sinceVersion = model.version
  drift.phases = phases
  startOver(drift)
}

/** The detection of a model as it is, but with nothing for usual yet: what `addToReference` fills. */
export function withoutReference(drift: Drift): Drift {
  return { ...drift, reference: emptyLike(drift.window), phases: [] }
}

/** Adds a whole window to what is taken for usual (IN and OUT: `drift`). */
export function addToReference(drift: Drift, window: Tally): void {
  addTally(drift.reference, window)
  learnHours(drift, window)
}
