/** What a stretch of the past looks like to a version that learns nothing from it: what drift is looked for beside. */
import { decodeLogRecord } from '../core/codec/log-record.ts'
import { addToReference, withoutReference } from '../core/drift/given.ts'
import { count, emptyLike } from '../core/drift/tally.ts'
import { inNewLog, type Model } from '../core/model/model.ts'
import { type RecordBatch, valueAt } from '../stages/records.ts'
import { wireHeaderBytes } from '../stages/wire-format.ts'
import type { BacktestContext } from './backtest/one-run.ts'
import { type ReplayFacts, replay, unwatched } from './backtest/replay.ts'
import { refuseWhenInterrupted, withOpen } from './context.ts'
import type { History } from './history.ts'
import { createProgress } from './progress.ts'

export interface MeasuredReference {
  /** The version, with the reference in the place of its own. */
  readonly model: Model
  /** Events of it; what does not fill a last window is left out. */
  readonly events: number
  readonly facts: ReplayFacts
}

/** Scores the past by the version, batch by batch, and counts what the batches would have taught. */
export async function measuredReference(
  context: BacktestContext,
  { configuration, events, registry, ranges }: History,
  version: Model,
  isSilent: boolean,
): Promise<MeasuredReference> {
  const { clock, signal } = context
  const settings = context.settingsOf(configuration)
  const world = context.openBacktest(configuration, settings, registry)
  const drift = withoutReference(version.drift)
  // Nothing is learned between batches: a window each.
  const { windowEvents: batch } = drift.options
  let window = emptyLike(drift.window)
  const onUpdates = (model: Model, updates: RecordBatch) => {
    for (let i = 0; i < updates.count; i++) {
      const decoded = decodeLogRecord(valueAt(updates, i)!.subarray(wireHeaderBytes))
      if (!('value' in decoded && 'update' in decoded.value)) continue
      count(window, model, decoded.value.update, 0)
      if (window.events < batch) continue
      window.windows = 1
      addToReference(drift, window)
      window = emptyLike(window)
    }
  }
  const progress = createProgress(context, 'measured', isSilent)
  const onProgress = (done: number, part: number) => progress.update(done, part)
  const shared = { settings, world, events, partitions: 1, batch, watcher: unwatched, clock, signal, onProgress }
  try {
    const facts = await withOpen(Promise.resolve(world.log), () =>
      replay({ ...shared, model: inNewLog(version), onUpdates, learns: false }),
    )
    refuseWhenInterrupted(context, 'not all events have been measured, and nothing is given to the model')
    // The offsets are those of the embedded log: outside they name other events, or none.
    drift.reference.ranges = ranges()
    for (const phase of drift.phases) phase.ranges = []
    return { model: { ...version, drift }, events: drift.reference.events, facts }
  } finally {
    progress.stop()
  }
}
