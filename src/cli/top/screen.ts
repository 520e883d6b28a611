/** What `shoal top` draws: lines of text that fit a terminal. */

import type { Status } from '../../http/status.ts'
import type { AnomalyView } from '../../runtime/views/anomaly-view.ts'
import type { ClusterView } from '../../runtime/views/cluster-view.ts'
import type { ModelView } from '../../runtime/views/model-view.ts'
import { type Gravity, type StatusPart, statusSentence } from '../../runtime/views/status-sentence.ts'
import { bar, columns } from '../bars.ts'
import { timeText } from '../drift/times.ts'
import { featureText } from '../feature-text.ts'
import { grouped, percent, plainText } from '../output.ts'
import type { WatchedDrift } from '../watch/watch.ts'

/** What is known at one moment. */
export interface Moment {
  readonly status: Status
  readonly features: ModelView['features']
  readonly clusters: readonly ClusterView[]
  readonly anomalies: readonly AnomalyView[]
  readonly drifts: readonly WatchedDrift[]
}

/** What has been seen since it began, oldest first; null: not known then. */
export interface Trail {
  readonly eventsPerSecond: readonly (number | null)[]
  readonly lagSeconds: readonly (number | null)[]
}

export interface Paper {
  readonly width: number
  readonly height: number
  /** Whether colours may be used: each part says in words what its colour does. */
  readonly colours: boolean
}

const sgr: Readonly<Record<Gravity, string>> = { well: '32', look: '33', bad: '31;1' }
const barWidth = 24
const leastClusters = 4
export const mostAnomalies = 5

export function screenLines(moment: Moment, trail: Trail, paper: Paper): readonly string[] {
  const { width, height } = paper
  const { status, anomalies, drifts } = moment
  const head = [
    `${plainText(status.name)}  ${timeText(status.atMs)}`,
    ...sentenceLines(statusSentence(status), paper),
    '',
    trailLine('events/s', trail.eventsPerSecond, width),
    trailLine('s behind', trail.lagSeconds, width),
    '',
  ]
  const told = [
    ...section(
      'Open drifts',
      drifts.map(({ kind, severity, message }) => `${severity.toUpperCase()} ${kind}: ${message}`),
    ),
    ...section('Last anomalies', anomalies.slice(0, mostAnomalies).map(anomalyLine)),
  ]
  const room = Math.max(leastClusters, height - head.length - told.length - 2)
  const all = [...head, ...clusterLines(moment, room, width), '', ...told]
  return all.slice(0, height).map((line) => fitted(line, width))
}

/** The sentence over as many lines as it takes; a part is never broken, and only its colour is no text. */
function sentenceLines(parts: readonly StatusPart[], { width, colours }: Paper): readonly string[] {
  const lines: StatusPart[][] = [[]]
  let used = 0
  for (const { gravity, text } of parts) {
    const part = { gravity, text: plainText(text).slice(0, width) }
    const length = part.text.length + 3
    if (used > 0 && used + length > width) {
      lines.push([])
      used = 0
    }
    lines[lines.length - 1].push(part)
    used += length
  }
  return lines.map((line) => line.map((part) => coloured(part, colours)).join(' · '))
}

function coloured({ gravity, text }: StatusPart, colours: boolean): string {
  return colours ? `\u001b[${sgr[gravity]}m${text}\u001b[0m` : text
}

function trailLine(name: string, values: readonly (number | null)[], width: number): string {
  const shown = values.slice(-Math.max(10, width - 30)).map((value) => value ?? 0)
  const most = Math.max(0, ...shown)
  const last = values.at(-1) ?? null
  const now = last === null ? '–' : last < 10 ? last.toFixed(1) : grouped(last)
  return `${now.padStart(12)} ${name.padEnd(9)} ${columns(shown, most)}`
}

function clusterLines({ features, clusters }: Moment, room: number, width: number): readonly string[] {
  if (clusters.length === 0) return ['No model is born yet.']
  const largest = clusters.toSorted((a, b) => b.share - a.share || a.id - b.id)
  const most = largest[0].share
  const shown = largest.length >= room ? largest.slice(0, room - 2) : largest
  const rest = largest.slice(shown.length)
  const head = `${'cluster'.padStart(7)}${' '.repeat(barWidth)}   share  typical here (and of all events)`
  const lines = shown.map(({ id, share, standsOut }) => {
    const text = `${String(id).padStart(6)} ${bar(share, most, barWidth).padEnd(barWidth)} ${percent(share).padStart(7)}`
    return `${text}  ${standsOut
      .slice(0, width > 100 ? 3 : 2)
      .map((of) => standingOutText(features, of))
      .join(', ')}`
  })
  if (rest.length === 0) return [head, ...lines]
  const share = rest.reduce((sum, of) => sum + of.share, 0)
  return [head, ...lines, `       ${grouped(rest.length)} more clusters, together ${percent(share)}`]
}

/** `amount 1,240 (86)`: what is typical here and of all events; of a category how often it is there. */
function standingOutText(
  features: Moment['features'],
  { feature, value, whole, category }: ClusterView['standsOut'][number],
): string {
  if (category !== null)
    return `${feature} ${category.name} ${shareText(category.share)} (${shareText(category.wholeShare)})`
  return `${feature} ${featureText(features, feature, value)} (${featureText(features, feature, whole)})`
}

/** A share that rounds to nothing is nothing. */
function shareText(share: number): string {
  return percent(share < 0.0005 ? 0 : share)
}

function anomalyLine({ atMs, key, eventId, score, sentence }: AnomalyView): string {
  return `${timeText(atMs)}  ${(key ?? eventId).padEnd(12)} ${score.toFixed(4)}  ${sentence}`
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [`${title}: none`] : [title, ...lines.map((line) => `  ${line}`)]
}

/** Cut to the width; what has colours in it was made to fit. */
function fitted(line: string, width: number): string {
  return line.includes('\u001b[') ? line : [...plainText(line)].slice(0, width).join('')
}
