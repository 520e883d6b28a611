/** What a command does to the model, in log order like every update. */
import { takeReference } from '../drift/given.ts'
import type { Steps } from '../kmeans/steps.ts'
import type { FoldOutcome } from '../model/fold.ts'
import type { Model } from '../model/model.ts'
import { reseedSteps, upkeepSteps } from '../upkeep/upkeep-step.ts'
import { type Command, policy } from './command.ts'
import { type Deed, mostAsked, mostDeeds } from './control.ts'
import { restore } from './restoration.ts'
import { setBudget } from './set-budget.ts'
import { verdictOf } from './verdict.ts'

/**
 * Obeys the command at `offset` (IN and OUT: `model`), or refuses it; either is remembered, and told. The fold is the last
 * judge: when a command was given, others may have stood before it in the log.
 */
export function* foldCommandSteps(model: Model, command: Command, offset: number): Steps<FoldOutcome> {
  model.version += 1
  model.nextUpdateOffset = offset + 1
  if (command.bornAtMs !== model.bornAtMs) return 'foreign'
  const verdict = verdictOf(model, command)
  const refused = 'refused' in verdict ? verdict.refused : null
  if ('target' in verdict) yield* obeySteps(model, command, verdict.target)
  const { kind, reason, by, atMs, driftNumber, targetVersion, asks, factor, events, budget } = command
  const given = { kind, reason, by, atMs, driftNumber, targetVersion, asks, factor, events, budget }
  const deed: Deed = { ...given, version: model.version, refused: refused ?? '' }
  model.control.deeds = [...model.control.deeds, deed].slice(-mostDeeds)
  return refused === null ? 'obeyed' : 'declined'
}

/** @param target the version that the command carries, if it is of a kind that carries one. */
function* obeySteps(model: Model, command: Command, target: Model | null): Steps<void> {
  const { control, drift, version } = model
  const { kind, by, driftNumber } = command
  if (kind !== 'ask') control.asked = control.asked.filter((asked) => asked.driftNumber !== driftNumber)
  switch (kind) {
    case 'freeze':
      control.frozen = { sinceVersion: version, byPolicy: by === policy, driftNumber }
      return
    case 'resume':
      control.frozen = null
      return
    case 'learnFaster':
      control.haste = command.factor
      control.hasteUntilEvents = Math.min(model.trainedEvents + command.events, Number.MAX_SAFE_INTEGER)
      return
    case 'refit':
      yield* upkeepSteps(model)
      return
    case 'rollback':
      restore(model, target!)
      if (by === policy) control.rolledBackAtWindow = drift.closed
      return
    case 'ask': {
      const asked = { driftNumber, kind: command.asks!, targetVersion: command.targetVersion }
      control.asked = [...control.asked, asked].slice(-mostAsked)
      return
    }
    case 'reject':
      return
    case 'reference':
      takeReference(model, target!.drift, control.budget / target!.control.budget)
      return
    case 'pin':
      control.pinned = [...control.pinned, command.targetVersion].sort((a, b) => a - b)
      return
    case 'unpin':
      control.pinned = control.pinned.filter((pinned) => pinned !== command.targetVersion)
      return
    case 'budget':
      setBudget(model, command.budget)
      return
    case 'reseed':
      yield* reseedSteps(model)
      return
  }
}
