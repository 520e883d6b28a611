/** What the newest version of a model knows of drift: which drifts are open, and how near the detectors are to another. */
import type { Drift } from '../../../core/drift/drift.ts'
import { knownHours } from '../../../core/drift/phases.ts'
import { qualityStanding } from '../../../core/drift/quality-fall.ts'
import { featureDistances, openFindings, type Standing, standings } from '../../../core/drift/standing.ts'
import type { Tally } from '../../../core/drift/tally.ts'
import { binNames } from '../../../core/features/bin-names.ts'
import { type BinKind, binKind } from '../../../core/features/feature-bins.ts'
import type { FeaturePlan } from '../../../core/features/feature-plan.ts'
import { unbent } from '../../../core/features/shapes.ts'
import type { Model } from '../../../core/model/model.ts'
import { sum } from '../../../core/sum.ts'
import { driftIdOf, eventOf } from '../../../stages/drift-records.ts'
import { type ToldEvent, toldOf } from './told-event.ts'

/** A feature's values by bin: shares of the reference and of what is now. */
export interface Distribution {
  readonly feature: string
  readonly kind: BinKind
  /** Bin b of a number holds what is at or above b of these edges, in its own units; null: of another kind. */
  readonly edges: readonly number[] | null
  /** What each bin holds, of all that are no numbers: categories, `false` and `true`, the times (UTC) at which phases begin. */
  readonly names: readonly string[] | null
  readonly before: readonly number[]
  readonly after: readonly number[]
}

export interface OpenDrift extends ToldEvent {
  /** Windows since it was found, and how many of the last ones looked like the reference again, or like one another. */
  readonly openWindows: number
  readonly returned: number
  readonly settled: number
  /** Of the features that changed most. */
  readonly distributions: readonly Distribution[]
}

export interface Watch {
  readonly windowEvents: number
  /** Learned since the last window was closed, and windows closed in this life. */
  readonly inWindow: number
  readonly closedWindows: number
  readonly referenceEvents: number
  readonly referenceVersion: number
  /** Of 24: those whose usual look is known. */
  readonly knownHours: number
  /** Of the newest window: by detector, and by feature its distance from the reference, the largest first. */
  readonly detectors: readonly Standing[]
  readonly features: readonly { readonly feature: string; readonly distance: number }[]
}

/** What commands have left: learning that stands still, and what waits for a person's answer. */
export interface Orders {
  /** The version since which nothing is learned; null: learning goes on. */
  readonly frozenSince: number | null
  readonly asked: readonly { readonly driftId: string; readonly kind: string; readonly targetVersion: number }[]
}

export function ordersOf(model: Model): Orders {
  const { frozen, asked } = model.control
  return {
    frozenSince: frozen?.sinceVersion ?? null,
    asked: asked.map(({ driftNumber, kind, targetVersion }) => {
      return { driftId: driftIdOf(model, driftNumber), kind, targetVersion }
    }),
  }
}

/** Null: the model does not look for drift. */
export function watchOf(model: Model, plan: FeaturePlan): Watch | null {
  const { drift } = model
  if (!drift.options.enabled) return null
  const distances = featureDistances(drift)
  return {
    windowEvents: drift.options.windowEvents,
    inWindow: drift.window.events,
    closedWindows: drift.closed,
    referenceEvents: drift.reference.events,
    referenceVersion: drift.reference.sinceVersion,
    knownHours: knownHours(drift),
    detectors: [...standings(drift), ...qualityStanding(model)],
    features: plan.features
      .map(({ spec }, f) => ({ feature: spec.name, distance: distances[f] }))
      .sort((a, b) => b.distance - a.distance),
  }
}

/** The drifts that are open; `told` is what the topic holds, from which their times are. */
export function openDrifts(model: Model, plan: FeaturePlan, told: readonly ToldEvent[]): readonly OpenDrift[] {
  const { drift } = model
  return openFindings(drift).map((finding) => {
    const event = eventOf(finding, plan, model)
    const open = drift.open?.number === finding.number ? drift.open : null
    const record = told.find(({ id }) => id === event.id)
    const names = event.features.map(({ name }) => name)
    return {
      ...(record ?? toldOf(event)),
      openWindows: open?.windows ?? 0,
      returned: open?.returned ?? 0,
      settled: open?.settled ?? 0,
      distributions: names.flatMap((name) => distributionOf(name, plan, model, drift)),
    }
  })
}

function distributionOf(name: string, plan: FeaturePlan, model: Model, drift: Drift): readonly Distribution[] {
  const feature = plan.features.findIndex(({ spec }) => spec.name === name)
  const shares = [drift.reference, drift.candidate].map((tally) => sharesOf(tally, model, feature))
  if (feature < 0 || shares.some(({ length }) => length === 0)) return []
  const edges = model.features.bins.edges[feature]
  const { firstColumn } = plan.features[feature]
  return [
    {
      feature: name,
      kind: binKind(plan.features[feature]),
      edges: edges.length > 0 ? Array.from(edges, (edge) => unbent(model.shapes, firstColumn, edge)) : null,
      names: binNames(plan.features[feature], shares[0].length),
      before: shares[0],
      after: shares[1],
    },
  ]
}

function sharesOf({ features }: Tally, { features: { bins } }: Model, feature: number): readonly number[] {
  const counts = features.bins.subarray(bins.from[feature], bins.from[feature + 1])
  const values = sum(counts)
  return values > 0 ? Array.from(counts, (count) => count / values) : []
}
