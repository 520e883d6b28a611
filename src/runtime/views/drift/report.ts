/** What `shoal drift` finds out: from the topic what was told, from the newest version what is now. */
import type { FeaturePlan } from '../../../core/features/feature-plan.ts'
import type { QualityRecord } from '../../../core/quality/quality.ts'
import type { PublishedModel } from '../../model-follower.ts'
import { type OpenDrift, type Orders, openDrifts, ordersOf, type Watch, watchOf } from './present.ts'
import { isAsked, type ToldEvent } from './told-event.ts'

/** What is printed as JSON. */
export interface DriftReport {
  readonly name: string
  readonly input: string
  readonly modelsTopic: string
  /** Null: there is none of this configuration. `publishedAt` in ms since the epoch. */
  readonly model: { readonly version: number; readonly publishedAt: number; readonly trainedEvents: number } | null
  /** Of the newest version that was assessed; null: without a model. */
  readonly quality: QualityRecord | null
  /** Null: without a model, and where it does not look for drift. */
  readonly watch: Watch | null
  /** Null: without a model. */
  readonly orders: Orders | null
  readonly open: readonly OpenDrift[]
  /** Events that were asked for, by kind, and in all. */
  readonly counts: Readonly<Record<string, number>>
  readonly told: number
  /** The newest of them, oldest first, as schemas/drift-event.avsc has them. */
  readonly events: readonly ToldEvent[]
}

export interface Asked {
  readonly sinceMs: number
  readonly kinds: readonly string[]
  /** Only what belongs to a drift that is open. */
  readonly open: boolean
  readonly limit: number
}

export interface Known {
  readonly name: string
  readonly input: string
  readonly modelsTopic: string
  readonly plan: FeaturePlan
  readonly published: PublishedModel | null
  /** All that the topic holds, in its order. */
  readonly told: readonly ToldEvent[]
}

export function driftReport({ name, input, modelsTopic, plan, published, told }: Known, asked: Asked): DriftReport {
  const model = published?.scorer.model ?? null
  const open = model === null ? [] : openDrifts(model, plan, told)
  const ids = new Set(open.map(({ driftId }) => driftId))
  const wanted = told.filter(
    (event) =>
      isAsked(event, asked.kinds) &&
      (event.detectedAt ?? 0) >= asked.sinceMs &&
      (!asked.open || (event.driftId !== null && ids.has(event.driftId))),
  )
  const counts: Record<string, number> = {}
  for (const { kind } of wanted) counts[kind] = (counts[kind] ?? 0) + 1
  return {
    name,
    input,
    modelsTopic,
    model:
      published === null || model === null
        ? null
        : { version: model.version, publishedAt: published.publishedAtMs, trainedEvents: model.trainedEvents },
    quality: model?.quality.record ?? null,
    watch: model === null ? null : watchOf(model, plan),
    orders: model === null ? null : ordersOf(model),
    open,
    counts,
    told: wanted.length,
    events: wanted.slice(-asked.limit),
  }
}
