/** How well the scores find what is labelled: ROC, precision and recall, and how the scores are distributed. */
import { type RankingPoint, rankingCurve } from '../../../core/score/ranking.ts'
import type { Findings } from '../findings.ts'
import type { Recording } from '../recording.ts'
import { lineChart, type Point, type Series, stepChart } from './chart.ts'

const curveSteps = 250
const bins = 60

interface Labelled {
  readonly positive: Uint8Array
  readonly ours: Float64Array
  readonly baseline: Float64Array
  readonly nearest: Float64Array
}

export function rankingCharts(findings: Findings, recording: Recording): readonly string[] {
  const { positives, labelled } = findings
  if (positives === 0 || positives === labelled) return []
  const known = knownOf(recording)
  return [roc(findings, known), precisionRecall(findings, known), distribution(findings, known)]
}

/** Of all judged events, when nobody knows what they are. */
export function distanceChart({ budget }: Findings, { logDistances }: Recording): string {
  const distances = logDistances.view()
  return histogram(
    'How far events lie from what is usual',
    'Distance to the mixture of all clusters.',
    budget,
    distances,
    [{ name: 'events', tone: 'normal', of: distances }],
  )
}

function knownOf({ labels, logDistances, baseline, distances }: Recording): Labelled {
  const view = labels.view()
  const known = Uint32Array.from(view.keys().filter((i) => view[i] >= 0))
  const of = (column: Float64Array) => Float64Array.from(known, (i) => column[i])
  return {
    positive: Uint8Array.from(known, (i) => view[i]),
    ours: of(logDistances.view()),
    baseline: of(baseline.view()),
    nearest: of(distances.view()),
  }
}

function seriesOf(known: Labelled, names: readonly string[], point: (of: RankingPoint) => Point): Series[] {
  const { positive } = known
  return (['ours', 'baseline', 'nearest'] as const).map((tone, i) => ({
    name: names[i],
    tone,
    points: rankingCurve(known[tone], positive, curveSteps).map(point),
  }))
}

function roc({ auc, baseline, nearest, positives, labelled }: Findings, known: Labelled): string {
  const share = { domain: [0, 1], format: percent } as const
  const named = (name: string, of: number | null) => `${name} ${of?.toFixed(3) ?? ''}`
  return lineChart(
    {
      title: 'Anomalies found against false alarms (ROC)',
      caption: 'Nearer to the upper left is better; the area under each curve stands beside its name.',
      x: { ...share, label: 'normal events that rank as high' },
      y: { ...share, label: 'anomalies found' },
    },
    [
      ...seriesOf(
        known,
        [named('Shoal', auc), named('k = 1', baseline.auc), named('nearest', nearest.auc)],
        ({ rows, positives: hits }) => [(rows - hits) / (labelled - positives), hits / positives],
      ),
      {
        name: 'chance',
        tone: 'chance',
        points: [
          [0, 0],
          [1, 1],
        ],
      },
    ],
  )
}

function precisionRecall(findings: Findings, known: Labelled): string {
  const { averagePrecision, baseline, nearest, positives, labelled } = findings
  const share = { domain: [0, 1], format: percent } as const
  const named = (name: string, of: number | null) => `${name} ${of?.toFixed(3) ?? ''}`
  const names = [
    named('Shoal', averagePrecision),
    named('k = 1', baseline.averagePrecision),
    named('nearest', nearest.averagePrecision),
  ]
  const series = seriesOf(known, names, ({ rows, positives: hits }) => [hits / positives, rows === 0 ? 1 : hits / rows])
  return lineChart(
    {
      title: 'How many of those flagged are anomalies (precision and recall)',
      caption: 'Higher is better; the average precision stands beside each name. Chance is the share of anomalies.',
      x: { ...share, label: 'anomalies found' },
      y: { ...share, label: 'of those flagged, anomalies' },
    },
    // Before the first event is flagged there is no precision.
    series.map((each) => ({ ...each, points: each.points.slice(1) })),
    [{ name: 'chance', tone: 'chance', at: { y: positives / labelled } }],
  )
}

function distribution({ budget }: Findings, { ours, positive }: Labelled): string {
  const caption = 'Distance to the mixture of all clusters: the share of each kind in every step.'
  return histogram('How far normal and anomalous events lie from what is usual', caption, budget, ours, [
    { name: 'normal', tone: 'normal', of: ours.filter((_, i) => positive[i] === 0) },
    { name: 'anomalous', tone: 'anomalous', of: ours.filter((_, i) => positive[i] === 1) },
  ])
}

interface Kind {
  readonly name: string
  readonly tone: string
  readonly of: Float64Array
}

/** Of logarithms, on an axis of the distances themselves. */
function histogram(title: string, caption: string, budget: number, all: Float64Array, kinds: readonly Kind[]): string {
  const sorted = all.toSorted()
  const low = sorted[Math.floor(0.0005 * sorted.length)] ?? 0
  const high = Math.max(sorted[sorted.length - 1] ?? 1, low + 0.1)
  const width = (high - low) / bins
  const series = kinds.map(({ name, tone, of }): Series => {
    const counts = new Float64Array(bins + 1)
    for (const value of of) counts[Math.max(0, Math.min(bins - 1, Math.floor((value - low) / width)))]++
    const points = Array.from(counts, (count, bin): Point => [Math.exp(low + bin * width), count / of.length])
    return { name, tone, points }
  })
  const most = Math.max(...series.flatMap(({ points }) => points.map(([, share]) => share)))
  const cut = sorted[Math.max(0, sorted.length - Math.max(1, Math.round(budget * sorted.length)))]
  return stepChart(
    {
      title,
      caption: `${caption} Right of the dashed line lie as many events as the budget allows.`,
      x: { label: 'distance, in running deviations', domain: [Math.exp(low), Math.exp(high)], isLog: true },
      y: { label: 'share of the events', domain: [0, most * 1.05], format: percent },
    },
    series,
    [{ name: `budget ${percent(budget)}`, tone: 'budget', at: { x: Math.exp(cut) } }],
  )
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(3))} %`
}
