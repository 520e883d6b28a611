/** One backtest: from what the command line says to the findings. */
import type { Configuration } from '../../runtime/configuration/configuration.ts'
import { ShoalError } from '../../runtime/errors.ts'
import type { SchemaRegistry } from '../../runtime/ports.ts'
import type { ServiceSettings } from '../../runtime/service.ts'
import { type CliContext, refuseWhenInterrupted, withOpen } from '../context.ts'
import { createProgress } from '../progress.ts'
import { readTruth, type Truth } from '../truth.ts'
import { type Findings, findingsOf } from './findings.ts'
import type { Override } from './key-overrides.ts'
import { type LabelledEvents, openTable, type Table } from './labelled-events.ts'
import { Recording } from './recording.ts'
import { type BacktestWorld, replay } from './replay.ts'
import { topicEvents } from './topic-events.ts'

export interface BacktestContext extends CliContext {
  /** The file that this program was started from. */
  readonly program: string
  /** Tells the process that started this one, if it listens. */
  tellParent(message: unknown): void
  /** An embedded log of its own, and the codecs of production; `registry` is of the events' own schemas. */
  openBacktest(configuration: Configuration, settings: ServiceSettings, registry: SchemaRegistry | null): BacktestWorld
}

export interface RunOptions {
  /** Null: the topic. */
  readonly file: string | null
  readonly topic?: string
  readonly since?: number
  readonly until?: number
  readonly config?: string
  readonly label?: string
  readonly truth?: string
  readonly ignore: readonly string[]
  readonly key?: string
  readonly time?: string
  readonly k?: number
  readonly seed?: number
  readonly set: readonly Override[]
  readonly rows?: number
  readonly batch: number
  readonly warmup: number
  readonly shuffle?: number
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
  if (options.file !== null) {
    const table = await openTable({
      path: options.file,
      labelColumn: options.label ?? null,
      ignore: options.ignore,
      keyColumn: options.key ?? null,
      timeColumn: options.time ?? null,
      shuffle: options.shuffle ?? null,
      rows: options.rows ?? null,
    })
    const configuration = await configurationFor(context, options.file, table, options)
    const events = table.events(configuration.input.id)
    return outcomeOf(context, options, configuration, { events, truth, registry: null, name: options.file })
  }
  const configuration = await context.loadConfiguration(options.config, overridesOf(options))
  const name = options.topic ?? configuration.input.topic
  const range = { topic: name, sinceMs: options.since ?? 0, untilMs: options.until ?? Number.POSITIVE_INFINITY }
  return withOpen(context.openLog(configuration), (log) =>
    withOpen(context.openRegistry(configuration), async (registry) => {
      const events = await topicEvents(log, { ...range, rows: options.rows ?? null }, context.signal)
      return outcomeOf(context, options, configuration, { events, truth, registry, name })
    }),
  )
}

function truthOf({ truth }: RunOptions): Promise<Truth | null> {
  if (truth === undefined) return Promise.resolve(null)
  return readTruth({ path: truth, idColumn: null, labelColumn: 'label' })
}

/** The keys that the command line sets, as the variables that set them. */
function overridesOf({ k, seed, set }: RunOptions): Record<string, string> {
  const overrides: Record<string, string> = {}
  if (k !== undefined) overrides.SHOAL_CLUSTERS_K = String(k)
  if (seed !== undefined) overrides.SHOAL_CLUSTERS_SEED = String(seed)
  for (const { variable, text } of set) overrides[variable] = text
  return overrides
}

/** Without a configuration every column of numbers is a feature; a file's events are JSON whatever the input is. */
async function configurationFor(
  context: BacktestContext,
  path: string,
  { columns, numeric }: Table,
  options: RunOptions,
): Promise<Configuration> {
  const file = options.config ?? null
  const overrides = { ...overridesOf(options), SHOAL_INPUT_FORMAT: 'json', SHOAL_INPUT_SCHEMA_FILE: 'null' }
  const given = await context.loadConfiguration(file, overrides)
  const needsFeatures = !given.origins.has('features')
  if (needsFeatures && numeric.length === 0) {
    throw new ShoalError('usage.invalid', `${path} must have a column of numbers that is not ignored: it has none`)
  }
  const features = JSON.stringify(numeric.map((field) => ({ field })))
  const hasTime = given.origins.has('input.time') || (given.input.time !== null && columns.includes(given.input.time))
  return context.loadConfiguration(file, {
    ...overrides,
    ...(needsFeatures ? { SHOAL_FEATURES: features } : {}),
    ...(hasTime ? {} : { SHOAL_INPUT_TIME: 'null' }),
  })
}

interface Source {
  readonly events: LabelledEvents
  readonly truth: Truth | null
  readonly registry: SchemaRegistry | null
  readonly name: string
}

async function outcomeOf(
  context: BacktestContext,
  { warmup, batch, partitions, json = false }: RunOptions,
  configuration: Configuration,
  { events, truth, registry, name }: Source,
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
    const setting = { input: name, features, seed, batch, partitions, budget }
    return { findings: findingsOf(setting, facts, recording, seconds), recording }
  } finally {
    progress.stop()
  }
}
