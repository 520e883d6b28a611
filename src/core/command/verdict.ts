/** Whether a command makes sense to the model as it is now. */
import type { Model } from '../model/model.ts'
import { sampleOf } from '../upkeep/reservoir.ts'
import { hasIdsLeft, leastRowsPerCluster } from '../upkeep/upkeep-step.ts'
import { type Command, carriesVersion, policy } from './command.ts'
import { type Deed, isAsked, mostPinned, refusalOfRollback } from './control.ts'
import { targetOf } from './restoration.ts'

/** A command may be obeyed, with the version that it carries if it is of a kind that carries one; or why not, in a sentence. */
type Verdict = { readonly target: Model | null } | { readonly refused: string }

/** Judges a command of this life of the model. */
export function verdictOf(model: Model, command: Command): Verdict {
  const refused = refusalOfKind(model, command)
  if (refused !== null) return { refused }
  if (!carriesVersion(command.kind)) return { target: null }
  const target = targetOf(model, command)
  if ('refused' in target) return target
  if (command.kind === 'reference' && !(target.value.drift.reference.windows > 0)) {
    return { refused: 'its reference must be of a window at least' }
  }
  return { target: target.value }
}

/** Why a command makes no sense now, in a sentence, or null. */
export function refusalOf(model: Model, command: Command): string | null {
  const verdict = verdictOf(model, command)
  return 'refused' in verdict ? verdict.refused : null
}

/** The same, whatever version it carries. */
function refusalOfKind(model: Model, command: Command): string | null {
  const { control } = model
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
      return refusalWhenFrozen(model)
    case 'refit':
    case 'reseed':
      return refusalWhenFrozen(model) ?? refusalOfNewClusters(model, kind)
    case 'rollback':
      return by === policy ? refusalOfRollback(model) : null
    case 'ask':
      return isAsked(control, driftNumber)
        ? `drift ${driftNumber} must not have been asked about: it waits already`
        : null
    case 'reject':
    case 'reference':
      return null
    case 'pin':
      return refusalOfPin(model, command.targetVersion)
    case 'unpin':
      return control.pinned.includes(command.targetVersion)
        ? null
        : `version ${command.targetVersion} must be pinned: it is not`
    case 'budget':
      return command.budget === control.budget
        ? `the budget must be another one: it is ${control.budget} already`
        : null
  }
}

function refusalWhenFrozen({ control }: Model): string | null {
  return control.frozen === null ? null : 'learning must go on: it stands still'
}

function refusalOfNewClusters(model: Model, kind: 'refit' | 'reseed'): string | null {
  if (!hasIdsLeft(model)) return 'there must be ids left for new clusters: none are'
  const rows = sampleOf(model.upkeep.reservoir).drawn.length
  const least = leastRowsPerCluster * model.k
  return kind === 'refit' || rows >= least ? null : `its sample must have ${least} rows: it has ${rows}`
}

/** Which versions are kept is not for the fold to know: whoever gives the command has seen that it is. */
function refusalOfPin({ version, control: { pinned } }: Model, target: number): string | null {
  if (target >= version) return `a pinned version must be one before ${version}: got ${target}`
  if (pinned.includes(target)) return `version ${target} must not be pinned: it is already`
  return pinned.length < mostPinned ? null : `at most ${mostPinned} versions may be pinned: unpin one of them first`
}

function isApproval(deed: Deed, { by, driftNumber }: Command): boolean {
  return deed.kind === 'rollback' && deed.refused === '' && deed.by === by && deed.driftNumber === driftNumber
}
