/** Whether a version is younger than what its numbers rest on. */
import type { Model } from '../model/model.ts'
import { tailEvents } from './rarity.ts'

/** Twice what a model is born from. */
const eventsPerCluster = 100

/**
 * A version warms up until it has learned 100 events for each cluster, and so many that 20 of them lie within the budget:
 * before that it says what is rare by a curve fitted to what is less rare, not by counting. The histogram remembers its
 * half-life, so a budget too small for it does not keep a model warming up for ever.
 */
export function isWarmingUp({ k, trainedEvents, rarityHalfLifeEvents, control }: Model): boolean {
  return trainedEvents < Math.max(eventsPerCluster * k, Math.min(tailEvents / control.budget, rarityHalfLifeEvents))
}
