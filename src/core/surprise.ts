/** Whether a batch is unlike what was learned: a reason to look after the clusters sooner. */
import type { ModelUpdate } from './update.ts'

/** A row is far whose squared distance to its centroid is beyond so many mean ones. */
export const farInMeans = 9
const surprisingShare = 1 / 4
const fewest = 10

/**
 * At most a ninth of what the model has learned lies beyond nine mean squared distances, whatever its distribution
 * (Markov's inequality): where it is a quarter of a batch, the stream has come to a place that the model does not know.
 * One row, however far, surprises nobody.
 */
export function isSurprising({ trained, farEvents }: ModelUpdate): boolean {
  return farEvents >= fewest && farEvents > surprisingShare * trained
}
