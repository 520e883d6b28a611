/** What the demo prints: a line a second, and a summary. */
import type { FraudKind } from '../generator/frauds.ts'
import { grouped } from './output.ts'

/** An anomaly as its record says it. */
export interface ShownAnomaly {
  readonly eventId: string
  readonly cluster: number
  readonly score: number
  readonly contributions: readonly {
    readonly feature: string
    readonly value: number | string | null
    readonly expected: number | string | null
    readonly share: number
  }[]
}

export interface DemoFigures {
  readonly seconds: number
  readonly eventsPerSecond: number
  readonly produced: number
  readonly scored: number
  readonly deadLetters: number
  readonly invalidPlanted: number
  readonly anomalies: number
  readonly frauds: readonly { readonly kind: FraudKind; readonly planted: number; readonly found: number }[]
  readonly version: number | null
  readonly clusters: number
  /** Mean way of the clusters since the first version of this run, in spreads. */
  readonly moved: number
  readonly snapshotVersion: number | null
  readonly state: string
  /** Where the console is; null: nowhere. */
  readonly console: string | null
}

export const demoHead = '  time     events/s      scored  anomalous  frauds found   dead  version  drift*  snapshot'

/** One line of the live view. */
export function demoLine(f: DemoFigures): string {
  const planted = sum(f.frauds.map((of) => of.planted))
  const found = sum(f.frauds.map((of) => of.found))
  if (f.version === null) return `${clock(f.seconds)}  ${f.state}`
  return [
    clock(f.seconds),
    grouped(f.eventsPerSecond).padStart(11),
    grouped(f.scored).padStart(11),
    percent(f.anomalies, f.scored).padStart(10),
    `${grouped(found)} of ${grouped(planted)}`.padStart(13),
    grouped(f.deadLetters).padStart(6),
    `v${f.version}`.padStart(8),
    f.moved.toFixed(2).padStart(7),
    (f.snapshotVersion === null ? '–' : `v${f.snapshotVersion}`).padStart(9),
  ].join(' ')
}

/** The end of a run, for a person. */
export function demoSummary(f: DemoFigures, last: ShownAnomaly | null, shifts: string, folder: string): string {
  const planted = sum(f.frauds.map((of) => of.planted))
  const found = sum(f.frauds.map((of) => of.found))
  const lines = [
    '',
    `${grouped(f.scored)} events assigned to ${f.clusters} clusters in ${f.seconds.toFixed(0)} s, each exactly once;`,
    `${grouped(f.deadLetters)} dead letters for ${grouped(f.invalidPlanted)} invalid records planted.`,
    `${grouped(f.anomalies)} called anomalous (${percent(f.anomalies, f.scored)}), with ${grouped(found)} of ${grouped(planted)} planted frauds among them:`,
    ...f.frauds.map(({ kind, planted, found }) => {
      const bar = '█'.repeat(Math.round((20 * found) / Math.max(1, planted))).padEnd(20, '░')
      return `  ${kind.replaceAll('_', ' ').padEnd(20)} ${bar} ${found} of ${planted}`
    }),
    ...(last === null ? [] : ['', 'The latest anomaly, explained:', `  ${anomalySentence(last)}`]),
    '',
    shifts,
    f.snapshotVersion === null
      ? 'No snapshot has been written.'
      : `Version ${f.snapshotVersion} is saved in ${folder}: the next start goes on from it.`,
  ]
  return lines.join('\n')
}

/** "tx-7 (score 0.9991, cluster 3): amount 1,240.50, usual 48.20 (61 % of the distance); …" */
function anomalySentence({ eventId, cluster, score, contributions }: ShownAnomaly): string {
  const why = contributions.map(
    ({ feature, value, expected, share }) =>
      `${feature} ${shown(value)}, usual ${shown(expected)} (${Math.round(100 * share)} % of the distance)`,
  )
  return `${eventId} (score ${score.toFixed(4)}, cluster ${cluster}): ${why.join('; ')}`
}

function shown(value: number | string | null): string {
  if (value === null) return 'missing'
  return typeof value === 'string' ? value : value.toLocaleString('en-US', { maximumFractionDigits: 2 })
}

function percent(part: number, whole: number): string {
  return whole === 0 ? '–' : `${((100 * part) / whole).toFixed(2)} %`
}

function clock(seconds: number): string {
  const whole = Math.floor(seconds)
  return `${String(Math.floor(whole / 60)).padStart(4)}:${String(whole % 60).padStart(2, '0')}`
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
