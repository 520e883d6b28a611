/** `shoal reference build`: what drift is looked for beside, measured on the past and given to a model. */
import type { Command } from 'commander'
import { encodeModel } from '../core/codec/model-codec.ts'
import { knownHours } from '../core/drift/phases.ts'
import type { Model } from '../core/model/model.ts'
import { ShoalError } from '../runtime/errors.ts'
import type { BacktestContext } from './backtest/one-run.ts'
import { type GivingOptions, giveMade } from './giving.ts'
import { type HistoryOptions, overridesOf, refuseMixedHistory, withHistory, withHistoryOptions } from './history.ts'
import { type MeasuredReference, measuredReference } from './measured-reference.ts'
import { durationMs, wholeNumber } from './options.ts'
import { grouped } from './output.ts'

type BuildOptions = HistoryOptions & GivingOptions

/** What is printed as JSON beside what became of the command. */
interface BuiltReference {
  readonly input: string
  /** Events that were read, those that are invalid by reason, and those that the reference is of. */
  readonly events: number
  readonly invalid: Readonly<Record<string, number>>
  readonly referenceEvents: number
  readonly windows: number
  /** Hours of the day whose usual look it knows, of 24. */
  readonly knownHours: number
  /** The version that measured it. */
  readonly version: number
}

const examples = `
Examples:
  # what was usual in a good month, for the service that shoal.yaml describes; --time lets it know the hours of the day
  shoal reference build march.csv.gz --ignore label --time occurredAt --reason 'a month without incidents'

  # a stretch of the input topic that it retains
  shoal reference build --topic transactions --since 2026-01-01 --until 2026-01-08 --reason 'the week after the release'

  # a service that has not started yet: its first model, then its reference, then the service
  shoal train history.csv.gz && shoal reference build march.csv.gz --reason usual --wait 1s && shoal run

The newest version scores the events and learns nothing from them; what it sees (each feature on the model's own bins,
distances, shares of the places, hours) is written to the topic of model updates as a command. It holds for all that
stands behind it there: from the first event on when the service starts after it. A drift that is open is over with it.`

/** Adds the command. */
export function addReference(program: Command, context: BacktestContext): void {
  const reference = program.command('reference').description('what drift is looked for beside')
  withHistoryOptions(reference.command('build'))
    .description('measure a CSV file or the past of a topic, and let the model compare with that')
    .requiredOption('--reason <text>', 'why this is usual: it is told with the command, and kept')
    .option('--time <column>', "column that is the record's timestamp, in ms or ISO 8601")
    .option('--rows <n>', 'measure at most so many rows', wholeNumber(1))
    .option('--by <name>', 'who says so (default: the user of this machine)')
    .option('--wait <duration>', 'how long to wait until it is done, such as 30s', durationMs, 30_000)
    .option('--json', 'print JSON')
    .addHelpText('after', examples)
    .action((file: string | undefined, options: BuildOptions) => build(context, { ...options, file: file ?? null }))
}

async function build(context: BacktestContext, options: BuildOptions): Promise<void> {
  refuseMixedHistory('reference build', options)
  await giveMade(context, options, async ({ model, command }) => {
    const { measured, built } = await builtFor(context, options, model)
    const order = command('reference', { targetVersion: model.version, target: encodeModel(measured.model) })
    return { commands: [order], told: { facts: built, text: textOf(built) } }
  })
}

async function builtFor(
  context: BacktestContext,
  options: BuildOptions,
  version: Model,
): Promise<{ readonly measured: MeasuredReference; readonly built: BuiltReference }> {
  const { enabled, windowEvents } = version.drift.options
  if (!enabled)
    throw new ShoalError('usage.invalid', 'the model must look for drift: it was born with drift.enabled false')
  const isSilent = (options.json ?? false) && !context.isTerminal
  return withHistory(context, options, overridesOf(options.set), 'defaults', async (history) => {
    const measured = await measuredReference(context, history, version, isSilent)
    const { model, events, facts } = measured
    const { windows } = model.drift.reference
    if (windows === 0) {
      const invalid = Object.values(facts.invalid).reduce((sum, count) => sum + count, 0)
      const rule = `a reference must have at least ${windowEvents} valid events`
      const reasons = Object.entries(facts.invalid).map(([reason, count]) => `, ${count} ${reason}`)
      throw new ShoalError(
        'usage.invalid',
        `${rule}: got ${facts.events - invalid} of ${facts.events}${reasons.join('')}`,
      )
    }
    const built = {
      ...{ input: history.name, events: facts.events, invalid: facts.invalid, referenceEvents: events, windows },
      ...{ knownHours: knownHours(model.drift), version: version.version },
    }
    return { measured, built }
  })
}

function textOf({
  input,
  events,
  invalid,
  referenceEvents,
  windows,
  knownHours: hours,
  version,
}: BuiltReference): string {
  const reasons = Object.entries(invalid).map(([reason, count]) => `${grouped(count)} ${reason}`)
  return [
    `${input}: ${grouped(events)} events, measured by version ${grouped(version)}`,
    ...(reasons.length > 0 ? [`invalid: ${reasons.join(', ')}`] : []),
    `the reference is of ${grouped(referenceEvents)} of them, in ${grouped(windows)} windows; ${hours} of 24 hours are known`,
  ].join('\n')
}
