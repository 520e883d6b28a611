/** Counts the stream in windows, and compares each with the reference: what `fold` does about drift. */
import type { Model } from '../model/model.ts'
import type { ModelUpdate } from '../model/update.ts'
import { sumLengths } from './drift.ts'
import { addTally, count, emptyLike } from './tally.ts'

/** Learns an update that the model (IN and OUT) has just learned, of which so many events were called rare. */
export function observe(model: Model, update: ModelUpdate, rare: number): void {
  const { drift } = model
  if (!drift.options.enabled) return
  count(drift.window, model, update, rare)
  if (drift.window.events < drift.options.windowEvents) return
  const closed = drift.window
  closed.windows = 1
  drift.closed += 1
  drift.window = emptyLike(closed)
  for (let level = 0; level < sumLengths.length; level++) {
    if (drift.sums[level].windows >= sumLengths[level]) drift.sums[level] = emptyLike(closed)
    addTally(drift.sums[level], closed)
  }
}
