/** `shoal drift approve` and `shoal drift reject`: a person's answer to what the policy has asked about a drift. */
import type { Command as CommandLine } from 'commander'
import type { CliContext } from '../context.ts'
import { type GivingOptions, order, withGivingOptions } from '../giving.ts'

/** Adds the commands to `shoal drift`, whose own options stand before theirs. */
export function addAnswers(drift: CommandLine, context: CliContext): void {
  const answers = [
    ['approve', 'do what Shoal has asked about this drift'],
    ['reject', 'do not do what Shoal has asked about this drift'],
  ] as const
  for (const [kind, description] of answers) {
    withGivingOptions(drift.command(kind))
      .argument('<id>', 'the drift, as its event names it')
      .description(description)
      .addHelpText('after', `\nExamples:\n  shoal drift ${kind} 1760000000000-drift-3 --reason 'it is an attack'`)
      .action((driftId: string, _: unknown, command: CommandLine) =>
        order(context, command.optsWithGlobals<GivingOptions>(), { kind, driftId }),
      )
  }
}
