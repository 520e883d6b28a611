/** How many events a transaction covers. */
import type { Model } from '../core/model/model.ts'
import type { ReadLimit } from './ports.ts'

/** What a transaction teaches is at most this share of what the model remembers, or so few events: else its versions lag. */
const taughtShare = 1 / 16
const fewEvents = 10_000

/** All that is allowed for a model that remembers much; null: there is none yet. */
export function readLimit(limit: ReadLimit, model: Pick<Model, 'trainedEvents' | 'halfLifeEvents'> | null): ReadLimit {
  const remembered = model === null ? 0 : Math.min(model.trainedEvents, model.halfLifeEvents)
  const { maxEvents } = limit
  return { ...limit, maxEvents: Math.min(maxEvents, Math.max(fewEvents, Math.floor(taughtShare * remembered))) }
}
