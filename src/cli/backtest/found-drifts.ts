/** The drifts that were found while the stream flowed. */
import { findingsSince } from '../../core/drift/drift.ts'
import type { FeaturePlan } from '../../core/features/feature-plan.ts'
import type { Model } from '../../core/model/model.ts'
import type { DriftEvent } from '../../stages/drift-event.ts'
import { eventOf } from '../../stages/drift-records.ts'

/** As a record of `drift-events` would tell it. */
export interface FoundDrift extends DriftEvent {
  /** Rows that had been learned when it was found. */
  readonly row: number
}

/** A model remembers its last findings alone; every version is looked at, so that none is missed. */
export class FoundDrifts {
  readonly all: FoundDrift[] = []
  private readonly plan: FeaturePlan
  private seen = 0

  constructor(plan: FeaturePlan) {
    this.plan = plan
  }

  /** `row` is the next event, which this version scores. */
  note(model: Model, row: number): void {
    const { plan } = this
    for (const finding of findingsSince(model.drift, this.seen)) {
      this.all.push({ row, ...eventOf(finding, plan, model) })
    }
    this.seen = model.version
  }
}
