/** What a command does to the model, in log order like every update. */
import { takeReference } from '../drift/given.ts'
import type { Steps } from '../kmeans/steps.ts'
import type { FoldOutcome } from '../model/fold.ts'
import type { Model } from '../model/model.ts'
import { upkeepSteps } from '../upkeep/upkeep-step.ts'
import { type Command, policy } from './command.ts'
import { type Deed, isAsked, mostAsked, mostDeeds } from './control.ts'
import { restore, targetOf } from './restoration.ts'

/** Windows between two rollbacks by policy: whatever comes back after the first is for a person to judge. */
export const rollbackEveryWindows = 100

/**
 * Obeys the command at `offset` (IN and OUT: `model`), or refuses it; either is remembered, and told. The fold is the last
 * judge: when a command was given, others may have stood before it in the log.
 */
export function* foldCommandSteps(model: Model, command: Command, offset: number): Steps<FoldOutcome> {
  model.version += 1
  model.nextUpdateOffset = offset + 1
  if (command.bornAtMs !== model.bornAtMs) return 'foreign'
  const refused = refusalOf(model, command)
  if (refused === null) yield* obeySteps(model, command)
  const { kind, reason, by, atMs, driftNumber, targetVersion, asks, factor, events } = command
  const given = { kind, reason, by, atMs, driftNumber, targetVersion, asks, factor, events }
  const deed: Deed = { ...given, version: model.version, refused: refused ?? '' }
  model.control.deeds = [...model.control.deeds, deed].slice(-mostDeeds)
  return refused === null ? 'obeyed' : 'declined'
}

/** Why a command makes no sense now, in a sentence, or null. */
export function refusalOf(model: Model, command: Command): string | null {
  const { control, drift } = model
  const { kind, by, driftNumber } = command
  const isAnswer = by !== policy && driftNumber > 0 && kind !== 'ask'
  // A rollback that was approved is followed by a freeze for the same drift.
  const isAnswered = kind === 'freeze' && control.deeds.some((deed) => isApproval(deed, command))
  if (isAnswer && !isAnswered && !isAsked(control, driftNumber)) {
    return `drift ${driftNumber} must wait for an answer: it does not`
  }
  switch (kind) {
    case 'freeze':
      return control.frozen === null
        ? null
        : `learning must go on: it has stood still since version ${control.frozen.sinceVersion}`
    case 'resume':
      return control.frozen === null ? 'learning must stand still: it does not' : null
    case 'learnFaster':
    case 'refit':
      return control.frozen === null ? null : 'learning must go on: it stands still'
    case 'rollback': {
      const since = drift.closed - control.rolledBackAtWindow
      if (by === policy && control.rolledBackAtWindow >= 0 && since < rollbackEveryWindows) {
        return `${rollbackEveryWindows} windows must lie between two rollbacks by policy: ${since} have closed since the last`
      }
      const target = targetOf(model, command)
      return 'refused' in target ? target.refused : null
    }
    case 'ask':
      return isAsked(control, driftNumber)
        ? `drift ${driftNumber} must not have been asked about: it waits already`
        : null
    case 'reject':
      return null
    case 'reference': {
      const target = targetOf(model, command)
      if ('refused' in target) return target.refused
      return target.value.drift.reference.windows > 0 ? null : 'its reference must be of a window at least'
    }
  }
}

function isApproval(deed: Deed, { by, driftNumber }: Command): boolean {
  return deed.kind === 'rollback' && deed.refused === '' && deed.by === by && deed.driftNumber === driftNumber
}

function* obeySteps(model: Model, command: Command): Steps<void> {
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
      restore(model, command)
      if (by === policy) control.rolledBackAtWindow = drift.closed
      return
    case 'ask': {
      const asked = { driftNumber, kind: command.asks!, targetVersion: command.targetVersion }
      control.asked = [...control.asked, asked].slice(-mostAsked)
      return
    }
    case 'reject':
      return
    case 'reference': {
      const target = targetOf(model, command)
      if ('value' in target) takeReference(model, target.value.drift)
      return
    }
  }
}
