/** `shoal train`: a first model from history, so that a service starts with what it would have learned. */
import type { Command } from 'commander'
import { type FeatureSummary, summariseFeatures } from '../core/features/feature-summary.ts'
import { decidedTransforms } from '../core/features/shape-choice.ts'
import { inNewLog, type Model } from '../core/model/model.ts'
import type { QualityRecord } from '../core/quality/quality.ts'
import type { BacktestContext } from './backtest/one-run.ts'
import { type ReplayFacts, replay, unwatched } from './backtest/replay.ts'
import { refuseWhenInterrupted, withOpen } from './context.ts'
import {
  type History,
  type HistoryOptions,
  overridesOf,
  refuseMixedHistory,
  withHistory,
  withHistoryOptions,
} from './history.ts'
import { durationMs, wholeNumber } from './options.ts'
import { writeLine } from './output.ts'
import { createProgress } from './progress.ts'
import { publishBirth } from './publish-birth.ts'
import { trainedText } from './trained-text.ts'

interface TrainOptions extends HistoryOptions {
  readonly batch: number
  readonly wait: number
  readonly json?: boolean
}

/** What is printed as JSON. */
export interface Trained {
  readonly input: string
  readonly events: number
  readonly invalid: Readonly<Record<string, number>>
  readonly bornFrom: number
  readonly clusters: number
  readonly columns: number
  readonly version: number
  readonly model: string
  /** Of the features with the transform `auto`, what it came to. */
  readonly transforms: Readonly<Record<string, string>>
  /** Of the newest version that was assessed. */
  readonly quality: QualityRecord
  readonly features: readonly FeatureSummary[]
}

/** The quantiles that are shown. */
export const shownQuantiles = [0.01, 0.25, 0.5, 0.75, 0.99] as const

const examples = `
Examples:
  # a model from a file of past events, for the service that shoal.yaml describes
  shoal train history.csv.gz --ignore label

  # from what the input topic retains: the service then scores those events, and does not learn them a second time
  shoal train --topic transactions

  # from a week of it
  shoal train --topic transactions --since 2026-01-01 --until 2026-01-08

Born from the first events and then taught all others, batch by batch, by the stages of production, then published as the
first version of its name: once, in a transaction, as a birth. It is refused when there is a model, or when a process of
that name runs. What a file teaches must have the fields that the features of the configuration read.`

/** Adds the command. */
export function addTrain(program: Command, context: BacktestContext): void {
  withHistoryOptions(program.command('train'))
    .description('train a first model on a CSV file or on the past of a topic, and publish it')
    .option('--time <column>', "column that is the record's timestamp, in ms or ISO 8601")
    .option('--rows <n>', 'train on at most so many rows', wholeNumber(1))
    .option('--batch <n>', 'rows that are scored together, then learned', wholeNumber(1, 1_000_000), 1000)
    .option('--wait <duration>', 'how long others may go on training that name, such as 30s', durationMs, 30_000)
    .option('--json', 'print JSON')
    .addHelpText('after', examples)
    .action((file: string | undefined, options: TrainOptions) => train(context, { ...options, file: file ?? null }))
}

async function train(context: BacktestContext, options: TrainOptions): Promise<void> {
  refuseMixedHistory('train', options)
  const { set, json = false } = options
  const trained = await withHistory(context, options, overridesOf(set), 'defaults', async (history) => {
    const facts = await learned(context, options, history)
    const ofInput = history.name === history.configuration.input.topic
    const model: Model = {
      ...inNewLog(facts.model),
      bornAtMs: context.clock.date(),
      bornFrom: ofInput ? history.ranges() : [],
    }
    await publishBirth(context, history.configuration, model, options.wait)
    return trainedOf(context, history, facts, model)
  })
  await writeLine(context.stdout, json ? JSON.stringify(trained) : trainedText(trained))
}

async function learned(
  context: BacktestContext,
  { batch, json = false }: TrainOptions,
  { configuration, events, registry }: History,
): Promise<ReplayFacts> {
  const { clock, signal } = context
  const settings = context.settingsOf(configuration)
  const world = context.openBacktest(configuration, settings, registry)
  const progress = createProgress(context, 'learned', json && !context.isTerminal)
  const onProgress = (done: number, part: number) => progress.update(done, part)
  const options = { settings, world, events, partitions: 1, batch, watcher: unwatched, clock, signal, onProgress }
  try {
    const facts = await withOpen(Promise.resolve(world.log), () => replay(options))
    refuseWhenInterrupted(context, 'not all events have been learned, and nothing is published')
    return facts
  } finally {
    progress.stop()
  }
}

function trainedOf(
  context: BacktestContext,
  { configuration, name }: History,
  { events, invalid, bornFrom }: ReplayFacts,
  model: Model,
): Trained {
  const { plan } = context.settingsOf(configuration)
  return {
    input: name,
    events,
    invalid,
    bornFrom,
    clusters: model.k,
    columns: model.d,
    version: model.version,
    model: configuration.name,
    transforms: decidedTransforms(plan, model.shapes),
    quality: model.quality.record,
    features: summariseFeatures(plan, model, shownQuantiles),
  }
}
