/** Commands that a person gives to a model on the command line, and what is printed of them. */
import type { Command as CommandLine } from 'commander'
import { type Command, mostName, mostReason } from '../core/command/command.ts'
import type { Deed } from '../core/command/control.ts'
import { auditOf } from '../runtime/audit/audit-of.ts'
import { type Done, type Given, type Giver, type Giving, give } from '../runtime/commanding/giving.ts'
import { giveOrder, type Order } from '../runtime/commanding/orders.ts'
import { ShoalError } from '../runtime/errors.ts'
import type { ServiceSettings } from '../runtime/service.ts'
import { type CliContext, refuseWhenInterrupted, withOpen } from './context.ts'
import { withFollower } from './following.ts'
import { durationMs, withConfig } from './options.ts'
import { writeLine } from './output.ts'

export interface GivingOptions {
  readonly config?: string
  readonly reason: string
  readonly by?: string
  readonly wait: number
  readonly json?: boolean
}

/** The options of every command that is given to a model. */
export function withGivingOptions(command: CommandLine): CommandLine {
  return withGiverOptions(
    withConfig(command).requiredOption('--reason <text>', 'why: it is told with what is done, and kept'),
  )
}

/** Those that say who gives it, and how it is answered. */
export function withGiverOptions(command: CommandLine): CommandLine {
  return command
    .option('--by <name>', 'who says so (default: the user of this machine)')
    .option('--wait <duration>', 'how long to wait until it is done, such as 30s', durationMs, 30_000)
    .option('--json', 'print JSON')
}

/** Commands, and what is to be told beside what became of them. */
interface Made {
  readonly commands: readonly Command[]
  readonly told: Told
}

/** As JSON, and as a person reads it. */
interface Told {
  readonly facts: object
  readonly text: string
}

/** Gives the order, and prints what became of it. */
export function order(context: CliContext, options: GivingOptions, of: Order): Promise<void> {
  return printed(context, options, async (giving, giver, over) => ({
    done: await giveOrder(giving, giver, of, over),
    told: null,
  }))
}

/** The same with commands of one's own making. */
export function giveMade(
  context: CliContext,
  options: GivingOptions,
  make: (given: Given) => Promise<Made>,
): Promise<void> {
  return printed(context, options, async (giving, giver, over) => {
    let told: Told | null = null
    const commands = async (given: Given) => {
      const made = await make(given)
      told = made.told
      return made.commands
    }
    return { done: await give(giving, giver, commands, over), told }
  })
}

async function printed(
  context: CliContext,
  options: GivingOptions,
  work: (giving: Giving, giver: Giver, over: AbortSignal) => Promise<{ readonly done: Done | null; told: Told | null }>,
): Promise<void> {
  const giver = giverOf(context, options)
  const configuration = await context.loadConfiguration(options.config)
  const settings = context.settingsOf(configuration)
  const { schema, clock, telemetry } = context
  await withOpen(context.openLog(configuration), (log) =>
    withOpen(context.openRegistry(configuration), async (registry) => {
      const parts = { log, registry, schema, clock }
      const audit = auditOf(settings, { ...parts, telemetry }, 'command line')
      const given = await withFollower(context, settings, log, (follower, over, versions) =>
        work({ settings, follower, versions, audit, ...parts }, giver, over),
      )
      const done = given?.done ?? null
      if (done === null) return refuseWhenInterrupted(context, 'what was written to the log will be done')
      await tell(context, settings, done.deeds, given?.told ?? null, options)
    }),
  )
}

export function giverOf(
  { environment }: Pick<CliContext, 'environment'>,
  { reason, by, wait }: Pick<GivingOptions, 'reason' | 'by' | 'wait'>,
): Giver {
  if (reason.length === 0 || reason.length > mostReason) {
    throw new ShoalError('usage.invalid', `--reason must have 1 to ${mostReason} characters: got ${reason.length}`)
  }
  const name = by ?? environment.USER ?? environment.USERNAME ?? 'a person'
  return { reason, by: name.slice(0, mostName), waitMs: wait }
}

async function tell(
  { stdout }: CliContext,
  { name }: ServiceSettings,
  done: readonly (Deed | null)[],
  told: Told | null,
  { json = false }: GivingOptions,
): Promise<void> {
  if (json) await writeLine(stdout, JSON.stringify({ name, done, ...told?.facts }))
  else if (told !== null) await writeLine(stdout, told.text)
  for (const deed of json ? [] : done) {
    const waits = 'it is in the log, and will be done when a process trains again'
    await writeLine(stdout, deed === null ? waits : `${deed.kind}: done in version ${deed.version}`)
  }
  const refused = done.find((deed) => deed !== null && deed.refused !== '')
  if (refused) throw new ShoalError('model.refuses', `${refused.kind} is refused: ${refused.refused}`)
}
