/** Drifts that the fold has found, and their ends, told to others in the user's own names and units. */
import type { Reaction } from '../core/command/reactions.ts'
import type { DriftFinding, FeatureDrift } from '../core/drift/finding.ts'
import { binKind } from '../core/features/feature-bins.ts'
import type { FeaturePlan } from '../core/features/feature-plan.ts'
import { unbent } from '../core/features/shapes.ts'
import type { Model } from '../core/model/model.ts'
import { appendDriftEvents, type DriftEvent, type DriftTopic } from './drift-event.ts'
import type { Outputs } from './records.ts'

/** Appends one record for each finding, with what is done about it. The same finding has the same id whenever it is folded again. */
export function appendFindings(
  outputs: Outputs,
  topic: DriftTopic,
  plan: FeaturePlan,
  model: Model,
  findings: readonly DriftFinding[],
  timestampMs: number,
  reactions: readonly Reaction[] = [],
): void {
  const events = findings.map((finding) => {
    const event = eventOf(finding, plan, model)
    const reaction = reactions.find((of) => isTo(of, finding))
    return reaction === undefined ? event : { ...event, ...reactionTold(reaction, event) }
  })
  appendDriftEvents(outputs, topic, events, timestampMs)
}

/** The first of the reactions to a finding is what it is named after. */
function isTo({ driftNumber, kind }: Reaction, finding: DriftFinding): boolean {
  return driftNumber === finding.number && (kind === 'resume') === (finding.kind === 'cleared')
}

function reactionTold({ kind, asks }: Reaction, { driftId, message }: DriftEvent) {
  if (asks === null) return { reaction: kind }
  const waits = `${asks} waits for: shoal drift approve ${driftId}, or reject`
  return { reaction: kind, message: `${message}; ${waits}` }
}

/** How a drift is named to others. */
export function driftIdOf({ bornAtMs }: Pick<Model, 'bornAtMs'>, number: number): string {
  return `${bornAtMs}-drift-${number}`
}

/** What a finding is to others. */
export function eventOf(finding: DriftFinding, plan: FeaturePlan, model: Model): DriftEvent {
  const { kind, number } = finding
  const driftId = driftIdOf(model, number)
  const features = finding.features.filter(({ feature }) => feature < plan.features.length)
  const told = features.map((of) => ({
    ...of,
    name: plan.features[of.feature].spec.name,
    before: inUserUnits(of, of.before, plan, model),
    after: inUserUnits(of, of.after, plan, model),
  }))
  const largest = finding.clusters.reduce((most, { before, after }) => Math.max(most, Math.abs(after - before)), 0)
  const clusters = finding.clusters.map(({ id, before, after }) => ({
    id,
    share: largest > 0 ? Math.abs(after - before) / largest : 0,
    before,
    after,
  }))
  return {
    id: kind === 'cleared' ? `${driftId}-cleared` : driftId,
    kind: `drift.${kind}`,
    scope: scopeOf(finding, told[0]?.name),
    referenceVersion: finding.referenceVersion,
    currentVersion: finding.version,
    ranges: finding.ranges,
    features: told,
    clusters,
    reaction: 'none',
    message: sentence(finding, changeText(features[0], told[0], plan)),
    test: { ...finding, pValue: finding.pValue < 1 ? finding.pValue : null },
    driftId,
    accepted: kind === 'cleared' ? finding.accepted : null,
    segments: finding.segments,
  }
}

function inUserUnits({ feature }: FeatureDrift, value: number, plan: FeaturePlan, { shapes }: Model): number {
  const planned = plan.features[feature]
  const own = binKind(planned) === 'number' ? unbent(shapes, planned.firstColumn, value) : value
  return Math.abs(own) < leastNormal ? 0 : own
}

/** An edge just above 0 keeps what is 0 apart from all else: to people it is 0. */
const leastNormal = 2 ** -1022

function scopeOf({ kind, detector, clusters, segments }: DriftFinding, feature: string | undefined): string {
  if (kind === 'featureOnly' && feature !== undefined) return `feature ${feature}`
  if (detector === 'segments' && segments.length > 0) return `segment ${segments[0].name || 'other'}`
  const isOfCluster =
    kind === 'newCluster' || kind === 'lostCluster' || (detector === 'centroids' && kind !== 'cleared')
  if (isOfCluster && clusters.length > 0) return `cluster ${clusters[0].id}`
  return 'stream'
}

function sentence({ kind, detector, statistic, accepted, clusters, segments }: DriftFinding, change: string): string {
  switch (kind) {
    case 'sudden':
      return `the events have changed at once${change}`
    case 'gradual':
      if (detector === 'centroids') return `a cluster is moving away from where it was${change}`
      return `the events have been changing little by little${change}`
    case 'recurring':
      return `the events are again as they once were${change}`
    case 'featureOnly':
      return `one feature has changed${change}`
    case 'newCluster':
      return `events come where none had been${nearest(clusters)}`
    case 'lostCluster':
      return `events no longer come where they had been${nearest(clusters)}`
    case 'qualityDrop':
      if (detector === 'segments' && segments.length > 0) {
        const [{ name, unusualBefore, unusualAfter }] = segments
        const where = name === '' ? 'the segments without one of their own' : `segment ${name}`
        const share = `${percent(unusualBefore)} to ${percent(unusualAfter)}`
        return `events of ${where} lie farther from all clusters than they did, the others do not: unusual ones went from ${share}`
      }
      return detector === 'quality'
        ? `the clusters are less apart than they were, and leave more of the variance: silhouette lower by ${shown(statistic)}`
        : 'events lie farther from all clusters than they did, though each feature is as it was'
    case 'cleared':
      return accepted
        ? 'what has changed is taken for usual from here on'
        : 'the events are as they were before, or a plainer drift is told instead'
  }
}

/** The feature that has changed most: the median of a number, of another the share of the value that changed most. */
function changeText(
  of: FeatureDrift | undefined,
  told: DriftEvent['features'][number] | undefined,
  plan: FeaturePlan,
): string {
  if (of === undefined || told === undefined) return ''
  const isNumber = binKind(plan.features[of.feature]) === 'number'
  const way = isNumber
    ? `whose median went from ${shown(told.before)} to ${shown(told.after)}`
    : `where one value went from ${percent(of.before)} to ${percent(of.after)} of the events`
  return `: most in ${told.name}, ${way}`
}

function nearest(clusters: DriftFinding['clusters']): string {
  const [of] = clusters
  if (of === undefined) return ''
  return `: nearest to cluster ${of.id}, from ${percent(of.before)} to ${percent(of.after)} of the events`
}

function percent(share: number): string {
  return `${(100 * share).toPrecision(2)} %`
}

function shown(value: number | null): string {
  return value === null ? 'nothing' : String(Number(value.toPrecision(4)))
}
