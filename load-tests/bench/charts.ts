/** A chart of each part that has one: of its figures, or of how many times as fast they are as what they stand beside. */
import { type Bar, type Bars, barsPicture } from './bars.ts'
import type { Line } from './part.ts'
import type { Measured } from './table.ts'

type Drawn = (measured: Measured) => Bars

const drawnOf: Readonly<Record<string, Drawn>> = {
  stages: figures,
  kernel: ratios,
  codec: ratios,
  growth: ratios,
  backlog: figures,
  latency: figuresOfAll,
  start: figures,
}

export interface BenchChart {
  /** Of the part. */
  readonly name: string
  readonly description: string
  readonly svg: string
}

export function benchCharts(all: readonly Measured[]): readonly BenchChart[] {
  return all.flatMap((measured) => {
    const drawn = drawnOf[measured.name]?.(measured)
    if (drawn === undefined) return []
    return [{ name: measured.name, description: `${drawn.title}. ${drawn.caption}`, svg: barsPicture(drawn) }]
  })
}

/** Those in the unit of the first line. */
function figures({ title, lines }: Measured): Bars {
  const [{ unit }] = lines
  const bars = lines
    .filter((line) => line.unit === unit)
    .map(({ what, figure }): Bar => ({ name: what, tone: 'normal', figure }))
  return { title, caption: `${unit}: median, least to most`, from: null, bars }
}

/** Ours and, below each, those that it stands beside. */
function figuresOfAll({ title, lines }: Measured): Bars {
  const [{ unit }] = lines
  const bars = [...new Set(lines.map(({ what }) => what))].flatMap((what): readonly Bar[] => {
    const its = lines.filter((line) => line.what === what)
    const others = its.flatMap(({ beside }): readonly Bar[] =>
      beside === undefined ? [] : [{ name: `· ${beside.what}`, tone: 'other', figure: beside.figure }],
    )
    return [{ name: what, tone: 'normal', figure: its[0].figure }, ...others]
  })
  return { title, caption: `${unit}, logarithmic: median, least to most`, from: leastOf(bars), bars }
}

function leastOf(bars: readonly Bar[]): number {
  return Math.min(...bars.map(({ figure }) => figure.least)) / 2
}

function ratios({ title, lines }: Measured): Bars {
  const bars = lines.flatMap(({ what, beside }: Line): readonly Bar[] => {
    if (beside === undefined) return []
    const tone = beside.timesAsFast.median >= 1 ? 'normal' : 'anomalous'
    return [{ name: `${what}; beside ${beside.what}`, tone, figure: beside.timesAsFast }]
  })
  return { title, caption: 'times as fast as what it stands beside, logarithmic, from 1 on', from: 1, bars }
}
