/** A reaction as the command that it is. */
import { type Command, commandOf, policy } from '../core/command/command.ts'
import type { Reaction } from '../core/command/reactions.ts'
import type { Model } from '../core/model/model.ts'
import type { RollbackTargets } from './rollback-targets.ts'

interface Reacting {
  readonly model: Model
  readonly targets: RollbackTargets
  readonly atMs: number
  readonly signal: AbortSignal
}

/** Null: it would lead back to a version, and none that is healthy is kept. */
export async function commandFor(
  reaction: Reaction,
  { model, targets, atMs, signal }: Reacting,
): Promise<Command | null> {
  const given = { ...reaction, bornAtMs: model.bornAtMs, by: policy, atMs }
  if (reaction.kind !== 'rollback') return commandOf(reaction.kind, given)
  const target = await targets.upTo(reaction.targetVersion, model, signal)
  if (target === null) return null
  return commandOf('rollback', { ...given, targetVersion: target.version, target: target.bytes })
}
