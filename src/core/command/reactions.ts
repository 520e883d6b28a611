/** What is done about a drift, by policy: a function of the model in which it was found, so that whoever folds decides alike. */
import type { DriftFinding, DriftKind } from '../drift/finding.ts'
import type { Model } from '../model/model.ts'
import type { AskableKind, Command } from './command.ts'
import { isUndone, refusalOfRollback } from './control.ts'

/** `tell`: nothing but the event. */
export const reactionKinds = ['tell', 'learnFaster', 'refit', 'freeze', 'rollback', 'ask'] as const
export type ReactionKind = (typeof reactionKinds)[number]

/** The kinds that something can be done about. */
export type FoundKind = Exclude<DriftKind, 'cleared'>

export interface ReactionPolicy {
  readonly of: { readonly [K in FoundKind]: ReactionKind }
  /** What `ask` asks for. */
  readonly asked: AskableKind
  /** Of `learnFaster`. */
  readonly factor: number
  readonly events: number
}

export const reactionDefaults: ReactionPolicy = {
  of: {
    sudden: 'tell',
    gradual: 'tell',
    recurring: 'tell',
    featureOnly: 'tell',
    newCluster: 'tell',
    lostCluster: 'tell',
    qualityDrop: 'tell',
  },
  asked: 'rollback',
  factor: 100,
  events: 20_000,
}

/** A command to be given, but for its time and, of a rollback, the version's bytes. */
export type Reaction = Pick<Command, 'kind' | 'reason' | 'driftNumber' | 'factor' | 'events' | 'asks' | 'targetVersion'>

/** The reactions to a finding of this very version of the model, in their order. */
export function reactionsTo(policy: ReactionPolicy, model: Model, finding: DriftFinding): readonly Reaction[] {
  const { control, drift } = model
  const { kind, number, detector } = finding
  const plain = { driftNumber: number, factor: 1, events: 0, asks: null, targetVersion: 0 }
  if (kind === 'cleared') {
    const isOver = drift.open === null && !finding.accepted && control.frozen?.byPolicy === true
    return isOver ? [{ ...plain, kind: 'resume', reason: `drift ${number} is over: the events are as they were` }] : []
  }
  const reason = `drift ${number} is ${kind}, seen by ${detector}`
  const freeze: Reaction[] = control.frozen === null ? [{ ...plain, kind: 'freeze', reason }] : []
  const ask = (asks: AskableKind): Reaction => {
    return { ...plain, kind: 'ask', reason, asks, targetVersion: asks === 'rollback' ? control.healthyVersion : 0 }
  }
  switch (policy.of[kind]) {
    case 'tell':
      return []
    case 'learnFaster':
      return control.frozen !== null
        ? []
        : [{ ...plain, kind: 'learnFaster', reason, factor: policy.factor, events: policy.events }]
    case 'refit':
      return control.frozen !== null ? [] : [{ ...plain, kind: 'refit', reason }]
    case 'freeze':
      return freeze
    case 'rollback':
      // What is rolled back would otherwise be learned again: the events have not changed back.
      return mayRollBack(model)
        ? [{ ...plain, kind: 'rollback', reason, targetVersion: control.healthyVersion }, ...freeze]
        : [ask('rollback')]
    case 'ask':
      return [ask(policy.asked)]
  }
}

/** The guard against going to and fro: once in so many windows, and never to what has been left by a rollback. */
function mayRollBack(model: Model): boolean {
  const { control } = model
  return refusalOfRollback(model) === null && !isUndone(control, control.healthyVersion)
}
