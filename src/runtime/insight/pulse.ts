/** What this process has done second by second: for charts that begin before somebody opens them. */

import { qualityStanding } from '../../core/drift/quality-fall.ts'
import { recentAnomalyShare } from '../../core/drift/recent.ts'
import { type Standing, standings } from '../../core/drift/standing.ts'
import { sharesOf } from '../../core/shares.ts'
import type { ModelFollower } from '../model-follower.ts'
import type { Clock, Telemetry } from '../ports.ts'
import type { PartitionBook } from './partition-book.ts'

/** One second. What was not known then is null. */
export interface Beat {
  readonly atMs: number
  /** Events that the group has committed, a second. */
  readonly eventsPerSecond: number | null
  /** And that producers have written. */
  readonly writtenPerSecond: number | null
  readonly lagEvents: number | null
  readonly lagMs: number | null
  /** From the first read of a batch to its commit, over the transactions of this process in the last five seconds. */
  readonly transactionMsP50: number | null
  readonly transactionMsP99: number | null
  /** Of those transactions, a second. */
  readonly transactionsPerSecond: number
  readonly version: number | null
  readonly anomalyShare: number | null
  readonly unexplained: number | null
  readonly silhouette: number | null
  /** Share of the events by cluster id, the largest clusters only. */
  readonly shares: ReadonlyMap<number, number>
  /** How near each detector of drift is to telling of one. */
  readonly standings: readonly Standing[]
}

const everyMs = 1_000
/** A quarter of an hour. */
const mostBeats = 900
const mostShares = 64
const transactionsOfMs = 5_000
const mostTransactions = 10_000

export interface PulseSources {
  readonly follower: Pick<ModelFollower, 'current'>
  readonly partitions: PartitionBook
  readonly clock: Clock
}

export class Pulse {
  private readonly sources: PulseSources
  private readonly beats: Beat[] = []
  private transactions: { readonly atMs: number; readonly seconds: number }[] = []

  constructor(sources: PulseSources) {
    this.sources = sources
  }

  /** Oldest first, of the last so many seconds. */
  since(seconds: number): readonly Beat[] {
    return this.beats.slice(-Math.max(0, Math.min(seconds, mostBeats)))
  }

  /** The same telemetry, listened to on the way. */
  listening(telemetry: Telemetry): Telemetry {
    return {
      ...telemetry,
      observe: (name, value, labels) => {
        if (name === 'shoal_transaction_seconds' && 'stage' in labels && labels.stage === 'score') this.committed(value)
        telemetry.observe(name, value, labels)
      },
    }
  }

  /** Beats until the signal fires. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.beats.push(this.beat())
      if (this.beats.length > mostBeats) this.beats.shift()
      await this.sources.clock.sleep(everyMs, signal)
    }
  }

  private committed(seconds: number): void {
    if (this.transactions.length >= mostTransactions) this.transactions = this.transactions.slice(mostTransactions / 2)
    this.transactions.push({ atMs: this.sources.clock.now(), seconds })
  }

  private beat(): Beat {
    const { follower, partitions, clock } = this.sources
    const nowMs = clock.now()
    this.transactions = this.transactions.filter(({ atMs }) => atMs > nowMs - transactionsOfMs)
    const ms = this.transactions.map(({ seconds }) => 1000 * seconds).sort((a, b) => a - b)
    const states = partitions.all()
    const of = (value: (state: (typeof states)[number]) => number) =>
      states.length === 0 ? null : states.reduce((total, state) => total + value(state), 0)
    const model = follower.current()?.scorer.model ?? null
    return {
      atMs: clock.date(),
      eventsPerSecond: of(({ readPerSecond }) => readPerSecond),
      writtenPerSecond: of(({ writtenPerSecond }) => writtenPerSecond),
      lagEvents: of(({ lagEvents }) => lagEvents),
      lagMs: states.length === 0 ? null : Math.max(...states.map(({ lagMs }) => lagMs)),
      transactionMsP50: quantile(ms, 0.5),
      transactionMsP99: quantile(ms, 0.99),
      transactionsPerSecond: (1000 * ms.length) / transactionsOfMs,
      version: model?.version ?? null,
      anomalyShare: model === null ? null : recentAnomalyShare(model.drift),
      unexplained: model?.quality.record.unexplained ?? null,
      silhouette: model?.quality.record.silhouette ?? null,
      shares: model === null ? new Map() : largestShares(model.ids, model.clusters.weight),
      standings: model?.drift.options.enabled ? [...standings(model.drift), ...qualityStanding(model)] : [],
    }
  }
}

function quantile(sorted: readonly number[], q: number): number | null {
  return sorted.length === 0 ? null : sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))]
}

function largestShares(ids: Int32Array, weight: Float64Array): ReadonlyMap<number, number> {
  const shares = sharesOf(weight)
  const order = Array.from(weight.keys()).sort((a, b) => weight[b] - weight[a])
  return new Map(order.slice(0, mostShares).map((j) => [ids[j], shares[j]]))
}
