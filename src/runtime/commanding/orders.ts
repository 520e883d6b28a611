/** What a person may order of a model, and the commands that it comes to. */
import type { Command } from '../../core/command/command.ts'
import type { Asked } from '../../core/command/control.ts'
import { driftIdOf } from '../../stages/drift-records.ts'
import { ShoalError } from '../errors.ts'
import type { RollbackTarget } from '../rollback-targets.ts'
import { type Done, type Given, type Giver, type Giving, give } from './giving.ts'
import { isKept } from './targets.ts'

/** `approve` and `reject` answer what the policy has asked about a drift. */
export type Order =
  | { readonly kind: 'freeze' | 'resume' | 'refit' | 'reseed' }
  /** Null: the last healthy version. */
  | { readonly kind: 'rollback'; readonly to: number | null }
  /** The drift as its event names it. */
  | { readonly kind: 'approve' | 'reject'; readonly driftId: string }
  /** Null: the newest. */
  | { readonly kind: 'pin'; readonly version: number | null }
  | { readonly kind: 'unpin'; readonly version: number }
  | { readonly kind: 'budget'; readonly budget: number }

/** Gives the order, as `give` gives commands; throws `model.refuses` also where there is nothing to do it with. */
export async function giveOrder(giving: Giving, giver: Giver, order: Order, signal: AbortSignal): Promise<Done | null> {
  const done = await give(giving, giver, (given) => commandsFor(order, given), signal)
  const pin = done?.deeds.find((deed) => deed?.kind === 'pin' && deed.refused === '')
  // Whoever trained may have forgotten it until then; from the version on that knows the pin nobody does.
  if (pin && !signal.aborted && !(await isKept(giving.versions, pin.targetVersion, signal)) && !signal.aborted) {
    const rule = `version ${pin.targetVersion} must be kept: it was forgotten while it was being pinned`
    throw new ShoalError('model.refuses', `${rule}; unpin it, and pin another one`)
  }
  return done
}

async function commandsFor(order: Order, given: Given): Promise<readonly Command[]> {
  switch (order.kind) {
    case 'freeze':
    case 'resume':
    case 'refit':
    case 'reseed':
      return [given.command(order.kind)]
    case 'rollback':
      return [rollback(given, await targetOf(given, order.to))]
    case 'approve':
      return approved(given, askedOf(given, order.driftId))
    case 'reject':
      return [given.command('reject', { driftNumber: askedOf(given, order.driftId).driftNumber })]
    case 'pin':
      return [await pin(given, order.version ?? given.model.version)]
    case 'unpin':
      return [given.command('unpin', { targetVersion: order.version })]
    case 'budget':
      return [given.command('budget', { budget: order.budget })]
  }
}

function rollback({ command }: Given, { version, bytes }: RollbackTarget, driftNumber = 0): Command {
  return command('rollback', { driftNumber, targetVersion: version, target: bytes })
}

async function targetOf({ model, rollbackTo }: Given, to: number | null): Promise<RollbackTarget> {
  const wanted = to ?? model.control.healthyVersion
  const target = await rollbackTo(wanted)
  if (target !== null && (to === null || target.version === to)) return target
  const instead = target === null ? 'none before it is' : `the nearest before it that is, is ${target.version}`
  throw new ShoalError('model.refuses', `version ${wanted} must be kept, and healthy: ${instead}`)
}

async function pin({ command, isKept: kept }: Given, version: number): Promise<Command> {
  if (await kept(version)) return command('pin', { targetVersion: version })
  throw new ShoalError('model.refuses', `version ${version} must be kept: \`shoal model list\` names those that are`)
}

function askedOf({ model }: Given, id: string): Asked {
  const asked = model.control.asked.find(({ driftNumber }) => driftIdOf(model, driftNumber) === id)
  if (asked !== undefined) return asked
  const waiting = model.control.asked.map(({ driftNumber }) => driftIdOf(model, driftNumber))
  const those = waiting.length > 0 ? `only ${waiting.join(', ')}` : 'nothing'
  throw new ShoalError('model.refuses', `drift ${id} must wait for an answer: ${those} does`)
}

async function approved(given: Given, { driftNumber, kind, targetVersion }: Asked): Promise<readonly Command[]> {
  const { model, settings, command } = given
  if (kind !== 'rollback') {
    const { factor, events } = settings.reactions
    return [command(kind, { driftNumber, ...(kind === 'learnFaster' ? { factor, events } : {}) })]
  }
  const target = await given.rollbackTo(targetVersion)
  if (target === null) throw new ShoalError('model.refuses', `a version up to ${targetVersion} must be kept: none is`)
  const back = rollback(given, target, driftNumber)
  // While the drift goes on, what is rolled back would be learned again.
  const goesOn = model.drift.open?.number === driftNumber && model.control.frozen === null
  return goesOn ? [back, command('freeze', { driftNumber })] : [back]
}
