import type { Findings } from '../../src/cli/backtest/findings.ts'
import { type Line, mean, shown, type Verdict } from './line.ts'
import { anomalyStreams, type LabelledStream } from './protocol.ts'
import type { Runner } from './runner.ts'

const least = { auc: 0.83, averagePrecision: 0.44 }
/** No stream may fall further below k = 1. */
const mostBelowBaseline = 0.03

const measures = {
  auc: (of: Findings) => of.auc ?? Number.NaN,
  ap: (of: Findings) => of.averagePrecision ?? Number.NaN,
  calibratedAuc: (of: Findings) => of.calibrated.auc ?? Number.NaN,
  calibratedAp: (of: Findings) => of.calibrated.averagePrecision ?? Number.NaN,
  baselineAuc: (of: Findings) => of.baseline.auc ?? Number.NaN,
  baselineAp: (of: Findings) => of.baseline.averagePrecision ?? Number.NaN,
  nearestAuc: (of: Findings) => of.nearest.auc ?? Number.NaN,
  nearestAp: (of: Findings) => of.nearest.averagePrecision ?? Number.NaN,
} as const
type Measure = keyof typeof measures
const order = Object.keys(measures) as Measure[]

export const anomalies: Line = {
  number: 1,
  name: 'anomaly',
  title: 'Anomalies, features as given',
  async judge(runner, seeds): Promise<Verdict> {
    const streams = anomalyStreams.filter((stream) => runner.has(stream))
    const all = await Promise.all(streams.map((stream) => meansOf(runner, stream, seeds)))
    // The first rows alone may hold no anomaly.
    const found = all.filter(({ auc }) => !Number.isNaN(auc))
    const overall = (measure: Measure) => mean(found.map((of) => of[measure]))
    const worst = Math.min(...found.map((of) => of.auc - of.baselineAuc))
    const text = (of: (measure: Measure) => number) => order.map((measure) => shown(of(measure)))
    return {
      passed: overall('auc') >= least.auc && overall('ap') >= least.averagePrecision && worst >= -mostBelowBaseline,
      threshold: `mean AUC at least ${least.auc}, AP at least ${least.averagePrecision}, no AUC more than ${mostBelowBaseline} below k = 1`,
      head: ['stream', 'AUC', 'AP', 'published AUC', 'AP', 'k = 1 AUC', 'AP', 'nearest AUC', 'AP'],
      rows: [
        ...streams.map(({ name }, i) => [name, ...text((measure) => all[i][measure])]),
        ['mean', ...text(overall)],
      ],
      summary: `AUC ${shown(overall('auc'))}, AP ${shown(overall('ap'))}, at worst ${shown(worst)} beside k = 1`,
    }
  },
}

async function meansOf(
  runner: Runner,
  stream: LabelledStream,
  seeds: readonly number[],
): Promise<Readonly<Record<Measure, number>>> {
  const shuffle = stream.isSorted ? ['--shuffle', '0'] : []
  const runs = await runner.backtests(stream, seeds, ...shuffle)
  return Object.fromEntries(order.map((measure) => [measure, mean(runs.map(measures[measure]))])) as Record<
    Measure,
    number
  >
}
