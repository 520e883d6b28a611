/** The generator's card payments through the stages of production: what every picture is made from. */

import { fedSample } from '../../src/cli/backtest/fed-sample.ts'
import { Feed } from '../../src/cli/backtest/feed.ts'
import type { LabelledEvents } from '../../src/cli/backtest/labelled-events.ts'
import { type ReplayFacts, type ReplayWatcher, replay } from '../../src/cli/backtest/replay.ts'
import { generatorSource } from '../../src/cli/generator-source.ts'
import { openBacktestWorld } from '../../src/compose.ts'
import type { FeaturePlan } from '../../src/core/features/feature-plan.ts'
import type { PlantedShifts } from '../../src/generator/shifts.ts'
import type { Transaction } from '../../src/generator/transaction.ts'
import { loadConfiguration } from '../../src/runtime/configuration/load.ts'
import type { Clock } from '../../src/runtime/ports.ts'
import { serviceSettings } from '../../src/runtime/service-settings.ts'

/** Nothing is timed: the same seed gives the same bytes. */
const still: Clock = { now: () => 0, date: () => 0, sleep: async () => {}, yield: async () => {} }

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
  readonly watcher: ReplayWatcher
}

/** Generates, scores and learns; all events are valid. */
export function replayPayments(options: PaymentsOptions): Promise<ReplayFacts> {
  const { count, shifts = {}, frauds = 0.005, seed = 1, watcher, onEvent = () => {} } = options
  return replay({
    ...opened(options.configuration),
    events: payments({ count, shifts, frauds, seed }, onEvent),
    partitions: 1,
    batch: 1000,
    watcher,
    clock: still,
    signal: new AbortController().signal,
    onProgress: () => {},
  })
}

/** The sample that a birth or `choose-k` would take: `n` valid events as rows. */
export async function samplePayments(
  n: number,
  configuration: object,
): Promise<{ plan: FeaturePlan; rows: Float64Array }> {
  const { settings, world } = opened(configuration)
  const { topics, plan } = settings
  await world.log.prepare([{ topic: topics.input, partitions: 1, cleanup: 'delete', owner: 'shoal' }], true)
  const events = payments({ count: 4 * n, shifts: {}, frauds: 0, seed: 1 }, () => {})
  const feed = new Feed({ log: world.log, topic: topics.input, partitions: 1, events, batch: 1000 })
  const sample = await fedSample({
    settings: { ...settings, birthEvents: n },
    world,
    feed,
    partitions: 1,
    clock: still,
    signal: new AbortController().signal,
  })
  return { plan, rows: sample.rows.slice(0, n * plan.columns.length) }
}

function opened(keys: object | undefined) {
  const text = JSON.stringify({ ...keys, input: { format: 'json' } })
  const configuration = loadConfiguration({ text, env: {} })
  const settings = serviceSettings(configuration)
  return { settings, world: openBacktestWorld(configuration, settings, null) }
}

type Told = NonNullable<PaymentsOptions['onEvent']>

interface Wanted {
  readonly count: number
  readonly shifts: PlantedShifts
  readonly frauds: number
  readonly seed: number
}

function payments(wanted: Wanted, onEvent: Told): LabelledEvents {
  const source = generatorSource({ ...wanted, invalid: 0, wireIds: null })
  return {
    async *pieces() {
      for await (const piece of source.pieces()) {
        yield piece.map(({ generated, key, value }) => {
          const { transaction, fraud } = generated
          onEvent(transaction, fraud !== null)
          return {
            key,
            value,
            timestampMs: transaction.occurredAt,
            label: fraud === null ? (0 as const) : (1 as const),
          }
        })
      }
    },
    part: () => 0,
  }
}
