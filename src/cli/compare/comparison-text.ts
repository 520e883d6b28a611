/** A comparison of two deployments as a person reads it. */
import { bar } from '../bars.ts'
import { type Column, grouped, headLine, percent, ratio, rowLine } from '../output.ts'
import type { ClusterShare, Comparison, Disputed } from './comparison.ts'

/** What is known of a deployment beside its outputs. */
export interface Compared {
  readonly name: string
  readonly partitions: number
  /** Offsets that it is behind what is written. */
  readonly behind: number
  readonly version: number
  readonly trainedEvents: number
  readonly k: number
  readonly unexplained: number
  readonly silhouette: number | null
  readonly budget: number
}

const barWidth = 20
const mostClusters = 12
const mostTargets = 3

export function comparisonText(compared: readonly [Compared, Compared], of: Comparison): string {
  const [first, second] = compared
  const { anomalous, anomalyShare } = of
  const flagged = [
    { who: 'both', events: anomalous.both },
    { who: `only ${first.name}`, events: anomalous.first },
    { who: `only ${second.name}`, events: anomalous.second },
  ]
  const most = Math.max(...flagged.map(({ events }) => events))
  return [
    headLine(deployments),
    ...compared.map((each) => rowLine(deployments, each)),
    '',
    `${grouped(of.events)} events that both have assigned; ${grouped(of.onlyFirst)} only ${first.name}, ${grouped(of.onlySecond)} only ${second.name}`,
    `adjusted Rand index ${ratio(of.adjustedRand)} (1: the same groups, 0: as by chance)`,
    `called anomalous by ${first.name} ${percent(anomalyShare.first)}, by ${second.name} ${percent(anomalyShare.second)}`,
    ...flagged.map(
      ({ who, events }) => `  ${who.padEnd(28)} ${grouped(events).padStart(9)}  ${bar(events, most, barWidth)}`,
    ),
    '',
    `Clusters of ${first.name}, and where their events are in ${second.name}:`,
    ...of.clusters.slice(0, mostClusters).map((cluster) => clusterLine(cluster, of.events)),
    ...(of.clusters.length > mostClusters ? [`  and ${of.clusters.length - mostClusters} smaller ones`] : []),
    ...disputedLines(of.disputed, compared),
  ].join('\n')
}

const deployments: readonly Column<Compared>[] = [
  { title: 'deployment', width: 24, align: 'left', text: ({ name }) => name },
  { title: 'primary of', width: 10, align: 'right', text: ({ partitions }) => `${partitions}` },
  { title: 'behind', width: 9, align: 'right', text: ({ behind }) => grouped(behind) },
  { title: 'version', width: 9, align: 'right', text: ({ version }) => grouped(version) },
  { title: 'events learned', width: 14, align: 'right', text: ({ trainedEvents }) => grouped(trainedEvents) },
  { title: 'clusters', width: 8, align: 'right', text: ({ k }) => `${k}` },
  { title: 'variance left', width: 13, align: 'right', text: ({ unexplained }) => percent(unexplained) },
  { title: 'silhouette', width: 10, align: 'right', text: ({ silhouette }) => ratio(silhouette, 3) },
  { title: 'budget', width: 8, align: 'right', text: ({ budget }) => percent(budget) },
]

function clusterLine({ cluster, events, to }: ClusterShare, all: number): string {
  const targets = to.slice(0, mostTargets).map((of) => `${of.cluster} ${percent(of.events / events)}`)
  const rest = to.length > mostTargets ? `, ${to.length - mostTargets} more` : ''
  const share = percent(events / all).padStart(7)
  return `  ${String(cluster).padStart(5)} ${share} ${bar(to[0].events, events, barWidth).padEnd(barWidth)} → ${targets.join(', ')}${rest}`
}

function disputedLines(
  disputed: readonly Disputed[],
  [first, second]: readonly [Compared, Compared],
): readonly string[] {
  if (disputed.length === 0) return []
  const columns: readonly Column<Disputed>[] = [
    { title: 'only', width: 24, align: 'left', text: ({ by }) => (by === 'first' ? first.name : second.name) },
    { title: 'partition/offset', width: 18, align: 'right', text: ({ partition, offset }) => `${partition}/${offset}` },
    { title: 'score', width: 8, align: 'right', text: (of) => ratio(of.firstScore) },
    { title: 'cluster', width: 7, align: 'right', text: ({ firstCluster }) => `${firstCluster}` },
    { title: 'score', width: 8, align: 'right', text: (of) => ratio(of.secondScore) },
    { title: 'cluster', width: 7, align: 'right', text: ({ secondCluster }) => `${secondCluster}` },
  ]
  return [
    '',
    `Events that only one calls anomalous, with score and cluster by ${first.name} and by ${second.name}:`,
    headLine(columns),
    ...disputed.map((of) => rowLine(columns, of)),
  ]
}
