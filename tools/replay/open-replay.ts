/** Events through the stages of production, for whoever wants to look at what comes of them. */
import type { LabelledEvents } from '../../src/cli/backtest/labelled-events.ts'
import {
  type BacktestWorld,
  type ReplayFacts,
  type ReplayOptions,
  type ReplayWatcher,
  replay,
} from '../../src/cli/backtest/replay.ts'
import { openBacktestWorld } from '../../src/compose.ts'
import { loadConfiguration } from '../../src/runtime/configuration/load.ts'
import type { Clock } from '../../src/runtime/ports.ts'
import type { ServiceSettings } from '../../src/runtime/service.ts'
import { serviceSettings } from '../../src/runtime/service-settings.ts'

/** Nothing is timed: the same events give the same bytes. */
export const stillClock: Clock = { now: () => 0, date: () => 0, sleep: async () => {}, yield: async () => {} }

export interface OpenReplay {
  readonly settings: ServiceSettings
  readonly world: BacktestWorld
  /** On one partition, `batch` events together (unset: 1,000); `watcher` says what it wants to be told. */
  run(
    events: LabelledEvents,
    watcher: Partial<ReplayWatcher>,
    more?: Partial<Pick<ReplayOptions, 'batch' | 'onUpdates'>>,
  ): Promise<ReplayFacts>
}

/** `keys` as a configuration file has them. */
export function openReplay(keys: object): OpenReplay {
  const configuration = loadConfiguration({ text: JSON.stringify(keys), env: {} })
  const settings = serviceSettings(configuration)
  const world = openBacktestWorld(configuration, settings, null)
  return {
    settings,
    world,
    run: (events, watcher, more = {}) =>
      replay({
        batch: 1000,
        ...more,
        settings,
        world,
        events,
        partitions: 1,
        watcher: {
          version: (scorer) => watcher.version?.(scorer),
          scored: (chunk, part) => watcher.scored?.(chunk, part),
          anomaly: (value) => watcher.anomaly?.(value),
          batchEnded: () => watcher.batchEnded?.(),
        },
        clock: stillClock,
        signal: new AbortController().signal,
        onProgress: () => undefined,
      }),
  }
}
