/** What happened while the stream flowed: alarms, how near the clusters were, and how large. */
import { grouped } from '../../output.ts'
import { type DriftWindow, windowRows } from '../drift-windows.ts'
import type { Findings } from '../findings.ts'
import type { Recording } from '../recording.ts'
import { type Layers, lineChart, type Point, stackedChart } from './chart.ts'
import { type Bucket, timeline } from './timeline.ts'

const mostPoints = 150
const namedClusters = 7
/** Buckets that a running share looks back over. */
const smoothed = 8

export function streamCharts(findings: Findings, recording: Recording): readonly string[] {
  const buckets = timeline(recording)
  if (buckets.length < 2) return []
  return [
    flaggedChart(findings, buckets),
    ...(recording.drift.windows.length > 1 ? [inertiaChart(findings, recording.drift.windows)] : []),
    sizesChart(findings, buckets),
  ]
}

function marks({ clusterLives: { list } }: Findings) {
  return { name: 'a cluster was born, split, merged or given up', at: list.map(({ row }) => row) }
}

function rowAxis(buckets: readonly { readonly row: number }[]) {
  return { label: 'row', domain: [buckets[0].row, buckets[buckets.length - 1].row], format: short } as const
}

function flaggedChart({ budget, flaggedShare }: Findings, buckets: readonly Bucket[]): string {
  const each = buckets.map(({ row, rows, flagged }): Point => [row, flagged / rows])
  const running = buckets.map(({ row }, i): Point => {
    const some = buckets.slice(Math.max(0, i - smoothed + 1), i + 1)
    const rows = some.reduce((sum, bucket) => sum + bucket.rows, 0)
    return [row, some.reduce((sum, { flagged }) => sum + flagged, 0) / rows]
  })
  const most = Math.max(3 * budget, ...each.map(([, share]) => share))
  return lineChart(
    {
      title: 'Share of the events called anomalous',
      caption: `Over all ${percent(flaggedShare)}, with a budget of ${percent(budget)}; each step is of ${grouped(buckets[0].rows)} events.`,
      x: rowAxis(buckets),
      y: { label: 'flagged', domain: [0, most * 1.05], format: percent },
    },
    [
      { name: `of the last ${smoothed} steps`, tone: 'ours', points: running },
      { name: 'of each step', tone: 'bucket', points: each },
    ],
    [{ name: 'budget', tone: 'budget', at: { y: budget } }],
  )
}

function inertiaChart(findings: Findings, windows: readonly DriftWindow[]): string {
  const { inertia, scored, rows } = findings
  const each = Math.ceil(windows.length / mostPoints)
  const first = rows - scored
  const points = (of: 'inertia' | 'refit') =>
    Array.from({ length: Math.ceil(windows.length / each) }, (_, i): Point => {
      const some = windows.slice(i * each, (i + 1) * each)
      const mean = some.reduce((sum, window) => sum + window[of], 0) / some.length
      return [first + (i + 0.5) * each * windowRows, mean]
    })
  const [own, refit] = [points('inertia'), points('refit')]
  const values = [...own, ...refit].map(([, value]) => value).filter((value) => value > 0)
  const [least, most] = [Math.min(...values), Math.max(...values)]
  const isLog = most > 30 * least
  return lineChart(
    {
      title: `How near the clusters are to the next ${grouped(windowRows)} events`,
      caption: `Mean squared distance before they are learned, lower is better; the refit is k-means on the ${grouped(windowRows)} events before. Over all ${ratio(inertia.windows.ratio)} of the refit's.`,
      x: { label: 'row', domain: [own[0][0], own[own.length - 1][0]], format: short },
      marks: marks(findings),
      y: { label: 'inertia per event', domain: isLog ? [least / 1.2, most * 1.2] : [0, most * 1.05], isLog },
    },
    [
      { name: 'Shoal', tone: 'ours', points: own },
      { name: 'refit', tone: 'baseline', points: refit },
    ],
  )
}

function sizesChart(findings: Findings, buckets: readonly Bucket[]): string {
  const { clusters } = findings
  const named = clusters.slice(0, namedClusters)
  const layers = [
    ...named.map(({ id }, i) => ({ name: `cluster ${id}`, tone: `c${i}` })),
    ...(clusters.length > namedClusters ? [{ name: `${clusters.length - namedClusters} others`, tone: 'other' }] : []),
  ]
  const columns: Layers['columns'] = buckets.map(({ row, rows, sizes }) => {
    const heights = named.map(({ id }) => (sizes.get(id) ?? 0) / rows)
    const rest = Math.max(0, 1 - heights.reduce((sum, height) => sum + height, 0))
    return { x: row, heights: layers.length > named.length ? [...heights, rest] : heights }
  })
  return stackedChart(
    {
      title: 'Which clusters the events go to',
      caption: 'Share of each cluster in every step; the largest have colours of their own.',
      x: rowAxis(buckets),
      y: { label: 'share of the events', domain: [0, 1], format: percent },
      marks: marks(findings),
    },
    { layers, columns },
  )
}

function short(row: number): string {
  if (row >= 1e6) return `${Number((row / 1e6).toPrecision(3))}M`
  return row >= 1000 ? `${Number((row / 1000).toPrecision(3))}k` : String(Math.round(row))
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(3))} %`
}

function ratio(value: number | null): string {
  return value === null ? 'none' : `${value.toFixed(2)} times`
}
