/** Figures with their spread as bars below each other: an SVG file that needs nothing else. */
import { scaleLinear, scaleLog } from 'd3-scale'
import { coordinate, element, textElement } from '../../src/cli/backtest/report/markup.ts'
import { card } from '../../tools/pictures/plate.ts'
import type { Spread } from '../spread.ts'
import { spreadText } from './table.ts'

export interface Bar {
  readonly name: string
  readonly tone: 'normal' | 'anomalous' | 'other'
  readonly figure: Spread
}

export interface Bars {
  readonly title: string
  readonly caption: string
  /** From this value on; null: from 0, on a linear axis. Else the axis is logarithmic. */
  readonly from: number | null
  readonly bars: readonly Bar[]
}

const edge = 16
const titleHeight = 44
const rowHeight = 22
const barHeight = 12
/** Left ends of names, bars and figures, and where all ends. */
const columns = { name: edge, bar: 420, figure: 700, end: 880 } as const

export function barsPicture({ title, caption, from, bars }: Bars): string {
  const finite = bars.filter(({ figure }) => [figure.median, figure.least, figure.most].every(Number.isFinite))
  const values = finite.flatMap(({ figure }) => [figure.least, figure.most])
  const most = Math.max(...values)
  const range = [columns.bar, columns.figure - edge]
  const isLog = from !== null
  // What is below the beginning of the axis reaches to the left of it.
  const least = isLog ? Math.min(from, ...values.filter((value) => value > 0)) : 0
  const scale = (isLog ? scaleLog() : scaleLinear()).domain([least, most]).range(range).clamp(true)
  const start = coordinate(scale(from ?? 0))
  const height = titleHeight + finite.length * rowHeight + edge
  const rule = { x1: start, x2: start, y1: titleHeight - 4, y2: height - edge + 2, class: 'axis' }
  const markup = [
    textElement('text', { x: columns.name, y: edge + 6, class: 'title' }, title),
    textElement('text', { x: columns.name, y: edge + 22, class: 'key' }, caption),
    ...finite.map((bar, i) => row(bar, titleHeight + i * rowHeight, start, (value) => coordinate(scale(value)))),
    element('line', rule),
  ]
  return card({ width: columns.end, height }, `${title}. ${caption}`, markup.join(''))
}

function row({ name, tone, figure }: Bar, y: number, start: number, at: (value: number) => number): string {
  const { median, least, most } = figure
  const middle = y + rowHeight / 2
  const [left, right] = [Math.min(start, at(median)), Math.max(start, at(median))]
  const size = { x: left, y: middle - barHeight / 2, width: coordinate(Math.max(1, right - left)), height: barHeight }
  return [
    textElement('text', { x: columns.name, y: middle + 4, class: 'plain' }, name),
    element('rect', { ...size, rx: 2, class: `step ${tone}` }),
    element('line', { x1: at(least), x2: at(most), y1: middle, y2: middle, class: 'axis' }),
    textElement('text', { x: columns.figure, y: middle + 4, class: 'tick' }, spreadText(figure)),
  ].join('')
}
