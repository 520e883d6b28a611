/** The past of a stream, as commands are given it: a CSV file, or what a topic retains. */
import type { OffsetRange } from '../core/model/model.ts'
import type { Configuration } from '../runtime/configuration/configuration.ts'
import { ShoalError } from '../runtime/errors.ts'
import type { SchemaRegistry } from '../runtime/ports.ts'
import type { Override } from './backtest/key-overrides.ts'
import { type LabelledEvents, openTable, type Table } from './backtest/labelled-events.ts'
import { topicEvents } from './backtest/topic-events.ts'
import { type CliContext, withOpen } from './context.ts'

export interface HistoryOptions {
  /** Null: the topic. */
  readonly file: string | null
  readonly topic?: string
  readonly since?: number
  readonly until?: number
  readonly config?: string
  readonly label?: string
  readonly ignore: readonly string[]
  readonly key?: string
  readonly time?: string
  readonly rows?: number
  readonly shuffle?: number
}

export interface History {
  readonly configuration: Configuration
  readonly events: LabelledEvents
  /** Of the events' own schemas; null: they name none. */
  readonly registry: SchemaRegistry | null
  /** Of the file or the topic. */
  readonly name: string
  /** Offsets of the topic that have been read as events; [] for a file. */
  readonly ranges: () => readonly OffsetRange[]
}

/** What the features are where no configuration says: of a file its columns of numbers, or those of the defaults. */
export type DefaultFeatures = 'columns' | 'defaults'

/** Opens the past, works, and closes it whatever happened. `overrides` are the variables of keys that the command line sets. */
export async function withHistory<R>(
  context: CliContext,
  options: HistoryOptions,
  overrides: Readonly<Record<string, string>>,
  features: DefaultFeatures,
  work: (history: History) => Promise<R>,
): Promise<R> {
  if (options.file !== null) {
    const { file: name, label, key, time, shuffle, rows, ignore } = options
    const table = await openTable({
      path: name,
      labelColumn: label ?? null,
      ignore,
      keyColumn: key ?? null,
      timeColumn: time ?? null,
      shuffle: shuffle ?? null,
      rows: rows ?? null,
    })
    const configuration = await configurationFor(context, name, table, options.config ?? null, overrides, features)
    return work({ configuration, events: table.events(configuration.input.id), registry: null, name, ranges: () => [] })
  }
  const configuration = await context.loadConfiguration(options.config, overrides)
  const name = options.topic ?? configuration.input.topic
  const range = { topic: name, sinceMs: options.since ?? 0, untilMs: options.until ?? Number.POSITIVE_INFINITY }
  return withOpen(context.openLog(configuration), (log) =>
    withOpen(context.openRegistry(configuration), async (registry) => {
      const events = await topicEvents(log, { ...range, rows: options.rows ?? null }, context.signal)
      return work({ configuration, events, registry, name, ranges: () => events.ranges() })
    }),
  )
}

/** The keys that `--set` sets, as the variables that set them. */
export function overridesOf(set: readonly Override[]): Record<string, string> {
  return Object.fromEntries(set.map(({ variable, text }) => [variable, text]))
}

/** A file's events are JSON whatever the input is. */
async function configurationFor(
  context: CliContext,
  path: string,
  { columns, numeric }: Table,
  file: string | null,
  overrides: Readonly<Record<string, string>>,
  features: DefaultFeatures,
): Promise<Configuration> {
  const asFile = { ...overrides, SHOAL_INPUT_FORMAT: 'json', SHOAL_INPUT_SCHEMA_FILE: 'null' }
  // A file whose columns are the features needs none of a configuration that happens to lie here.
  const from = file ?? (features === 'columns' ? null : undefined)
  const given = await context.loadConfiguration(from, asFile)
  const needsFeatures = features === 'columns' && !given.origins.has('features')
  if (needsFeatures && numeric.length === 0) {
    throw new ShoalError('usage.invalid', `${path} must have a column of numbers that is not ignored: it has none`)
  }
  const hasTime = given.origins.has('input.time') || (given.input.time !== null && columns.includes(given.input.time))
  return context.loadConfiguration(from, {
    ...asFile,
    ...(needsFeatures ? { SHOAL_FEATURES: JSON.stringify(numeric.map((field) => ({ field }))) } : {}),
    ...(hasTime ? {} : { SHOAL_INPUT_TIME: 'null' }),
  })
}
