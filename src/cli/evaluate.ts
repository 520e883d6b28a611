/** `shoal evaluate`: the committed assignments, judged by what is known of the events. */
import type { Command } from 'commander'
import type { Configuration } from '../runtime/configuration/configuration.ts'
import type { EventLog, SchemaRegistry } from '../runtime/ports.ts'
import { type Joined, joinAssignments } from './assignment-join.ts'
import { baselineScores } from './baseline-scores.ts'
import { type CliContext, refuseWhenInterrupted, withOpen } from './context.ts'
import { type Judgement, judge, type Measures } from './judgement.ts'
import { withConfig } from './options.ts'
import { grouped, ratio, writeLine } from './output.ts'
import { createProgress } from './progress.ts'
import { readTruth, type Truth } from './truth.ts'

interface EvaluateOptions {
  readonly config?: string
  readonly truth: string
  readonly id?: string
  readonly label: string
  readonly baseline: boolean
  readonly json?: boolean
}

const examples = `
Examples:
  # the generator's frauds
  shoal produce --truth truth.csv --partitions 4
  shoal evaluate --truth truth.csv

  # a labelled CSV file that was produced without --id: its rows are row-0, row-1, …
  shoal produce transactions.csv.gz --ignore label
  shoal evaluate --truth transactions.csv.gz --label label

Beside the assignments stands k = 1: the distance to the running mean of the same features, without clusters, computed
from the retained input (scored before learned from, 1,000 at a time). Clusters that do not beat it are not worth it.
Assignments rank by their remoteness. Flagged is what reaches a score of 1 − anomalies.budget; of k = 1 the same share of
its highest distances.`

/** Adds the command. */
export function addEvaluate(program: Command, context: CliContext): void {
  withConfig(program.command('evaluate'))
    .description('judge the committed assignments by labelled events, beside the score without clusters')
    .requiredOption('--truth <file>', 'CSV file with labels, gzipped or not')
    .option('--id <column>', 'column that holds the event id (default: id when there is one, else row-<n>)')
    .option('--label <column>', 'column that is 1 for an anomalous event, empty for an invalid one', 'label')
    .option('--no-baseline', 'do not read the input for k = 1')
    .option('--json', 'print JSON')
    .addHelpText('after', examples)
    .action((options: EvaluateOptions) => evaluate(context, options))
}

async function evaluate(context: CliContext, options: EvaluateOptions): Promise<void> {
  const { json = false } = options
  const configuration = await context.loadConfiguration(options.config)
  const { topics, budget } = context.settingsOf(configuration)
  const truth = await readTruth({ path: options.truth, idColumn: options.id ?? null, labelColumn: options.label })
  await withOpen(context.openLog(configuration), (log) =>
    withOpen(context.openRegistry(configuration), async (registry) => {
      const joined = await watched(context, 'joined', json, (update) =>
        joinAssignments(log, registry, topics.assignments, truth, context.signal, update),
      )
      refuseWhenInterrupted(context, 'the assignments have not all been read')
      const baseline = options.baseline ? await baselineOf(context, configuration, log, registry, truth, json) : null
      refuseWhenInterrupted(context, 'the input has not all been read')
      const judgement = judge(truth, joined, baseline, budget)
      const { scores: _, remoteness: __, ...counts } = joined
      const text = json ? JSON.stringify({ ...counts, ...judgement }, null, 2) : report(joined, judgement)
      await writeLine(context.stdout, text)
    }),
  )
}

/** Scores of k = 1 by index of the truth; NaN where the retained input has no such event. */
async function baselineOf(
  context: CliContext,
  configuration: Configuration,
  log: EventLog,
  registry: SchemaRegistry,
  truth: Truth,
  json: boolean,
): Promise<Float64Array> {
  const settings = context.settingsOf(configuration)
  const projection = context.projectionOf(configuration, settings)
  const scores = new Float64Array(truth.positive.length).fill(Number.NaN)
  const onScore = (id: string, score: number) => {
    const index = truth.indexOf.get(id)
    if (index !== undefined && Number.isNaN(scores[index])) scores[index] = score
  }
  const { topics, plan, profiles } = settings
  const input = { log, registry, topic: topics.input, plan, profiles, projection }
  await watched(context, 'k = 1', json, (update) => baselineScores(input, context.signal, onScore, update))
  return scores
}

async function watched<T>(
  context: CliContext,
  verb: string,
  silent: boolean,
  work: (update: (records: number) => void) => Promise<T>,
): Promise<T> {
  const progress = createProgress(context, verb, silent)
  try {
    return await work((records) => progress.update(records, null))
  } finally {
    progress.stop()
  }
}

function report(joined: Joined, judgement: Judgement): string {
  const { matched, missing, duplicates, ofInvalid, unknown } = joined
  const { events, positives, budget, assignments, baseline, kinds } = judgement
  const percent = (share: number) => `${Number((share * 100).toPrecision(3))} %`
  const line = (title: string, of: (measures: Measures) => string) =>
    title.padEnd(38) + of(assignments).padStart(12) + (baseline === null ? '' : of(baseline).padStart(12))
  const at = `at the budget of ${percent(budget)}`
  return [
    `assignments: ${grouped(matched)} matched, ${grouped(missing)} missing, ${grouped(duplicates)} duplicate, ${grouped(ofInvalid)} of invalid events, ${grouped(unknown)} unknown to the truth`,
    `judged: ${grouped(events)} events, ${grouped(positives)} of them anomalous (${percent(positives / Math.max(1, events))})`,
    '',
    ''.padEnd(38) + 'assignments'.padStart(12) + (baseline === null ? '' : 'k = 1'.padStart(12)),
    line('ROC-AUC', (of) => ratio(of.rocAuc)),
    line('average precision', (of) => ratio(of.averagePrecision)),
    line(`flagged ${at}`, (of) => grouped(of.atBudget.flagged)),
    line(`precision ${at}`, (of) => ratio(of.atBudget.precision)),
    line(`recall ${at}`, (of) => ratio(of.atBudget.recall)),
    line('recall in the top 0.1 %', (of) => ratio(of.top01Percent.recall)),
    line('recall in the top 1 %', (of) => ratio(of.top1Percent.recall)),
    ...(kinds.length > 0 ? ['', `recall ${at}, by kind`] : []),
    ...kinds.map(({ kind, events: of, assignments: ours, baseline: theirs }) => {
      const title = `  ${kind} (${grouped(of)})`.padEnd(38)
      return title + ratio(ours).padStart(12) + (theirs === null ? '' : ratio(theirs).padStart(12))
    }),
  ].join('\n')
}
