/** Commands that are given to a model: written to the log of its updates, and waited for until the trainer has come to them. */
import { type Command, commandOf, problemOfCommand } from '../../core/command/command.ts'
import type { Deed } from '../../core/command/control.ts'
import { refusalOf } from '../../core/command/verdict.ts'
import type { Model } from '../../core/model/model.ts'
import { appendCommand } from '../../stages/command-records.ts'
import type { Audit, GivenCommand } from '../audit/audit.ts'
import { ShoalError } from '../errors.ts'
import type { ModelFollower } from '../model-follower.ts'
import type { Clock } from '../ports.ts'
import { registerCommand } from '../registering.ts'
import type { RollbackTarget } from '../rollback-targets.ts'
import type { ServiceParts, ServiceSettings } from '../service.ts'
import { isKept, rollbackTarget, type Versions } from './targets.ts'

/** What giving needs: a running service has all of it, and a tool makes it for itself. */
export interface Giving extends Pick<ServiceParts, 'log' | 'registry' | 'schema' | 'clock'> {
  readonly settings: Pick<ServiceSettings, 'name' | 'topics' | 'reactions'>
  /** It must be running, and tell the book what it reads. */
  readonly follower: ModelFollower
  readonly versions: Versions
  /** Told of each command before it is written: what is not kept there is not given. */
  readonly audit: Pick<Audit, 'command'>
}

export interface Giver {
  /** Why, for people: 1 to `mostReason` characters. */
  readonly reason: string
  /** Who: 1 to `mostName` characters. */
  readonly by: string
  /** How long to wait until what is written has been done. */
  readonly waitMs: number
}

/** What commands may be made of. */
export interface Given {
  readonly model: Model
  readonly settings: Giving['settings']
  /** The newest version up to this one that is kept and healthy; or null. */
  rollbackTo(version: number): Promise<RollbackTarget | null>
  isKept(version: number): Promise<boolean>
  command(kind: Command['kind'], more?: Partial<Command>): Command
}

/** What has been written, in its order, and of each what became of it: null when the trainer has not come to it in time. */
export interface Done {
  readonly commands: readonly Command[]
  readonly deeds: readonly (Deed | null)[]
}

/**
 * Reads the newest model, writes the commands that `make` makes of it, in one transaction, and waits until they are done.
 * Null: the signal fired before anything was written. What has been written will be done, whoever waits for it. Throws
 * `model.missing`, and `model.refuses` for what the fold would refuse; what it refuses all the same, because others
 * stood before it in the log, is in the deed.
 */
export async function give(
  giving: Giving,
  giver: Giver,
  make: (given: Given) => Promise<readonly Command[]> | readonly Command[],
  signal: AbortSignal,
): Promise<Done | null> {
  const { settings, follower, log, clock, audit } = giving
  const model = (await follower.upToDate(signal))?.scorer.model
  if (signal.aborted) return null
  if (model === undefined) throw new ShoalError('model.missing', `there must be a model of ${settings.name}`)
  const commands = await make(givenTo(giving, giver, model, signal))
  if (signal.aborted) return null
  refuseNonsense(model, commands)
  const at = { topic: settings.topics.modelUpdates, schemaId: await registerCommand(settings, giving) }
  if (signal.aborted) return null
  for (const command of commands) await audit.command(givenCommand(command, model.version))
  await log.publish((outputs) => {
    for (const command of commands) appendCommand(outputs, at, command, command.atMs)
  })
  return { commands, deeds: await deedsOf(follower, commands, { clock, waitMs: giver.waitMs }, signal) }
}

function givenCommand(
  { kind, by, reason, targetVersion, driftNumber, budget }: Command,
  version: number,
): GivenCommand {
  const facts = {
    ...(targetVersion === 0 ? {} : { targetVersion }),
    ...(driftNumber === 0 ? {} : { driftNumber }),
    ...(budget === 0 ? {} : { budget }),
  }
  return { kind, by, reason, version, facts }
}

function givenTo(
  { settings, versions, clock }: Giving,
  { reason, by }: Giver,
  model: Model,
  signal: AbortSignal,
): Given {
  const given = { bornAtMs: model.bornAtMs, reason, by, atMs: Math.floor(clock.date()) }
  return {
    model,
    settings,
    rollbackTo: (version) => rollbackTarget(versions, model, version, signal),
    isKept: (version) => isKept(versions, version, signal),
    command: (kind, more = {}) => commandOf(kind, { ...given, ...more }),
  }
}

/** The first is judged as the fold will, whose every record makes a version: what comes after it is made to follow it. */
function refuseNonsense(model: Model, commands: readonly Command[]): void {
  const [first] = commands
  const nonsense = commands.map(problemOfCommand).find((problem) => problem !== null)
  const refused = nonsense ?? refusalOf({ ...model, version: model.version + 1 }, first)
  if (refused !== null) throw new ShoalError('model.refuses', `${first.kind} is refused: ${refused}`)
}

async function deedsOf(
  follower: ModelFollower,
  commands: readonly Command[],
  { clock, waitMs }: { readonly clock: Clock; readonly waitMs: number },
  signal: AbortSignal,
): Promise<Done['deeds']> {
  const late = new AbortController()
  const waiting = AbortSignal.any([signal, late.signal])
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
