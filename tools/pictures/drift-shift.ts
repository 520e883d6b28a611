/** A shift of one feature: its distance from what was, window by window, and its distribution before and after. */
import { type Plot, type Point, stepPlot } from '../../src/cli/backtest/report/chart.ts'
import type { Tally } from '../../src/core/drift/tally.ts'
import { unbent } from '../../src/core/features/shapes.ts'
import type { Model } from '../../src/core/model/model.ts'
import { cardsPerDay } from '../replay/card-events.ts'
import { distancePlot, names, shiftAt, traceCards } from './drift-cards.ts'
import { plate } from './plate.ts'

const count = shiftAt + 5 * cardsPerDay
const shown = 'amount'

export async function driftShift(): Promise<string> {
  const trace = await traceCards(count, { dearer: { at: shiftAt } })
  const [first] = trace.told.filter(({ kind }) => kind !== 'drift.cleared')
  const delay = first === undefined ? 'never' : `${(first.row - shiftAt).toLocaleString('en-US')} events later`
  const distances = distancePlot(trace, {
    title: 'All amounts are three times what they were',
    caption: `Greatest difference of the distributions, by feature, in each 1,000 events; told ${delay}.`,
    ...{ from: 5 * cardsPerDay, to: count, of: [shown, 'deviceRisk', 'latitude', 'channel'] },
    mark: { name: 'shift', at: [shiftAt] },
  })
  const at = trace.windows.findIndex(({ end }) => end > shiftAt + 1000)
  const { reference, tally } = trace.windows[at]
  return plate([distances, distributionPlot(trace.model, reference, tally)])
}

/** Shares of the events on the birth's quantile bins, by their width, so that areas are shares. */
function distributionPlot({ features: { bins }, shapes }: Model, reference: Tally, now: Tally): Plot {
  const f = names.indexOf(shown)
  const edges = Array.from(bins.edges[f], (edge) => Math.max(0.01, unbent(shapes, f, edge)))
  const density = ({ features }: Tally): Point[] => {
    const counts = features.bins.subarray(bins.from[f] + 1, bins.from[f + 1] - 1)
    const total = features.bins.subarray(bins.from[f], bins.from[f + 1]).reduce((a, b) => a + b, 0)
    const steps = Array.from(counts, (each, b): Point => [edges[b], each / total / Math.log2(edges[b + 1] / edges[b])])
    return [...steps, [edges[edges.length - 1], 0]]
  }
  const [before, after] = [density(reference), density(now)]
  const most = Math.max(...[...before, ...after].map(([, share]) => share))
  return stepPlot(
    {
      title: 'The amount before and after',
      caption: 'On the bins that it is compared on: quantiles of the sample that the model was born from.',
      x: { label: shown, domain: [edges[0], edges[edges.length - 1]], isLog: true },
      y: { label: 'events per doubling', domain: [0, most * 1.05], format: (value) => `${Math.round(100 * value)} %` },
    },
    [
      { name: 'reference', tone: 'normal', points: before },
      { name: '1,000 events after', tone: 'anomalous', points: after },
    ],
  )
}
