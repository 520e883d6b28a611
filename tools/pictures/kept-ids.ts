/** Clusters on a plane before a planted shift and after it: which ids go on, and which are new. */

import { ClusterLives, lifeText } from '../../src/cli/backtest/cluster-lives.ts'
import type { FedPart } from '../../src/cli/backtest/feed.ts'
import { frame } from '../../src/cli/backtest/report/axes.ts'
import type { Plot } from '../../src/cli/backtest/report/chart.ts'
import { textElement } from '../../src/cli/backtest/report/markup.ts'
import type { Scorer } from '../../src/core/score/scorer.ts'
import type { Transaction } from '../../src/generator/transaction.ts'
import type { ScoredChunk } from '../../src/stages/score.ts'
import { cardsPerDay } from '../replay/card-events.ts'
import { replayPayments } from './card-payments.ts'
import { plate } from './plate.ts'
import { dots, some } from './points.ts'

const shiftAt = 4 * cardsPerDay
const count = 8 * cardsPerDay
const shown = 900
const hourMs = 3_600_000

interface Event {
  readonly hour: number
  readonly amount: number
  readonly cluster: number
}

/** The clusters of a version, and the events before it. */
interface View {
  readonly clusters: readonly Event[]
  readonly events: readonly Event[]
}

/** Remembers the events of the last day, and what became of the clusters. */
class Watching {
  readonly views: View[] = []
  readonly lives = new ClusterLives()
  private readonly paid: { readonly hour: number; readonly amount: number }[] = []
  private scorer: Scorer | null = null
  private events: Event[] = []
  private scoredEvents = 0

  /** The next event. */
  pay({ amount, occurredAt }: Transaction): void {
    this.paid.push({ hour: (occurredAt / hourMs) % 24, amount })
  }

  version(scorer: Scorer): void {
    this.lives.note(scorer.model, this.scoredEvents)
    if (this.scoredEvents === shiftAt) this.look()
    this.scorer = scorer
  }

  scored({ batch, from, count, eventOf, valid, scores }: ScoredChunk, part: FedPart): void {
    this.scoredEvents += count
    const { ids } = this.scorer!.model
    for (let i = 0; i < valid; i++) {
      const number = part.numbers[batch.offset[from + eventOf[i]] - part.from]
      this.events.push({ ...this.paid[number], cluster: ids[scores.labels[i]] })
    }
  }

  batchEnded(): void {
    this.events = this.events.slice(-cardsPerDay)
  }

  look(): void {
    const { model } = this.scorer!
    const { mean } = model.clusters
    const clusters = Array.from(model.ids, (cluster, j) => {
      const turn = Math.atan2(mean[3 * j + 1], mean[3 * j + 2]) / (2 * Math.PI)
      return { cluster, hour: 24 * (turn < 0 ? turn + 1 : turn), amount: Math.expm1(mean[3 * j]) }
    })
    this.views.push({ clusters, events: some(this.events, shown) })
  }
}

export async function keptIds(): Promise<string> {
  const watching = new Watching()
  await replayPayments({
    count,
    shifts: { sudden: { at: shiftAt } },
    frauds: 0,
    configuration: {
      features: [
        { field: 'amount', transform: 'log' },
        { field: 'occurredAt', transform: 'hourOfDay' },
      ],
      clusters: { k: 7, halfLifeEvents: cardsPerDay },
      bootstrap: { minEvents: cardsPerDay },
    },
    onEvent: (transaction) => watching.pay(transaction),
    watcher: watching,
  })
  watching.look()
  const [before, after] = watching.views
  const told = watching.lives.all.filter(({ row }) => row > shiftAt).map(lifeText)
  const [old, now] = [before, after].map(({ clusters }) => clusters.map(({ cluster }) => cluster).sort((a, b) => a - b))
  const tones = new Map([...new Set([...old, ...now])].map((id, i) => [id, `id${i}`]))
  const [kept, fresh] = [now.filter((id) => old.includes(id)), now.filter((id) => !old.includes(id))]
  return plate([
    panel('Four days of card payments', `Events of the last day, by cluster: ${old.join(', ')}.`, before, tones, old),
    panel(
      `Four days after small fares set in: ${kept.join(', ')} go on`,
      `${fresh.join(', ')} are new. ${told.join('; ')}.`,
      after,
      tones,
      old,
    ),
  ])
}

function panel(
  title: string,
  caption: string,
  { clusters, events }: View,
  tones: ReadonlyMap<number, string>,
  old: readonly number[],
): Plot {
  const at = frame(
    { label: 'hour of the day', domain: [0, 24] },
    { label: 'amount', domain: [0.5, 2000], isLog: true, format: (value) => value.toLocaleString('en-US') },
  )
  const points = [...tones].map(([id, tone]) => {
    const own = events.filter(({ cluster }) => cluster === id)
    return own.length === 0
      ? ''
      : dots(
          own.map(({ hour, amount }) => [at.x(hour), at.y(amount)]),
          tone,
        )
  })
  const names = clusters.map(({ cluster, hour, amount }) => {
    const place = { x: Math.round(at.x(hour)), y: Math.round(at.y(amount)) + 4, 'text-anchor': 'middle' }
    return textElement('text', { ...place, class: old.includes(cluster) ? 'id' : 'id new' }, String(cluster))
  })
  return { title, caption, legend: [], markup: at.markup + points.join('') + names.join('') }
}
