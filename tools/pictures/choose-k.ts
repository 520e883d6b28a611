/** What `shoal choose-k` looks at: a sample where a number of clusters stands out, and one where none does. */
import { linePlot, type Plot, type Point } from '../../src/cli/backtest/report/chart.ts'
import { autoRange, chooseKSteps, type KChoice } from '../../src/core/kmeans/k-choice.ts'
import { finish } from '../../src/core/kmeans/steps.ts'
import { prepareRows } from '../../src/core/model/birth-rows.ts'
import { inverseScales, runningSpreads, scalesOf } from '../../src/core/model/metric.ts'
import { samplePayments } from './card-payments.ts'
import { plate } from './plate.ts'

/** A day of events, of which one in eight is looked at: the first thousand are of one night. */
const day = 8000
const rowCount = 1000
const seed = 1
const tried = { from: 2, to: 20 }

const places = [
  { field: 'latitude', missing: 'reject' },
  { field: 'longitude', missing: 'reject' },
]
const amounts = [{ field: 'amount', transform: 'log' }]

export async function chooseK(): Promise<string> {
  const [ofPlaces, ofAmounts] = [await choiceOf(places), await choiceOf(amounts)]
  return plate([plot('Where cards are used', ofPlaces), plot('What is paid', ofAmounts)])
}

async function choiceOf(features: readonly object[]): Promise<KChoice> {
  const { plan, rows: all } = await samplePayments(day, { features })
  const d = plan.columns.length
  const rows = all.filter((_, at) => Math.floor(at / d) % (day / rowCount) === 0)
  const measured = prepareRows(plan, rows, rowCount)
  const scale = inverseScales(scalesOf(plan.columns), runningSpreads(measured))
  return finish(chooseKSteps(rows, rowCount, d, scale, { ...autoRange(seed), ...tried }))
}

function plot(what: string, { k, found, reason, tried }: KChoice): Plot {
  const points = (of: 'silhouette' | 'blobSilhouette' | 'stability') => tried.map((each): Point => [each.k, each[of]])
  return linePlot(
    {
      title: found ? `${what}: ${k} clusters stand out` : `${what}: no number stands out`,
      caption: `${reason}.`,
      x: { label: 'k', domain: [tried[0].k, tried[tried.length - 1].k] },
      y: { label: 'index', domain: [0, 1] },
    },
    [
      { name: 'silhouette', tone: 'ours', points: points('silhouette') },
      { name: 'of one blob', tone: 'baseline', points: points('blobSilhouette') },
      { name: 'found again', tone: 'nearest', points: points('stability') },
    ],
    found ? [{ name: `k = ${k}`, tone: 'budget', at: { x: k } }] : [],
  )
}
