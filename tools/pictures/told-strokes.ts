/** The events that were told, over a chart: a line through it at each, with its kind, and a paler one where it was over. */
import { type Axis, frame } from '../../src/cli/backtest/report/axes.ts'
import type { Plot } from '../../src/cli/backtest/report/chart.ts'
import { coordinate, element, textElement } from '../../src/cli/backtest/report/markup.ts'
import type { DriftTrace } from '../replay/drift-trace.ts'

/** A word needs as much beside another, and is left out where it has less: the line says that something was told. */
const leastApart = 11
const top = 16

/** The same plot with the events on it; `x` and `y` are its axes. */
export function withTold(plot: Plot, x: Axis, y: Axis, told: DriftTrace['told']): Plot {
  const at = frame(x, y)
  const [bottom, high] = at.y.range()
  let last = Number.NEGATIVE_INFINITY
  const strokes = told.map(({ row, kind }) => {
    const place = coordinate(at.x(row))
    const ends = { x1: place, x2: place, y1: high, y2: bottom }
    if (kind === 'drift.cleared') return element('line', { ...ends, class: 'guide chance' })
    const stroke = element('line', { ...ends, class: 'guide red' })
    if (place - last < leastApart) return stroke
    last = place
    const turned = `translate(${coordinate(place - 3)} ${high + top}) rotate(-90)`
    const words = { transform: turned, class: 'id new', style: 'font-size:10px;font-weight:400', 'text-anchor': 'end' }
    return stroke + textElement('text', words, kind.replace('drift.', ''))
  })
  const legend = [
    { name: 'told', tone: 'red' },
    ...(told.some(({ kind }) => kind === 'drift.cleared') ? [{ name: 'over', tone: 'chance' }] : []),
  ]
  return { ...plot, legend: [...plot.legend, ...legend], markup: plot.markup + strokes.join('') }
}
