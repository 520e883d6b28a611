/** Figures of a run, drawn over its time by the report's charts. */
import { type Guide, linePlot, type Plot, type Point } from '../src/cli/backtest/report/chart.ts'
import { inBlocks } from './theil-sen.ts'

/** More are put together by their medians: a chart has not many more pixels. */
const mostPoints = 400

export interface Drawn<S> {
  readonly title: string
  readonly caption: string
  /** Of the y axis. */
  readonly label: string
  readonly isLog?: boolean
  readonly lines: readonly { readonly name: string; readonly of: (sample: S) => number }[]
  readonly guides?: readonly Guide[]
  /** Seconds at which something happened. */
  readonly marks?: { readonly name: string; readonly at: readonly number[] }
}

const tones = ['ours', 'baseline', 'nearest', 'c3', 'c4']

export function overTime<S extends { readonly seconds: number }>(samples: readonly S[], drawn: Drawn<S>): Plot {
  const { title, caption, label, isLog = false, lines, guides = [], marks } = drawn
  const end = samples.at(-1)?.seconds ?? 1
  const unit =
    end > 2 * 3600
      ? { name: 'hours', seconds: 3600 }
      : end > 120
        ? { name: 'minutes', seconds: 60 }
        : { name: 'seconds', seconds: 1 }
  const series = lines.map(({ name, of }, i) => {
    const points = samples.map((sample): Point => [sample.seconds / unit.seconds, of(sample)])
    return { name, tone: tones[i % tones.length], points: inBlocks(points, mostPoints) }
  })
  const levels = guides.flatMap(({ at }) => ('y' in at ? [at.y] : []))
  const heights = [...series.flatMap(({ points }) => points.map(([, y]) => y)), ...levels].filter(Number.isFinite)
  const most = Math.max(1e-9, ...heights)
  const least = Math.min(...heights.filter((height) => height > 0), most)
  return linePlot(
    {
      title,
      caption,
      x: { label: unit.name, domain: [0, end / unit.seconds] },
      y: { label, domain: isLog ? [least / 1.2, most * 1.2] : [0, most * 1.1], isLog },
      ...(marks === undefined ? {} : { marks: { ...marks, at: marks.at.map((seconds) => seconds / unit.seconds) } }),
    },
    series,
    guides.map((guide) => ('x' in guide.at ? { ...guide, at: { x: guide.at.x / unit.seconds } } : guide)),
  )
}
