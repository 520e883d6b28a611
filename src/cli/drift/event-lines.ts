/** One drift as a person reads it at night: what, since when, where, how sure, what changed, and what to do. */

import { mostChanged } from '../../runtime/views/drift/most-changed.ts'
import type { Distribution, OpenDrift } from '../../runtime/views/drift/present.ts'
import type { ToldCluster, ToldEvent, ToldFeature, ToldSegment } from '../../runtime/views/drift/told-event.ts'
import { bar, columns } from '../bars.ts'
import { grouped } from '../output.ts'
import { ending, nextStep } from './next-step.ts'
import { agoText, timeText } from './times.ts'

const barWidth = 16
const indent = 12
/** What has a smaller part in a change is not worth a line: of the change in all features, and of the events. */
const leastShare = 0.05
const leastMoved = 0.01
/** Categories that are drawn. */
const mostNamed = 6
/** A bin with more than so many times what any had before is drawn as full: the others are to be seen, too. */
const mostTimes = 4
/** A probability below this has no figures left. */
const leastProbability = 1e-300

export function openDriftLines(drift: OpenDrift, input: string, nowMs: number): readonly string[] {
  const title = `${(drift.severity ?? 'warning').toUpperCase()}: ${drift.kind} in ${drift.scope}`
  return [
    title,
    ...under('what', [`${drift.message}.`]),
    ...under('since', [since(drift, nowMs)]),
    ...under('where', where(drift, input)),
    ...under('sure', sureness(drift)),
    ...under(
      'features',
      drift.features.filter(({ share }, i) => i === 0 || share >= leastShare).map((of) => featureLine(of, drift)),
    ),
    ...drift.distributions.slice(0, 1).flatMap((of) => under(of.feature, distributionLines(of))),
    ...under('clusters', drift.clusters.filter(hasMoved).map(clusterLine)),
    ...under('segments', drift.segments.filter(({ share }, i) => i === 0 || share >= leastShare).map(segmentLine)),
    ...under('Shoal', [reactionText(drift), `by itself: ${ending(drift)}`]),
    ...under('next', [nextStep(drift)]),
  ]
}

/** Before and after of the feature that has changed most; null where the event names none. */
export function changeLine({ features }: ToldEvent): string | null {
  const [of] = features
  if (of === undefined || of.before === null || of.after === null) return null
  const most = Math.max(Math.abs(of.before), Math.abs(of.after))
  const drawn = (value: number) => `${short(value)} ${bar(Math.abs(value), most, barWidth)}`
  return `${of.feature}: ${drawn(of.before)} → ${drawn(of.after)}`
}

/** What a test found, beside what it had to be above. */
export function testText({ detector, statistic, threshold }: ToldEvent): string {
  if (statistic === null || threshold === null) return ''
  return `${detector ?? ''} ${short(statistic)} over ${short(threshold)}`.trimStart()
}

function under(name: string, lines: readonly string[]): readonly string[] {
  return lines.map((line, i) => `  ${(i === 0 ? name : '').padEnd(indent - 2)}${line}`)
}

function since({ detectedAt, currentVersion, referenceVersion }: ToldEvent, nowMs: number): string {
  const when = detectedAt === null ? 'its record is gone' : `${timeText(detectedAt)} (${agoText(detectedAt, nowMs)})`
  return `${when}, version ${grouped(currentVersion)}, beside what was from version ${grouped(referenceVersion)} on`
}

function where({ events, fromTime, toTime, windows }: ToldEvent, input: string): readonly string[] {
  const hasTimes = fromTime !== null && toTime !== null && fromTime > 0
  const of = `${grouped(events ?? 0)} events${hasTimes ? ` of ${timeText(fromTime)} to ${timeText(toTime)}` : ''}`
  return [
    `${of}, in ${input}`,
    ...windows.map(
      ({ partition, fromOffset, toOffset }) =>
        `partition ${partition}: offsets ${grouped(fromOffset)} to ${grouped(toOffset - 1)}`,
    ),
  ]
}

function sureness(event: ToldEvent): readonly string[] {
  const { statistic, threshold, pValue, eventsBetweenFalse } = event
  const times =
    statistic !== null && threshold !== null && threshold > 0 ? `, ${short(statistic / threshold)} times` : ''
  const bound = Number(Math.max(pValue ?? 1, leastProbability).toPrecision(2))
  const chance = pValue === null ? [] : [`by chance with a probability of at most ${bound}`]
  const rate = eventsBetweenFalse === null ? [] : [`one false alarm in ${grouped(eventsBetweenFalse)} events at most`]
  return [`${testText(event)}${times}`, [...chance, ...rate].join('; ')].filter((line) => line !== '')
}

function featureLine(of: ToldFeature, { distributions }: OpenDrift): string {
  const { feature, distance, before, after, missingBefore, missingAfter, outsideBefore, outsideAfter } = of
  const shares = [
    ['missing', missingBefore, missingAfter],
    ['never seen', outsideBefore, outsideAfter],
  ] as const
  const changed = shares.filter(([, was, is]) => was !== null && is !== null && Math.abs(is - was) >= 0.005)
  const isNumber = (distributions.find((each) => each.feature === feature)?.kind ?? 'number') === 'number'
  return [
    `${feature}: ${bar(distance ?? 0, 1, barWidth)} ${distance === null ? '' : short(distance)}`.trimEnd(),
    before === null || after === null ? '' : wayText(before, after, isNumber),
    ...changed.map(([name, was, is]) => `${name} ${percent(was!)} → ${percent(is!)}`),
  ]
    .filter((part) => part !== '')
    .join(', ')
}

/** The medians of a number, the shares of the value of another that has changed most. */
function wayText(before: number, after: number, isNumber: boolean): string {
  return isNumber ? `${short(before)} → ${short(after)}` : `one value ${percent(before)} → ${percent(after)}`
}

function distributionLines(of: Distribution): readonly string[] {
  return of.names !== null && of.kind !== 'phase' ? namedLines(of.names, of) : curveLines(of)
}

/** Of bins that lie side by side. */
function curveLines({ edges, names, before, after }: Distribution): readonly string[] {
  const most = Math.min(Math.max(...before, ...after), mostTimes * Math.max(...before))
  return [`before ${columns(before, most)}`, `now    ${columns(after, most)}`, `       ${scaleText(edges, names)}`]
}

function scaleText(edges: readonly number[] | null, names: readonly string[] | null): string {
  if (names !== null) return `from ${names[0]} on the left to ${names.at(-1)} on the right, UTC`
  if (edges === null || edges.length === 0) return 'one bin for all values'
  return `below ${short(edges[0])} on the left, above ${short(edges[edges.length - 1])} on the right, quantiles of the birth between`
}

/** A line for each of those whose shares have changed most. */
function namedLines(names: readonly string[], { before, after }: Distribution): readonly string[] {
  const told = mostChanged(before, after, mostNamed)
  const most = Math.max(...told.flatMap((bin) => [before[bin], after[bin]]))
  const width = Math.max(...told.map((bin) => names[bin].length))
  const drawn = (share: number) => `${percent(share)} ${bar(share, most, barWidth)}`.trimEnd()
  const lines = told.map((bin) => `${names[bin].padEnd(width)} ${drawn(before[bin])} → ${drawn(after[bin])}`)
  const others = before.filter((share, bin) => share + after[bin] > 0).length - told.length
  return others === 0
    ? lines
    : [...lines, `and ${others === 1 ? '1 other' : `${others} others`} that have changed less`]
}

function hasMoved({ before, after }: ToldCluster): boolean {
  return before === null || after === null || Math.abs(after - before) >= leastMoved
}

function clusterLine({ cluster, before, after }: ToldCluster): string {
  if (before === null || after === null) return `cluster ${cluster}`
  const most = Math.max(before, after)
  const drawn = (share: number) => `${percent(share)} ${bar(share, most, barWidth)}`
  return `cluster ${cluster}: ${drawn(before)} → ${drawn(after)} of the events`
}

function segmentLine({ segment, before, after, unusualBefore, unusualAfter }: ToldSegment): string {
  const name = segment === '' ? 'all others' : segment
  const unusual = `far from all clusters ${percent(unusualBefore)} → ${percent(unusualAfter)} of its own`
  return `${name}: ${percent(before)} → ${percent(after)} of the events, ${unusual}`
}

function reactionText({ reaction }: ToldEvent): string {
  return reaction === 'none' ? 'has told it, and goes on learning' : `did: ${reaction}`
}

export function short(value: number): string {
  return String(Number(value.toPrecision(3)))
}

function percent(share: number): string {
  return `${Number((100 * share).toPrecision(2))} %`
}
