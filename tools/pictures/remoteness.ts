/** How far events lie from what is usual, one after the other and as a distribution, and where the budget calls them. */
import type { FedPart } from '../../src/cli/backtest/feed.ts'
import { frame } from '../../src/cli/backtest/report/axes.ts'
import { type Plot, type Point, stepPlot } from '../../src/cli/backtest/report/chart.ts'
import { coordinate, element } from '../../src/cli/backtest/report/markup.ts'
import { logDistanceAt } from '../../src/core/score/rarity.ts'
import type { Scorer } from '../../src/core/score/scorer.ts'
import type { ScoredChunk } from '../../src/stages/score.ts'
import { replayPayments } from './card-payments.ts'
import { plate } from './plate.ts'
import { dots, type Place, rings, some } from './points.ts'

const count = 60_000
/** What is drawn one by one. */
const lastEvents = 10_000
const shownEvents = 1100
const budget = 0.005
const bins = 50

interface Scored {
  readonly number: number
  readonly logDistance: number
  readonly isFraud: boolean
  readonly isCalled: boolean
}

/** From this event on a version was in force, and called anomalous what was as far as this. */
interface Threshold {
  readonly from: number
  readonly logDistance: number
}

export async function remotenessOverTime(): Promise<string> {
  const scored: Scored[] = []
  const thresholds: Threshold[] = []
  await replayPayments({
    count,
    configuration: { anomalies: { budget } },
    watcher: {
      version: ({ rarity }: Scorer) => {
        thresholds.push({ from: scored.length, logDistance: logDistanceAt(rarity, budget) })
      },
      scored: (chunk, part) => scored.push(...eventsOf(chunk, part, scored.length)),
    },
  })
  const last = scored.slice(-lastEvents)
  const latest = thresholds.filter(({ from }) => from >= count - lastEvents)
  const [called, frauds] = [last.filter(({ isCalled }) => isCalled), last.filter(({ isFraud }) => isFraud)]
  const found = called.filter(({ isFraud }) => isFraud).length
  const caption = `Of the last ${lastEvents.toLocaleString('en-US')} events ${called.length} are called anomalous, ${found} of the ${frauds.length} planted frauds among them.`
  return plate([timePlot(last, latest, caption), distributionPlot(scored.slice(count / 3), latest)])
}

function eventsOf({ batch, from, eventOf, valid, scores }: ScoredChunk, part: FedPart, first: number): Scored[] {
  return Array.from({ length: valid }, (_, i) => ({
    number: first + i,
    logDistance: scores.logDistances[i],
    isFraud: part.labels[batch.offset[from + eventOf[i]] - part.from] === 1,
    isCalled: scores.rarities[i] <= budget,
  }))
}

function timePlot(last: readonly Scored[], thresholds: readonly Threshold[], caption: string): Plot {
  const from = last[0].number
  const at = frame(
    { label: 'event', domain: [from, from + last.length], format: (value) => value.toLocaleString('en-US') },
    { label: 'remoteness', domain: [2, 40], isLog: true },
  )
  const place = ({ number, logDistance }: Scored): Place => [at.x(number), at.y(Math.exp(logDistance))]
  const ordinary = last.filter(({ isCalled }) => !isCalled)
  const right = at.x(from + last.length)
  const steps = thresholds.map(({ from, logDistance }, i) => {
    const x = coordinate(at.x(from))
    const y = coordinate(at.y(Math.exp(logDistance)))
    return `${i === 0 ? 'M' : 'L'}${x} ${y}H${coordinate(i + 1 < thresholds.length ? at.x(thresholds[i + 1].from) : right)}`
  })
  return {
    title: 'One event after the other',
    caption,
    legend: [
      { name: 'event', tone: 'soft' },
      { name: 'called anomalous', tone: 'normal' },
      { name: 'planted fraud', tone: 'red' },
      { name: 'threshold', tone: 'budget' },
    ],
    markup: [
      at.markup,
      dots(some(ordinary, shownEvents).map(place), 'faint soft'),
      element('path', { d: steps.join(''), class: 'guide budget' }),
      dots(last.filter(({ isCalled }) => isCalled).map(place), 'strong normal'),
      rings(last.filter(({ isFraud }) => isFraud).map(place), 4, 'red'),
    ].join(''),
  }
}

function distributionPlot(all: readonly Scored[], thresholds: readonly Threshold[]): Plot {
  const [low, high] = [Math.log(2), Math.log(40)]
  const width = (high - low) / bins
  const share = (of: readonly Scored[]) => {
    const counts = new Float64Array(bins + 1)
    for (const { logDistance } of of) counts[Math.min(bins - 1, Math.max(0, Math.floor((logDistance - low) / width)))]++
    return Array.from(counts, (bin, b): Point => [Math.exp(low + b * width), bin / of.length])
  }
  const kinds = [false, true].map((isFraud) => share(all.filter((each) => each.isFraud === isFraud)))
  const most = Math.max(...kinds.flat().map(([, height]) => height))
  return stepPlot(
    {
      title: 'How they are distributed',
      caption: 'Each kind beside itself. What lies right of the dashed line is called anomalous.',
      x: { label: 'remoteness', domain: [2, 40], isLog: true },
      y: { label: 'share of its kind', domain: [0, most * 1.05], format: (value) => `${Math.round(100 * value)} %` },
    },
    [
      { name: 'honest', tone: 'normal', points: kinds[0] },
      { name: 'planted fraud', tone: 'anomalous', points: kinds[1] },
    ],
    [{ name: 'threshold', tone: 'budget', at: { x: Math.exp(thresholds[thresholds.length - 1].logDistance) } }],
  )
}
