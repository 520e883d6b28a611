import { type Line, mean, shown, type Verdict } from './line.ts'
import { type LabelledStream, streams } from './protocol.ts'
import type { Runner } from './runner.ts'

const within = 0.2
const leastStreams = 12
/** With fewer expected anomalies chance alone leaves the band of ±20 % too often. */
const wantedFlagged = 100
const mostOrders = 10

export const calibration: Line = {
  number: 6,
  name: 'calibration',
  title: 'Calibration: share of the events above the budget; in a random order every part of a stream is stationary',
  async judge(runner, seeds): Promise<Verdict> {
    const present = streams.filter((stream) => runner.has(stream))
    const found = await Promise.all(present.map((stream) => ratioOf(runner, stream, seeds)))
    const kept = found.map(({ shuffled }) => Math.abs(shuffled - 1) <= within)
    const missing = present.filter((_, i) => !kept[i]).map(({ name }) => name)
    return {
      passed: kept.filter((each) => each).length >= Math.min(leastStreams, present.length),
      threshold: `flagged over budget within ±${within * 100} % on at least ${leastStreams} streams`,
      head: ['stream', 'shuffled', 'orders', 'as filed', ''],
      rows: present.map(({ name }, i) => [
        name,
        shown(found[i].shuffled),
        String(found[i].orders),
        shown(found[i].asFiled),
        kept[i] ? '' : 'outside',
      ]),
      summary: `${present.length - missing.length} of ${present.length} within${missing.length > 0 ? `; outside: ${missing.join(', ')}` : ''}`,
    }
  },
}

async function ratioOf(runner: Runner, stream: LabelledStream, seeds: readonly number[]) {
  const seed = String(seeds[0])
  const run = (...flags: readonly string[]) => runner.backtest(stream, '--seed', seed, ...flags)
  const filed = await run()
  const expected = filed.scored * filed.budget
  const orders = Math.min(mostOrders, Math.max(1, Math.ceil(wantedFlagged / Math.max(1, expected))))
  const runs = await Promise.all(Array.from({ length: orders }, (_, order) => run('--shuffle', String(order))))
  const ratio = ({ flaggedShare, budget }: { flaggedShare: number; budget: number }) => flaggedShare / budget
  return { shuffled: mean(runs.map(ratio)), orders, asFiled: ratio(filed) }
}
