/** Nights differ from days, and that is no drift: each window beside all hours, and beside the same hours before. */
import type { Axis } from '../../src/cli/backtest/report/axes.ts'
import { linePlot, type Plot, type Point } from '../../src/cli/backtest/report/chart.ts'
import { cardsPerDay } from '../replay/card-events.ts'
import type { TracedWindow } from '../replay/drift-trace.ts'
import { distancePlot, shiftAt, type TracedCards, traceCards } from './drift-cards.ts'
import { plate } from './plate.ts'
import { withTold } from './told-strokes.ts'

const count = shiftAt + 3 * cardsPerDay
/** Half of the default: what nights and days differ by is above it. */
const ksThreshold = 0.1

export async function driftCycle(): Promise<string> {
  const trace = await traceCards(count, { dearer: { at: shiftAt } }, { ksThreshold })
  return plate([
    cyclePlot(trace),
    distancePlot(trace, {
      title: 'A shift within the cycle: all amounts three times as high',
      caption: 'What differs from the reference and from the same hours is a change, however small beside the nights.',
      ...{ from: shiftAt - 3 * cardsPerDay, to: count, of: ['amount', 'channel', 'latitude'] },
      mark: { name: 'shift', at: [shiftAt] },
    }),
  ])
}

function cyclePlot({ windows, told }: TracedCards): Plot {
  const days = Math.floor(shiftAt / cardsPerDay)
  const shown = windows.filter(({ end }) => end <= days * cardsPerDay)
  const most = (of: (window: TracedWindow) => Float64Array | null) =>
    shown.map((window): Point => [window.end / cardsPerDay, Math.max(...(of(window) ?? [Number.NaN]))])
  const all = most(({ fromReference }) => fromReference)
  const x: Axis = { label: 'day', domain: [0, days] }
  const y: Axis = {
    label: 'largest distance of a feature',
    domain: [0, Math.max(...all.map(([, distance]) => distance), ksThreshold) * 1.08],
  }
  const plot = linePlot(
    {
      title: 'Ten days in which only the hours change',
      caption:
        'At half of the default threshold nights are told until each hour was seen on three days; a window must then differ from its own hours, too.',
      ...{ x, y },
    },
    [
      { name: 'from the same hours', tone: 'ours', points: most(({ fromHours }) => fromHours) },
      { name: 'from the reference', tone: 'bucket', points: all },
    ],
    [{ name: 'threshold', tone: 'budget', at: { y: ksThreshold } }],
  )
  const inDays = told.map((each) => ({ ...each, row: each.row / cardsPerDay }))
  return withTold(
    plot,
    x,
    y,
    inDays.filter(({ row }) => row <= days),
  )
}
