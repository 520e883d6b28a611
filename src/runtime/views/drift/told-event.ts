/** A value of `drift-events`, as schemas/drift-event.avsc has it. */
import { commandKinds } from '../../../core/command/command.ts'
import { driftKinds } from '../../../core/drift/finding.ts'
import { changeKinds } from '../../../core/upkeep/upkeep.ts'
import type { DriftEvent } from '../../../stages/drift-event.ts'

export interface ToldFeature {
  readonly feature: string
  readonly share: number
  readonly before: number | null
  readonly after: number | null
  readonly distance: number | null
  readonly stability: number | null
  readonly divergence: number | null
  readonly transport: number | null
  readonly missingBefore: number | null
  readonly missingAfter: number | null
  readonly outsideBefore: number | null
  readonly outsideAfter: number | null
}

export interface ToldCluster {
  readonly cluster: number
  readonly share: number
  readonly before: number | null
  readonly after: number | null
}

export interface ToldSegment {
  /** A value of `drift.segmentField`; empty: all that have no segment of their own. */
  readonly segment: string
  readonly share: number
  readonly before: number
  readonly after: number
  readonly unusualBefore: number
  readonly unusualAfter: number
}

export interface ToldEvent {
  readonly id: string
  readonly kind: string
  readonly scope: string
  readonly statistic: number | null
  readonly threshold: number | null
  readonly pValue: number | null
  readonly referenceVersion: number
  readonly currentVersion: number
  /** Null: the model knows of it, and its record is gone from the topic. */
  readonly detectedAt: number | null
  readonly windows: readonly { readonly partition: number; readonly fromOffset: number; readonly toOffset: number }[]
  readonly features: readonly ToldFeature[]
  readonly clusters: readonly ToldCluster[]
  readonly segments: readonly ToldSegment[]
  readonly reaction: string
  readonly message: string
  readonly eventsBetweenFalse: number | null
  readonly severity: string | null
  readonly detector: string | null
  readonly driftId: string | null
  readonly events: number | null
  readonly fromTime: number | null
  readonly toTime: number | null
  readonly accepted: boolean | null
}

/** What may be asked for: one kind, or all of drift, of clusters or of commands. */
export const askedKinds: readonly string[] = [
  'drift',
  'cluster',
  'command',
  ...driftKinds.map((kind) => `drift.${kind}`),
  ...changeKinds.map((kind) => `cluster.${kind}`),
  ...[...commandKinds, 'refused'].map((kind) => `command.${kind}`),
]

/** Whether an event is of one of the kinds that are asked for; none: of any. */
export function isAsked({ kind }: ToldEvent, asked: readonly string[]): boolean {
  return asked.length === 0 || asked.some((each) => kind === each || kind.startsWith(`${each}.`))
}

/** An event that a model knows of, as its record would tell it. */
export function toldOf(event: DriftEvent): ToldEvent {
  const { test, ranges, features, clusters, segments, ...rest } = event
  return {
    ...rest,
    statistic: test?.statistic ?? null,
    threshold: test?.threshold ?? null,
    pValue: test?.pValue ?? null,
    detectedAt: null,
    windows: ranges.map(({ partition, from, to }) => ({ partition, fromOffset: from, toOffset: to })),
    features: features.map(({ name, ...of }) => ({ ...of, feature: name })),
    clusters: clusters.map(({ id, ...of }) => ({ ...of, cluster: id })),
    segments: segments.map(({ name, ...of }) => ({ ...of, segment: name })),
    eventsBetweenFalse: test?.eventsBetweenFalse ?? null,
    severity: test?.severity ?? null,
    detector: test?.detector ?? null,
    events: test?.events ?? null,
    fromTime: test?.fromMs ?? null,
    toTime: test?.toMs ?? null,
  }
}
