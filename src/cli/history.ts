/** The past of a stream, as commands are given it: a CSV file, or what a topic retains. */
import type { Command } from 'commander'
import type { OffsetRange } from '../core/model/model.ts'
import type { Configuration } from '../runtime/configuration/configuration.ts'
import { ShoalError } from '../runtime/errors.ts'
import type { SchemaRegistry } from '../runtime/ports.ts'
import { collectOverrides, type Override } from './backtest/key-overrides.ts'
import { type LabelledEvents, type LeftOut, leftOutText, openTable, type Table } from './backtest/labelled-events.ts'
import { topicEvents } from './backtest/topic-events.ts'
import { type CliContext, withOpen } from './context.ts'
import { collect, instantMs, wholeNumber, withConfig } from './options.ts'

/** What the command line says of the past: `withHistoryOptions`, and what a command adds of it. */
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
  /** Keys of the configuration. */
  readonly set: readonly Override[]
}

/** The options that every command has which is given a past. */
export function withHistoryOptions(command: Command): Command {
  return withConfig(command)
    .argument('[file]', 'CSV file with a header line, gzipped or not')
    .option('--topic <name>', 'instead of a file: what this topic retains, with the features of the configuration')
    .option('--since <time>', 'topic: only records of this time or later, ISO 8601', instantMs)
    .option('--until <time>', 'topic: only records before this time', instantMs)
    .option('--ignore <pattern>', 'leave out columns whose name fits, * for anything; may be repeated', collect, [])
    .option('--shuffle <seed>', 'put the rows of the file into another order first', wholeNumber(0))
    .option('--set <key=value>', 'any key of the configuration; may be repeated', collectOverrides, [])
}

/** Refuses neither a file nor a topic, both, and what is said of the one beside the other: it would do nothing. */
export function refuseMixedHistory(command: string, options: HistoryOptions): void {
  const { file, topic } = options
  if (file === null && topic === undefined) {
    throw new ShoalError('usage.invalid', `${command} must be given a CSV file, or --topic: got neither`)
  }
  if (file !== null && topic !== undefined) {
    throw new ShoalError('usage.invalid', `--topic must be used without a file: got ${file}`)
  }
  const { label, key, time, shuffle, ignore, since, until } = options
  const ofFile = firstGiven({ label, key, time, shuffle, ignore: ignore[0] })
  if (file === null && ofFile !== null) {
    throw new ShoalError('usage.invalid', `--${ofFile.name} must be used with a file: got ${ofFile.value}`)
  }
  const ofTopic = firstGiven({ since, until })
  if (file !== null && ofTopic !== null) {
    throw new ShoalError('usage.invalid', `--${ofTopic.name} must be used with --topic: got the file ${file}`)
  }
}

export interface History {
  readonly configuration: Configuration
  readonly events: LabelledEvents
  /** Of the events' own schemas; null: they name none. */
  readonly registry: SchemaRegistry | null
  /** Of the file or the topic. */
  readonly name: string
  /** Columns of the file that would be features if they held numbers. */
  readonly leftOut: readonly LeftOut[]
  /** Offsets of the topic that have been read as events; [] for a file. */
  readonly ranges: () => readonly OffsetRange[]
}

/** What the features are where no configuration says: of a file its columns of numbers, or those of the defaults. */
export type DefaultFeatures = 'columns' | 'defaults'

function firstGiven(options: Readonly<Record<string, unknown>>): { name: string; value: unknown } | null {
  for (const [name, value] of Object.entries(options)) if (value !== undefined) return { name, value }
  return null
}

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
    const asked = await configurationFor(context, name, table, options.config ?? null, overrides, features)
    const events = table.events(asked.configuration.input.id)
    return work({ ...asked, events, registry: null, name, ranges: () => [] })
  }
  const configuration = await context.loadConfiguration(options.config, overrides)
  const name = options.topic ?? configuration.input.topic
  const range = { topic: name, sinceMs: options.since ?? 0, untilMs: options.until ?? Number.POSITIVE_INFINITY }
  return withOpen(context.openLog(configuration), (log) =>
    withOpen(context.openRegistry(configuration), async (registry) => {
      const events = await topicEvents(log, { ...range, rows: options.rows ?? null }, context.signal)
      return work({ configuration, events, registry, name, leftOut: [], ranges: () => events.ranges() })
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
  { columns, numeric, others }: Table,
  file: string | null,
  overrides: Readonly<Record<string, string>>,
  features: DefaultFeatures,
): Promise<Pick<History, 'configuration' | 'leftOut'>> {
  const asFile = { ...overrides, SHOAL_INPUT_FORMAT: 'json', SHOAL_INPUT_SCHEMA_FILE: 'null' }
  // A file whose columns are the features needs none of a configuration that happens to lie here.
  const from = file ?? (features === 'columns' ? null : undefined)
  const given = await context.loadConfiguration(from, asFile)
  const needsFeatures = features === 'columns' && !given.origins.has('features')
  if (needsFeatures && numeric.length === 0) {
    throw new ShoalError(
      'usage.invalid',
      `${path} must have a column of numbers that is not ignored: it has none${others.length > 0 ? `: ${leftOutText(others)}` : ''}`,
    )
  }
  const hasTime = given.origins.has('input.time') || (given.input.time !== null && columns.includes(given.input.time))
  const configuration = await context.loadConfiguration(from, {
    ...asFile,
    ...(needsFeatures ? { SHOAL_FEATURES: JSON.stringify(numeric.map((field) => ({ field }))) } : {}),
    ...(hasTime ? {} : { SHOAL_INPUT_TIME: 'null' }),
  })
  return { configuration, leftOut: needsFeatures ? others : [] }
}
