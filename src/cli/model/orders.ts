/** What a person orders of a model: each command is written to its log, and answered when the model has come to it. */
import { type Command, InvalidArgumentError } from 'commander'
import { isBudget, mostBudget } from '../../core/command/command.ts'
import type { CliContext } from '../context.ts'
import { type GivingOptions, order, withGivingOptions } from '../giving.ts'
import { share, wholeNumber } from '../options.ts'

interface RollbackOptions extends GivingOptions {
  readonly to?: number
}

const plain = [
  ['freeze', 'learn nothing until it is resumed; events are still scored, and drift is still watched'],
  ['resume', 'learn on after a freeze'],
  ['refit', 'look after the clusters now, by the sample that the model keeps'],
  ['reseed', 'let the clusters be born anew from the sample that the model keeps, whatever they are now'],
] as const

/** Adds the commands. */
export function addOrders(model: Command, context: CliContext): void {
  for (const [kind, description] of plain) {
    withGivingOptions(model.command(kind))
      .description(description)
      .addHelpText('after', `\nExamples:\n  shoal model ${kind} --reason 'the feed of amounts is in cents since noon'`)
      .action((options: GivingOptions) => order(context, options, { kind }))
  }
  addRollback(model, context)
  addPins(model, context)
  withGivingOptions(model.command('budget'))
    .argument('<share>', 'of the events, such as 0.005 or 0.5%', budget)
    .description('change the share of events that may be called anomalous')
    .addHelpText(
      'after',
      `
Examples:
  shoal model budget 0.002 --reason 'the team can look at 2 of 1,000'
  shoal model budget 1% --reason 'while the campaign runs'

The model keeps it, whoever trains next: anomalies.budget of the configuration is only what a model is born with.`,
    )
    .action((of: number, options: GivingOptions) => order(context, options, { kind: 'budget', budget: of }))
}

function addRollback(model: Command, context: CliContext): void {
  withGivingOptions(model.command('rollback'))
    .description('back to what had been learned up to an older version')
    .option('--to <version>', 'a version that is kept (default: the last healthy one)', wholeNumber(1))
    .addHelpText(
      'after',
      `
Examples:
  shoal model rollback --reason 'an attack since Monday'
  shoal model rollback --to 1200 --reason 'the last version before the attack'

Versions go on counting up. What the events since then would teach again is learned again, unless learning is frozen first.`,
    )
    .action(({ to, ...options }: RollbackOptions) => order(context, options, { kind: 'rollback', to: to ?? null }))
}

function addPins(model: Command, context: CliContext): void {
  withGivingOptions(model.command('pin'))
    .argument('[version]', 'a version that is kept (default: the newest)', wholeNumber(1))
    .description('keep a version until it is unpinned, however old it grows')
    .addHelpText('after', `\nExamples:\n  shoal model pin 1200 --reason 'audited in January'`)
    .action((version: number | undefined, options: GivingOptions) =>
      order(context, options, { kind: 'pin', version: version ?? null }),
    )
  withGivingOptions(model.command('unpin'))
    .argument('<version>', 'a version that is pinned', wholeNumber(1))
    .description('keep a version no longer than others')
    .addHelpText('after', `\nExamples:\n  shoal model unpin 1200 --reason 'the audit is over'`)
    .action((version: number, options: GivingOptions) => order(context, options, { kind: 'unpin', version }))
}

function budget(text: string): number {
  const value = share(mostBudget)(text)
  if (isBudget(value)) return value
  throw new InvalidArgumentError(`It must be a share above 0 and at most ${mostBudget}, such as 0.005 or 0.5%.`)
}
