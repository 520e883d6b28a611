/** One backtest: from what the command line says to the findings. */
import type { Configuration } from '../../runtime/configuration/configuration.ts'
import type { SchemaRegistry } from '../../runtime/ports.ts'
import type { ServiceSettings } from '../../runtime/service.ts'
import { type CliContext, refuseWhenInterrupted, withOpen } from '../context.ts'
import { type History, type HistoryOptions, overridesOf, withHistory } from '../history.ts'
import { createProgress } from '../progress.ts'
import { readTruth, type Truth } from '../truth.ts'
import { type Findings, findingsOf } from './findings.ts'
import { Recording } from './recording.ts'
import { type BacktestWorld, replay } from './replay.ts'

export interface BacktestContext extends CliContext {
  /** The file that this program was started from. */
  readonly program: string
  /** Tells the process that started this one, if it listens. */
  tellParent(message: unknown): void
  /** An embedded log of its own, and the codecs of production; `registry` is of the events' own schemas. */
  openBacktest(configuration: Configuration, settings: ServiceSettings, registry: SchemaRegistry | null): BacktestWorld
}

export interface RunOptions extends HistoryOptions {
  readonly truth?: string
  readonly k?: number
  readonly seed?: number
  readonly batch: number
  readonly warmup: number
  readonly partitions: number
  readonly json?: boolean
}

/** What a run comes to: the findings, and what they were found in. */
export interface RunOutcome {
  readonly findings: Findings
  readonly recording: Recording
}

export async function runBacktest(context: BacktestContext, options: RunOptions): Promise<RunOutcome> {
  const truth = await truthOf(options)
  return withHistory(context, options, keysOf(options), 'columns', (history) =>
    outcomeOf(context, options, history, truth),
  )
}

function truthOf({ truth }: RunOptions): Promise<Truth | null> {
  if (truth === undefined) return Promise.resolve(null)
  return readTruth({ path: truth, idColumn: null, labelColumn: 'label' })
}

/** The keys that the command line sets, as the variables that set them. */
function keysOf({ k, seed, set }: RunOptions): Record<string, string> {
  return {
    ...(k === undefined ? {} : { SHOAL_CLUSTERS_K: String(k) }),
    ...(seed === undefined ? {} : { SHOAL_CLUSTERS_SEED: String(seed) }),
    ...overridesOf(set),
  }
}

async function outcomeOf(
  context: BacktestContext,
  { warmup, batch, partitions, json = false }: RunOptions,
  { configuration, events, registry, name, leftOut }: History,
  truth: Truth | null,
): Promise<RunOutcome> {
  const { clock, signal } = context
  const settings = context.settingsOf(configuration)
  const recording = new Recording({ plan: settings.plan, warmup, truth })
  const progress = createProgress(context, 'replayed', json && !context.isTerminal)
  const startedMs = clock.now()
  try {
    const world = context.openBacktest(configuration, settings, registry)
    const onProgress = (done: number, part: number) => {
      progress.update(done, part)
      context.tellParent({ events: done, part })
    }
    const facts = await withOpen(Promise.resolve(world.log), () =>
      replay({ settings, world, events, partitions, batch, watcher: recording, clock, signal, onProgress }),
    )
    refuseWhenInterrupted(context, 'not all events have been replayed')
    const seconds = (clock.now() - startedMs - facts.watchMs) / 1000
    const { seed, budget } = settings
    const features = configuration.features.map((feature) => feature.name)
    const setting = { input: name, features, leftOut, seed, batch, partitions, budget }
    return { findings: findingsOf(setting, facts, recording, seconds), recording }
  } finally {
    progress.stop()
  }
}
