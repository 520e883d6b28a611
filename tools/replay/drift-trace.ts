/** What the detection of drift saw in each window of a stream, and what it told. */
import { FoundDrifts } from '../../src/cli/backtest/found-drifts.ts'
import type { ReplayOptions, ReplayWatcher } from '../../src/cli/backtest/replay.ts'
import { decodeUpdate } from '../../src/core/codec/update-codec.ts'
import { compare } from '../../src/core/drift/comparison.ts'
import { hoursOf } from '../../src/core/drift/phases.ts'
import { count, emptyLike, type Tally } from '../../src/core/drift/tally.ts'
import type { FeaturePlan } from '../../src/core/features/feature-plan.ts'
import type { Model } from '../../src/core/model/model.ts'
import { type RecordBatch, valueAt } from '../../src/stages/records.ts'
import { wireHeaderBytes } from '../../src/stages/wire-format.ts'

export interface TracedWindow {
  /** Events of the stream up to its end. */
  readonly end: number
  /** By feature, the distance of its values from the reference, and from those of the same hours before; null: not known. */
  readonly fromReference: Float64Array
  readonly fromHours: Float64Array | null
  readonly tally: Tally
  /** What it was compared with, as it was then. */
  readonly reference: Tally
}

export class DriftTrace {
  readonly windows: TracedWindow[] = []
  readonly watcher: Pick<ReplayWatcher, 'version'>
  readonly onUpdates: NonNullable<ReplayOptions['onUpdates']>
  private readonly drifts: FoundDrifts
  private window: Tally | null = null
  private done = 0

  constructor(plan: FeaturePlan) {
    this.drifts = new FoundDrifts(plan)
    this.watcher = { version: ({ model }) => this.drifts.note(model, this.done) }
    this.onUpdates = (model, updates) => {
      for (let i = 0; i < updates.count; i++) this.look(model, updates, i)
    }
  }

  /** In the order in which they were found, by the row up to which all had been learned. */
  get told(): FoundDrifts['all'] {
    return this.drifts.all
  }

  private look(model: Model, updates: RecordBatch, i: number): void {
    const decoded = decodeUpdate((valueAt(updates, i) ?? Buffer.alloc(0)).subarray(wireHeaderBytes))
    // A command, which a policy has given.
    if ('refused' in decoded) return
    const { drift, features } = model
    const window = this.window ?? emptyLike(drift.window)
    this.window = window
    count(window, model, decoded.value, 0)
    this.done = Math.max(...decoded.value.ranges.map(({ to }) => to))
    if (window.events < drift.options.windowEvents) return
    this.window = null
    const hours = hoursOf(drift, window)
    const distances = (then: Tally) => compare(drift.kinds, features.bins, window, then).distances
    const reference = emptyLike(window)
    reference.features.bins.set(drift.reference.features.bins)
    this.windows.push({
      end: this.done,
      fromReference: distances(drift.reference),
      fromHours: hours === null ? null : distances(hours),
      tally: window,
      reference,
    })
  }
}
