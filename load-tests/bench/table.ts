/** What the parts found, as one table. */
import type { Grid } from '../results.ts'
import type { Spread } from '../spread.ts'
import type { Line } from './part.ts'

/** What one part found. */
export interface Measured {
  readonly name: string
  readonly title: string
  /** Of the clock. */
  readonly seconds: number
  readonly lines: readonly Line[]
}

export function benchGrid(all: readonly Measured[]): Grid {
  return {
    head: ['', 'what', 'median (least–most)', 'unit', 'beside', 'times as fast'],
    rows: all.flatMap(({ name, lines }) =>
      lines.map(({ what, figure, unit, beside }, i) => [
        i === 0 ? name : '',
        what,
        spreadText(figure),
        unit,
        beside === undefined ? '' : `${beside.what}: ${spreadText(beside.figure)}`,
        beside === undefined ? '' : spreadText(beside.timesAsFast),
      ]),
    ),
  }
}

export function spreadText({ median, least, most }: Spread): string {
  const [of, from, to] = [median, least, most].map((value) =>
    value.toLocaleString('en-US', { maximumFractionDigits: 2 }),
  )
  return from === to ? of : `${of} (${from}–${to})`
}
