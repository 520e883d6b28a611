/** The generator's card payments through the stages of production: what every picture is made from. */

import { fedSample } from '../../src/cli/backtest/fed-sample.ts'
import { Feed } from '../../src/cli/backtest/feed.ts'
import type { ReplayFacts, ReplayWatcher } from '../../src/cli/backtest/replay.ts'
import type { FeaturePlan } from '../../src/core/features/feature-plan.ts'
import type { PlantedShifts } from '../../src/generator/shifts.ts'
import type { Transaction } from '../../src/generator/transaction.ts'
import { cardEvents, usualFrauds } from '../replay/card-events.ts'
import { openReplay, stillClock } from '../replay/open-replay.ts'

export interface PaymentsOptions {
  readonly count: number
  readonly shifts?: PlantedShifts
  /** Share of frauds. */
  readonly frauds?: number
  readonly seed?: number
  /** Keys of the configuration, as its file would have them. */
  readonly configuration?: object
  /** Told of each event before it is scored. */
  readonly onEvent?: (transaction: Transaction, isFraud: boolean) => void
  readonly watcher: Partial<ReplayWatcher>
}

/** Generates, scores and learns; all events are valid. */
export function replayPayments(options: PaymentsOptions): Promise<ReplayFacts> {
  const { count, shifts = {}, frauds = usualFrauds, seed = 1, watcher, onEvent, configuration = {} } = options
  return opened(configuration).run(cardEvents({ count, shifts, frauds, seed }, onEvent), watcher)
}

/** The sample that a birth or `choose-k` would take: `n` valid events as rows. */
export async function samplePayments(
  n: number,
  configuration: object,
): Promise<{ plan: FeaturePlan; rows: Float64Array }> {
  const { settings, world } = opened(configuration)
  const { topics, plan } = settings
  await world.log.prepare([{ topic: topics.input, partitions: 1, cleanup: 'delete', owner: 'shoal' }], true)
  const events = cardEvents({ count: 4 * n, shifts: {}, frauds: 0, seed: 1 })
  const feed = new Feed({ log: world.log, topic: topics.input, partitions: 1, events, batch: 1000 })
  const sample = await fedSample({
    settings: { ...settings, birthEvents: n },
    world,
    feed,
    partitions: 1,
    clock: stillClock,
    signal: new AbortController().signal,
  })
  return { plan, rows: sample.rows.slice(0, n * plan.columns.length) }
}

function opened(keys: object) {
  return openReplay({ ...keys, input: { format: 'json' } })
}
