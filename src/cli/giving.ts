/** Commands that a person gives to a model: written to the log of its updates, and told when the trainer has come to them. */
import type { Command as CommandLine } from 'commander'
import { type Command, commandOf, mostName, mostReason } from '../core/command/command.ts'
import type { Deed } from '../core/command/control.ts'
import { refusalOf } from '../core/command/verdict.ts'
import type { Model } from '../core/model/model.ts'
import { ShoalError } from '../runtime/errors.ts'
import type { ModelFollower } from '../runtime/model-follower.ts'
import type { EventLog } from '../runtime/ports.ts'
import { registerCommand } from '../runtime/registering.ts'
import { type RollbackTarget, RollbackTargets } from '../runtime/rollback-targets.ts'
import type { ServiceSettings } from '../runtime/service.ts'
import { versionRecords } from '../runtime/version-records.ts'
import { appendCommand } from '../stages/command-records.ts'
import { type CliContext, refuseWhenInterrupted, withOpen } from './context.ts'
import { withFollower } from './newest-model.ts'
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
  return withConfig(command)
    .requiredOption('--reason <text>', 'why: it is told with what is done, and kept')
    .option('--by <name>', 'who says so (default: the user of this machine)')
    .option('--wait <duration>', 'how long to wait until it is done, such as 30s', durationMs, 30_000)
    .option('--json', 'print JSON')
}

/** What a person's command may be made of. */
export interface Given {
  readonly model: Model
  readonly settings: ServiceSettings
  /** The newest version up to this one that is kept and healthy; or null. */
  rollbackTo(version: number): Promise<RollbackTarget | null>
  command(kind: Command['kind'], more?: Partial<Command>): Command
}

/** Commands, and what is to be told beside what became of them. */
export interface Made {
  readonly commands: readonly Command[]
  /** As JSON, and as a person reads it. */
  readonly told?: { readonly facts: object; readonly text: string }
}

/** Reads the newest model, writes the commands that `make` makes of it, in one transaction, and waits until they are done. */
export async function give(
  context: CliContext,
  options: GivingOptions,
  make: (given: Given) => Promise<Made> | Made,
): Promise<void> {
  const configuration = await context.loadConfiguration(options.config)
  const settings = context.settingsOf(configuration)
  await withOpen(context.openLog(configuration), (log) =>
    withOpen(context.openRegistry(configuration), async (registry) => {
      const done = await withFollower(context, settings, log, async (follower, over) => {
        const model = (await follower.upToDate(over))?.scorer.model
        if (over.aborted) return null
        if (model === undefined) throw new ShoalError('model.missing', `there must be a model of ${settings.name}`)
        const { commands, told } = await make(givenTo(context, options, settings, log, model))
        refuseNonsense(model, commands)
        const schemaId = await registerCommand(settings, { registry, schema: (name) => context.schema(name) })
        const at = { topic: settings.topics.modelUpdates, schemaId }
        await log.publish((outputs) => {
          for (const command of commands) appendCommand(outputs, at, command, command.atMs)
        })
        return { deeds: await deedsOf(context, follower, commands, options.wait, over), told }
      })
      if (done === null) return refuseWhenInterrupted(context, 'what was written to the log will be done')
      await tell(context, settings, done.deeds, done.told, options)
    }),
  )
}

function givenTo(
  context: CliContext,
  { reason, by }: GivingOptions,
  settings: ServiceSettings,
  log: EventLog,
  model: Model,
): Given {
  const { environment, clock, signal } = context
  const name = (by ?? environment.USER ?? environment.USERNAME ?? 'a person').slice(0, mostName)
  if (reason.length === 0 || reason.length > mostReason) {
    throw new ShoalError('usage.invalid', `--reason must have 1 to ${mostReason} characters: got ${reason.length}`)
  }
  const given = { bornAtMs: model.bornAtMs, reason, by: name, atMs: Math.floor(clock.date()) }
  return {
    model,
    settings,
    async rollbackTo(version) {
      const targets = new RollbackTargets(log, settings.topics.models)
      for await (const record of versionRecords(log, settings.topics.models, signal)) {
        if (record.isTombstone) targets.forget(record.version)
        else targets.found(record.version, record.offset)
      }
      return targets.upTo(version, model, signal)
    },
    command: (kind, more = {}) => commandOf(kind, { ...given, ...more }),
  }
}

/** The first is judged as the fold will, whose every record makes a version: what comes after it is made to follow it. */
function refuseNonsense(model: Model, [first]: readonly Command[]): void {
  const refused = refusalOf({ ...model, version: model.version + 1 }, first)
  if (refused !== null) throw new ShoalError('model.refuses', `${first.kind} is refused: ${refused}`)
}

/** What became of them; null for one that the trainer has not come to in time. */
async function deedsOf(
  { clock }: CliContext,
  follower: ModelFollower,
  commands: readonly Command[],
  waitMs: number,
  over: AbortSignal,
): Promise<readonly (Deed | null)[]> {
  const late = new AbortController()
  const waiting = AbortSignal.any([over, late.signal])
  const timer = clock.sleep(waitMs, waiting).then(() => late.abort())
  try {
    for (;;) {
      const published = follower.current()
      const deeds = published?.scorer.model.control.deeds ?? []
      const found = commands.map((command) => deeds.findLast((deed) => isOf(deed, command)) ?? null)
      if (!found.includes(null) || waiting.aborted) return found
      await follower.newerThan(published, waiting)
    }
  } finally {
    late.abort()
    await timer
  }
}

function isOf(deed: Deed, { kind, by, atMs, reason }: Command): boolean {
  return deed.kind === kind && deed.by === by && deed.atMs === atMs && deed.reason === reason
}

async function tell(
  { stdout }: CliContext,
  { name }: ServiceSettings,
  done: readonly (Deed | null)[],
  told: Made['told'],
  { json = false }: GivingOptions,
): Promise<void> {
  if (json) await writeLine(stdout, JSON.stringify({ name, done, ...told?.facts }))
  else if (told !== undefined) await writeLine(stdout, told.text)
  for (const deed of json ? [] : done) {
    const waits = 'it is in the log, and will be done when a process trains again'
    await writeLine(stdout, deed === null ? waits : `${deed.kind}: done in version ${deed.version}`)
  }
  const refused = done.find((deed) => deed !== null && deed.refused !== '')
  if (refused) throw new ShoalError('model.refuses', `${refused.kind} is refused: ${refused.refused}`)
}
