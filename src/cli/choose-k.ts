/** `shoal choose-k`: how many clusters a sample has, and how one can tell. */
import type { Command } from 'commander'
import { decidedTransforms } from '../core/features/shape-choice.ts'
import { autoRange, chooseKSteps, type KChoice } from '../core/kmeans/k-choice.ts'
import type { Steps } from '../core/kmeans/steps.ts'
import { prepareRows } from '../core/model/birth-rows.ts'
import { inverseScales, runningSpreads, scalesOf } from '../core/model/metric.ts'
import { ShoalError } from '../runtime/errors.ts'
import { inTurns } from '../runtime/in-turns.ts'
import { fedSample } from './backtest/fed-sample.ts'
import { Feed } from './backtest/feed.ts'
import type { LeftOut } from './backtest/labelled-events.ts'
import type { BacktestContext } from './backtest/one-run.ts'
import { type CliContext, refuseWhenInterrupted, withOpen } from './context.ts'
import {
  type History,
  type HistoryOptions,
  overridesOf,
  refuseMixedHistory,
  withHistory,
  withHistoryOptions,
} from './history.ts'
import { kChart } from './k-chart.ts'
import { wholeNumber } from './options.ts'
import { writeLine } from './output.ts'

interface ChooseKOptions extends HistoryOptions {
  readonly rows: number
  readonly from: number
  readonly to: number
  readonly seed?: number
  readonly json?: boolean
}

/** What is printed as JSON. */
export interface KFindings extends KChoice {
  readonly input: string
  readonly features: readonly string[]
  /** Columns of the file that are none, because they do not hold numbers. */
  readonly leftOut: readonly LeftOut[]
  /** Of the features with the transform `auto`, what it comes to. */
  readonly transforms: Readonly<Record<string, string>>
}

const examples = `
Examples:
  # a file: every numeric column is a feature, but not what is ignored
  shoal choose-k transactions.csv.gz --ignore label --ignore 'meta_*'

  # the same rows in another order: what stands first in a sorted file is not a sample of it
  shoal choose-k transactions.csv.gz --ignore label --shuffle 1

  # the head of the configured topic, with the configured features, the result as JSON
  shoal choose-k --topic transactions --json

The birth's own measures, on a sample of --rows: for each k a batch k-means; how far the clusters are apart (simplified
silhouette, Davies-Bouldin, Calinski-Harabasz), how well they fit (inertia, BIC), and whether parts of the sample give
the same ones (adjusted Rand index). clusters.k: auto does the same at birth. Where no number stands out there is none:
the default is as good as any, and finer clusters describe such data better.`

/** Adds the command. */
export function addChooseK(program: Command, context: BacktestContext): void {
  withHistoryOptions(program.command('choose-k'))
    .description('try numbers of clusters on a sample of a file or a topic, and recommend one')
    .option('--from <k>', 'the least number that is tried', wholeNumber(2, 1024), autoRange(0).from)
    .option('--to <k>', 'the largest number that is tried', wholeNumber(2, 1024), autoRange(0).to)
    .option('--rows <n>', 'valid events of the sample', wholeNumber(1, 1_000_000), 5000)
    .option('--seed <n>', 'clusters.seed', wholeNumber(0, 4_294_967_295))
    .option('--json', 'print JSON')
    .addHelpText('after', examples)
    .action((file: string | undefined, options: ChooseKOptions) => chooseK(context, { ...options, file: file ?? null }))
}

async function chooseK(context: BacktestContext, { rows, ...options }: ChooseKOptions): Promise<void> {
  refuseMixedHistory('choose-k', options)
  const { from, to } = options
  if (to < from) throw new ShoalError('usage.invalid', `--to must be at least --from, ${from}: got ${to}`)
  const overrides = {
    ...overridesOf(options.set),
    ...(options.seed === undefined ? {} : { SHOAL_CLUSTERS_SEED: String(options.seed) }),
  }
  const findings = await withHistory(context, options, overrides, 'columns', (history) =>
    findingsOf(context, { ...options, rows }, history),
  )
  await writeLine(context.stdout, options.json === true ? JSON.stringify(findings) : kChart(findings))
}

async function findingsOf(
  context: BacktestContext,
  { rows: birthEvents, from, to }: ChooseKOptions,
  { configuration, events, registry, name, leftOut }: History,
): Promise<KFindings> {
  const { clock, signal } = context
  const settings = { ...context.settingsOf(configuration), k: 'auto', birthEvents } as const
  const { plan, seed, topics } = settings
  const world = context.openBacktest(configuration, settings, registry)
  return withOpen(Promise.resolve(world.log), async (log) => {
    await log.prepare([{ topic: topics.input, partitions: 1, cleanup: 'delete', owner: 'shoal' }], true)
    const feed = new Feed({ log, topic: topics.input, partitions: 1, events, batch: 1000 })
    const { rows, n } = await fedSample({ settings, world, feed, partitions: 1, clock, signal })
    const measured = prepareRows(plan, rows, n)
    const scale = inverseScales(scalesOf(plan.columns), runningSpreads(measured))
    const steps = chooseKSteps(rows, n, plan.columns.length, scale, { ...autoRange(seed), from, to })
    const choice = await unlessInterrupted(context, steps)
    const features = configuration.features.map((feature) => feature.name)
    return { input: name, features, leftOut, transforms: decidedTransforms(plan, measured.shapes), ...choice }
  })
}

function unlessInterrupted<T>(context: CliContext, steps: Steps<T>): Promise<T> {
  const turns = {
    async yield() {
      await context.clock.yield()
      refuseWhenInterrupted(context, 'not all numbers have been tried')
    },
  }
  return inTurns(steps, turns)
}
