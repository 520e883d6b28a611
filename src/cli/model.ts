/** `shoal model`: what a person orders of the model. */
import type { Command } from 'commander'
import type { CliContext } from './context.ts'
import { type GivingOptions, order, withGivingOptions } from './giving.ts'
import { wholeNumber } from './options.ts'

interface RollbackOptions extends GivingOptions {
  readonly to?: number
}

/** Adds the commands. */
export function addModel(program: Command, context: CliContext): void {
  const model = program.command('model').description('freeze, resume, refit or roll back what is learned')
  const plain = [
    ['freeze', 'learn nothing until it is resumed; events are still scored, and drift is still watched'],
    ['resume', 'learn on after a freeze'],
    ['refit', 'look after the clusters now, by the sample that the model keeps'],
  ] as const
  for (const [kind, description] of plain) {
    withGivingOptions(model.command(kind))
      .description(description)
      .addHelpText('after', `\nExamples:\n  shoal model ${kind} --reason 'the feed of amounts is in cents since noon'`)
      .action((options: GivingOptions) => order(context, options, { kind }))
  }
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
