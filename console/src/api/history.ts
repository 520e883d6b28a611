/** The last quarter of an hour, asked for once and then only what is new. */

import type { History } from '../../../src/http/routes/process.ts'
import { getJson } from './request.ts'

const windowSeconds = 900
const overlapSeconds = 5

export class HistoryWindow {
  private known: History | null = null
  /** By this machine's steady clock: that of the service may be another. */
  private readMs = 0

  async read(): Promise<History> {
    const askedMs = performance.now()
    const missing = this.known === null ? windowSeconds : Math.ceil((askedMs - this.readMs) / 1000) + overlapSeconds
    const seconds = Math.min(missing, windowSeconds)
    const told = await getJson<History>(`v1/history?seconds=${seconds}`)
    this.known = this.known === null || seconds === windowSeconds ? told : joined(this.known, told)
    this.readMs = askedMs
    return this.known
  }
}

type Line = readonly (number | null)[]

/** The known samples and those after them, without what is older than the window. */
function joined(known: History, told: History): History {
  const last = known.atMs.at(-1) ?? Number.NEGATIVE_INFINITY
  const from = told.atMs.findIndex((at) => at > last)
  if (from < 0) return known
  const cut = Math.max(0, known.atMs.length + told.atMs.length - from - windowSeconds)
  const grown = <V>(before: readonly V[], now: readonly V[]): V[] => [...before, ...now.slice(from)].slice(cut)
  const of = (key: LineName) => grown(known[key], told[key])
  const filled = (line: Line | undefined, { atMs }: History): Line => line ?? atMs.map(() => null)
  const ids = [...new Set([...told.shares, ...known.shares].map(({ id }) => id))]
  const detectors = [...new Set([...told.detectors, ...known.detectors].map(({ detector }) => detector))]
  return {
    atMs: grown(known.atMs, told.atMs),
    eventsPerSecond: of('eventsPerSecond'),
    writtenPerSecond: of('writtenPerSecond'),
    lagEvents: of('lagEvents'),
    lagSeconds: of('lagSeconds'),
    transactionMsP50: of('transactionMsP50'),
    transactionMsP99: of('transactionMsP99'),
    transactionsPerSecond: of('transactionsPerSecond'),
    version: of('version'),
    anomalyShare: of('anomalyShare'),
    unexplained: of('unexplained'),
    silhouette: of('silhouette'),
    shares: ids.map((id) => {
      const line = (view: History) => filled(view.shares.find((share) => share.id === id)?.values, view)
      return { id, values: grown(line(known), line(told)) }
    }),
    detectors: detectors.map((detector) => {
      const line = (view: History, key: 'statistics' | 'thresholds') =>
        filled(view.detectors.find((own) => own.detector === detector)?.[key], view)
      const both = (key: 'statistics' | 'thresholds') => grown(line(known, key), line(told, key))
      return { detector, statistics: both('statistics'), thresholds: both('thresholds') }
    }),
  }
}

type LineName = Exclude<keyof History, 'atMs' | 'shares' | 'detectors'>
