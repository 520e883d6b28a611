/** `shoal backtest`: what Shoal would have said of a file, event by event. */
import type { Command } from 'commander'
import type { Configuration } from '../runtime/configuration/configuration.ts'
import { ShoalError } from '../runtime/errors.ts'
import type { ServiceSettings } from '../runtime/service.ts'
import { type Findings, findingsOf } from './backtest/findings.ts'
import { findingsTable } from './backtest/findings-table.ts'
import { collectOverrides, type Override } from './backtest/key-overrides.ts'
import { openTable, type Table } from './backtest/labelled-events.ts'
import { Recording } from './backtest/recording.ts'
import { type BacktestWorld, replay } from './backtest/replay.ts'
import { type CliContext, refuseWhenInterrupted, withOpen } from './context.ts'
import { collect, wholeNumber, withConfig } from './options.ts'
import { writeLine } from './output.ts'
import { createProgress } from './progress.ts'
import { readTruth, type Truth } from './truth.ts'

export interface BacktestContext extends CliContext {
  /** An embedded log of its own, and the codecs of production. */
  openBacktest(configuration: Configuration, settings: ServiceSettings): BacktestWorld
}

interface BacktestOptions {
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

const examples = `
Examples:
  # a labelled file: every numeric column is a feature, but neither the label nor what is ignored
  shoal backtest transactions.csv.gz --label label --ignore 'meta_*'

  # with the features and half-lives of a configuration, the result as one JSON object
  shoal backtest transactions.csv.gz --label label --config shoal.yaml --json

Every batch is scored by the version that has learned all before it, then learned: by the stages of production, on an
embedded log. Beside the score stand k = 1 (the distance to the running mean, without clusters), the plain distance to
the nearest cluster, batch k-means on the same rows (ten restarts), and k-means refitted on every 1,000 rows.
Not judged are the first --warmup rows, and those that the model is born from.`

/** Adds the command. */
export function addBacktest(program: Command, context: BacktestContext): void {
  withConfig(program.command('backtest'))
    .description('replay a CSV file through the stages of production, and judge scores and clusters')
    .argument('<file>', 'CSV file with a header line, gzipped or not')
    .option('--label <column>', 'column that is 1 for an anomalous row, 0 for a normal one, empty where nobody knows')
    .option('--truth <file>', 'CSV file that holds the labels by event id, instead (as of shoal produce --truth)')
    .option('--ignore <pattern>', 'leave out columns whose name fits, * for anything; may be repeated', collect, [])
    .option('--key <column>', "column that is the record's key: it decides the partition")
    .option('--time <column>', "column that is the record's timestamp, in ms or ISO 8601")
    .option('--k <n>', 'clusters.k', wholeNumber(2, 1024))
    .option('--seed <n>', 'clusters.seed', wholeNumber(0, 4_294_967_295))
    .option(
      '--set <key=value>',
      'a key of the configuration, such as clusters.halfLifeEvents=20000; may be repeated',
      collectOverrides,
      [],
    )
    .option('--rows <n>', 'replay at most so many rows', wholeNumber(1))
    .option('--batch <n>', 'rows that are scored together, then learned', wholeNumber(1, 1_000_000), 1000)
    .option('--warmup <n>', 'first rows that are not judged', wholeNumber(0), 1000)
    .option('--shuffle <seed>', 'put the rows into another order first', wholeNumber(0))
    .option('--partitions <n>', 'split the stream over so many partitions, a worker each', wholeNumber(1, 1000), 1)
    .option('--json', 'print JSON')
    .addHelpText('after', examples)
    .action((file: string, options: BacktestOptions) => backtest(context, file, options))
}

async function backtest(context: BacktestContext, path: string, options: BacktestOptions): Promise<void> {
  if (options.label !== undefined && options.truth !== undefined) {
    throw new ShoalError('usage.invalid', `--truth must be used without --label: got both`)
  }
  const table = await openTable({
    path,
    labelColumn: options.label ?? null,
    ignore: options.ignore,
    keyColumn: options.key ?? null,
    timeColumn: options.time ?? null,
    shuffle: options.shuffle ?? null,
    rows: options.rows ?? null,
  })
  const configuration = await configurationFor(context, path, table, options)
  const truth = await truthOf(options)
  const findings = await findingsFor(context, path, table, configuration, truth, options)
  await writeLine(context.stdout, options.json === true ? JSON.stringify(findings) : findingsTable(findings))
}

function truthOf({ truth }: BacktestOptions): Promise<Truth | null> {
  if (truth === undefined) return Promise.resolve(null)
  return readTruth({ path: truth, idColumn: null, labelColumn: 'label' })
}

/** Without a configuration every column of numbers is a feature; a file's events are JSON whatever the input is. */
async function configurationFor(
  context: BacktestContext,
  path: string,
  { columns, numeric }: Table,
  { config, k, seed, set }: BacktestOptions,
): Promise<Configuration> {
  const overrides: Record<string, string> = { SHOAL_INPUT_FORMAT: 'json' }
  if (k !== undefined) overrides.SHOAL_CLUSTERS_K = String(k)
  if (seed !== undefined) overrides.SHOAL_CLUSTERS_SEED = String(seed)
  for (const { variable, text } of set) overrides[variable] = text
  const given = await context.loadConfiguration(config ?? null, overrides)
  const needsFeatures = !given.origins.has('features')
  if (needsFeatures && numeric.length === 0) {
    throw new ShoalError('usage.invalid', `${path} must have a column of numbers that is not ignored: it has none`)
  }
  if (needsFeatures) overrides.SHOAL_FEATURES = JSON.stringify(numeric.map((field) => ({ field })))
  const hasTime = given.origins.has('input.time') || (given.input.time !== null && columns.includes(given.input.time))
  if (!hasTime) overrides.SHOAL_INPUT_TIME = 'null'
  return context.loadConfiguration(config ?? null, overrides)
}

async function findingsFor(
  context: BacktestContext,
  path: string,
  table: Table,
  configuration: Configuration,
  truth: Truth | null,
  { warmup, batch, partitions, json = false }: BacktestOptions,
): Promise<Findings> {
  const { clock } = context
  const settings = context.settingsOf(configuration)
  const recording = new Recording({ plan: settings.plan, warmup, truth })
  const progress = createProgress(context, 'replayed', json && !context.isTerminal)
  const startedMs = clock.now()
  try {
    const world = context.openBacktest(configuration, settings)
    const facts = await withOpen(Promise.resolve(world.log), () =>
      replay({
        ...{ settings, world, partitions, batch, clock, signal: context.signal, watcher: recording },
        events: table.events(configuration.input.id),
        onProgress: (events, part) => progress.update(events, part),
      }),
    )
    refuseWhenInterrupted(context, 'not all events have been replayed')
    const seconds = (clock.now() - startedMs - facts.watchMs) / 1000
    const setting = { seed: settings.seed, batch, partitions, budget: settings.budget }
    const features = configuration.features.map(({ name }) => name)
    return findingsOf({ ...setting, input: path, features }, facts, recording, seconds)
  } finally {
    progress.stop()
  }
}
