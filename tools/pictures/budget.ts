/** The share of the events that is called anomalous, before and after a shift, and the threshold that follows it. */
import { linePlot, type Plot, type Point } from '../../src/cli/backtest/report/chart.ts'
import { logDistanceAt } from '../../src/core/score/rarity.ts'
import { replayPayments } from './card-payments.ts'
import { plate } from './plate.ts'

const budget = 0.005
/** Weeks repeat every 56,000 events. */
const count = 168_000
const shiftAt = 84_000
const window = 4000
const smoothed = 5

interface Window {
  readonly end: number
  readonly called: number
  /** Of its events, how far the middle one and the one at the budget are. */
  readonly middle: number
  readonly atBudget: number
  readonly threshold: number
}

export async function budgetAfterShift(): Promise<string> {
  const windows: Window[] = []
  let events = 0
  let called = 0
  let threshold = 0
  let logDistances: number[] = []
  await replayPayments({
    count,
    shifts: { senders: { at: shiftAt } },
    configuration: { anomalies: { budget } },
    watcher: {
      version: ({ rarity }) => {
        threshold = logDistanceAt(rarity, budget)
      },
      scored: ({ valid, scores }) => {
        for (let i = 0; i < valid; i++) logDistances.push(scores.logDistances[i])
      },
      anomaly: () => {
        called++
      },
      batchEnded: () => {
        events += 1000
        if (events % window !== 0) return
        const sorted = logDistances.sort((a, b) => a - b)
        const at = (share: number) => Math.exp(sorted[Math.floor(share * (sorted.length - 1))])
        windows.push({ end: events, called, middle: at(0.5), atBudget: at(1 - budget), threshold: Math.exp(threshold) })
        called = 0
        logDistances = []
      },
    },
  })
  return plate([sharePlot(windows), thresholdPlot(windows)])
}

const events = {
  label: 'event',
  domain: [window, count],
  format: (value: number) => value.toLocaleString('en-US'),
} as const
const shift = { name: 'new customers', at: [shiftAt] }

function sharePlot(windows: readonly Window[]): Plot {
  const each = windows.map(({ end, called }): Point => [end, called / window])
  const running = windows.map(({ end }, i): Point => {
    const some = windows.slice(Math.max(0, i - smoothed + 1), i + 1)
    return [end, some.reduce((sum, { called }) => sum + called, 0) / (some.length * window)]
  })
  const most = Math.max(...each.map(([, share]) => share))
  return linePlot(
    {
      title: 'Share of the events called anomalous',
      caption: `Of the last 20,000 events, and of every 4,000, at most ${(100 * most).toFixed(1)} %; budget 0.5 %.`,
      x: events,
      y: {
        label: 'called anomalous',
        domain: [0, most * 1.1],
        format: (value) => `${Number((100 * value).toFixed(2))} %`,
      },
      marks: shift,
    },
    [
      { name: 'of 20,000', tone: 'ours', points: running },
      { name: 'of 4,000', tone: 'bucket', points: each },
    ],
    [{ name: 'budget', tone: 'budget', at: { y: budget } }],
  )
}

function thresholdPlot(windows: readonly Window[]): Plot {
  const points = (of: 'middle' | 'atBudget' | 'threshold') => windows.map((each): Point => [each.end, each[of]])
  return linePlot(
    {
      title: 'The threshold follows',
      caption:
        'Remoteness of the middle event and of the most unusual 0.5 % of every 4,000, and where the model drew the line.',
      x: events,
      y: { label: 'remoteness', domain: [2, 30], isLog: true },
      marks: shift,
    },
    [
      { name: 'threshold', tone: 'ours', points: points('threshold') },
      { name: 'upper 0.5 %', tone: 'baseline', points: points('atBudget') },
      { name: 'middle', tone: 'nearest', points: points('middle') },
    ],
  )
}
