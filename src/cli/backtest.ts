/** `shoal backtest`: what Shoal would have said of a file or of a topic's past, event by event. */
import { writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import type { Command } from 'commander'
import { ShoalError } from '../runtime/errors.ts'
import { findingsTable } from './backtest/findings-table.ts'
import type { Override } from './backtest/key-overrides.ts'
import { type BacktestContext, type RunOptions, runBacktest } from './backtest/one-run.ts'
import { reportPage } from './backtest/report/page.ts'
import { argumentsOf } from './backtest/run-arguments.ts'
import { collectVaried, runVariants, variantsOf } from './backtest/variants.ts'
import { variantsTable } from './backtest/variants-table.ts'
import { refuseMixedHistory, withHistoryOptions } from './history.ts'
import { wholeNumber } from './options.ts'
import { writeLine } from './output.ts'
import { createProgress } from './progress.ts'

type BacktestOptions = Omit<RunOptions, 'file'> & {
  readonly vary: readonly (readonly Override[])[]
  readonly report?: string
}

/** A run may take a few hundred megabytes. */
const mostAtOnce = 8

const examples = `
Examples:
  # a labelled file: every numeric column is a feature, but neither the label nor what is ignored
  shoal backtest transactions.csv.gz --label label --ignore 'meta_*'

  # with the features and half-lives of a configuration, the result as one JSON object
  shoal backtest transactions.csv.gz --label label --config shoal.yaml --json

  # several values side by side, a process each: every k with every half-life
  shoal backtest transactions.csv.gz --label label --vary clusters.k=8,16,32 --vary clusters.halfLifeEvents=20000,1e6

  # the same as a page with charts, to show to a colleague
  shoal backtest transactions.csv.gz --label label --report backtest.html

  # what the topic of the configuration retains of a day, judged by what the generator planted
  shoal backtest --topic transactions --since 2026-01-01 --until 2026-01-02 --truth truth.csv

Every batch is scored by the version that has learned all before it, then learned: by the stages of production, on an
embedded log, so nothing is written to Kafka and the same input gives the same numbers. Beside the score stand k = 1 (the
distance to the running mean, without clusters), the plain distance to the nearest cluster, batch k-means on the same
rows (ten restarts), and k-means refitted on every 1,000 rows. Not judged are the first --warmup rows, and those that the
model is born from.`

/** Adds the command. */
export function addBacktest(program: Command, context: BacktestContext): void {
  withHistoryOptions(program.command('backtest'))
    .description('replay a CSV file or a topic through the stages of production, and judge scores and clusters')
    .option('--label <column>', 'column that is 1 for an anomalous row, 0 for a normal one, empty where nobody knows')
    .option('--truth <file>', 'CSV file that holds the labels by event id, instead (as of shoal produce --truth)')
    .option('--key <column>', "column that is the record's key: it decides the partition")
    .option('--time <column>', "column that is the record's timestamp, in ms or ISO 8601")
    .option('--k <n>', 'clusters.k', wholeNumber(2, 1024))
    .option('--seed <n>', 'clusters.seed', wholeNumber(0, 4_294_967_295))
    .option('--vary <key=values>', 'a run for each value, side by side; may be repeated', collectVaried, [])
    .option('--rows <n>', 'replay at most so many rows', wholeNumber(1))
    .option('--batch <n>', 'rows that are scored together, then learned', wholeNumber(1, 1_000_000), 1000)
    .option('--warmup <n>', 'first rows that are not judged', wholeNumber(0), 1000)
    .option('--partitions <n>', 'split the stream over so many partitions, a worker each', wholeNumber(1, 1000), 1)
    .option('--report <file>', 'write an HTML page with charts, which needs no other file')
    .option('--json', 'print JSON')
    .addHelpText('after', examples)
    .action((file: string | undefined, options: BacktestOptions) =>
      backtest(context, { ...options, file: file ?? null }),
    )
}

async function backtest(context: BacktestContext, options: RunOptions & BacktestOptions): Promise<void> {
  refuseMixedUse(options)
  const { vary, report, json = false } = options
  if (vary.length > 0) return varied(context, options)
  const { findings, recording } = await runBacktest(context, options)
  if (report !== undefined) await writeReport(report, reportPage(findings, recording))
  await writeLine(context.stdout, json ? JSON.stringify(findings) : findingsTable(findings))
}

function refuseMixedUse(options: RunOptions & BacktestOptions): void {
  refuseMixedHistory('backtest', options)
  const { label, truth, vary, report } = options
  if (report !== undefined && vary.length > 0) {
    throw new ShoalError('usage.invalid', `--report must be used without --vary: got ${report}`)
  }
  if (label !== undefined && truth !== undefined) {
    throw new ShoalError('usage.invalid', `--truth must be used without --label: got ${label}`)
  }
}

async function writeReport(path: string, page: string): Promise<void> {
  try {
    await writeFile(path, page)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new ShoalError('file.unreadable', `--report must name a file that can be written: ${why}`, { cause })
  }
}

async function varied(context: BacktestContext, options: RunOptions & BacktestOptions): Promise<void> {
  const { json = false, vary } = options
  const variants = variantsOf(vary)
  const progress = createProgress(context, 'replayed', json && !context.isTerminal)
  try {
    const runs = await runVariants({
      program: context.program,
      variants,
      args: argumentsOf(options),
      atOnce: Math.min(availableParallelism(), mostAtOnce),
      onProgress: (events, part) => progress.update(events, part),
      signal: context.signal,
    })
    const named = runs.map(({ variant, findings }) => ({
      set: Object.fromEntries(variant.map(({ key, text }) => [key, text])),
      ...findings,
    }))
    progress.stop()
    await writeLine(context.stdout, json ? JSON.stringify(named) : variantsTable(runs))
  } finally {
    progress.stop()
  }
}
