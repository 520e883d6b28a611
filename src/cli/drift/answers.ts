/** `shoal drift approve` and `shoal drift reject`: a person's answer to what the policy has asked about a drift. */
import type { Command as CommandLine } from 'commander'
import type { Command } from '../../core/command/command.ts'
import { ShoalError } from '../../runtime/errors.ts'
import { driftIdOf } from '../../stages/drift-records.ts'
import type { CliContext } from '../context.ts'
import { type Given, type GivingOptions, give, withGivingOptions } from '../giving.ts'

/** Adds the commands to `shoal drift`, whose own options stand before theirs. */
export function addAnswers(drift: CommandLine, context: CliContext): void {
  const answers = [
    ['approve', 'do what Shoal has asked about this drift', approved],
    ['reject', 'do not do what Shoal has asked about this drift', rejected],
  ] as const
  for (const [name, description, make] of answers) {
    withGivingOptions(drift.command(name))
      .argument('<id>', 'the drift, as its event names it')
      .description(description)
      .addHelpText('after', `\nExamples:\n  shoal drift ${name} 1760000000000-drift-3 --reason 'it is an attack'`)
      .action((id: string, _: unknown, command: CommandLine) =>
        give(context, command.optsWithGlobals<GivingOptions>(), async (given) => ({ commands: await make(given, id) })),
      )
  }
}

function askedOf({ model }: Given, id: string) {
  const asked = model.control.asked.find(({ driftNumber }) => driftIdOf(model, driftNumber) === id)
  if (asked !== undefined) return asked
  const waiting = model.control.asked.map(({ driftNumber }) => driftIdOf(model, driftNumber))
  const those = waiting.length > 0 ? `only ${waiting.join(', ')}` : 'nothing'
  throw new ShoalError('model.refuses', `drift ${id} must wait for an answer: ${those} does`)
}

async function approved(given: Given, id: string): Promise<readonly Command[]> {
  const { driftNumber, kind, targetVersion } = askedOf(given, id)
  const { model, settings, command } = given
  if (kind !== 'rollback') {
    const { factor, events } = settings.reactions
    return [command(kind, { driftNumber, ...(kind === 'learnFaster' ? { factor, events } : {}) })]
  }
  const target = await given.rollbackTo(targetVersion)
  if (target === null) throw new ShoalError('model.refuses', `a version up to ${targetVersion} must be kept: none is`)
  const rollback = command('rollback', { driftNumber, targetVersion: target.version, target: target.bytes })
  // While the drift goes on, what is rolled back would be learned again.
  const goesOn = model.drift.open?.number === driftNumber && model.control.frozen === null
  return goesOn ? [rollback, command('freeze', { driftNumber })] : [rollback]
}

function rejected(given: Given, id: string): readonly Command[] {
  return [given.command('reject', { driftNumber: askedOf(given, id).driftNumber })]
}
