/** A small model, and commands that are given to it. */

import { encodeModel } from '../../../src/core/codec/model-codec.ts'
import { type Command, type CommandKind, carriesVersion, commandOf, policy } from '../../../src/core/command/command.ts'
import { foldCommandSteps } from '../../../src/core/command/obey.ts'
import { finish } from '../../../src/core/kmeans/steps.ts'
import type { FoldOutcome } from '../../../src/core/model/fold.ts'
import type { Model } from '../../../src/core/model/model.ts'
import { sampleOf } from '../../../src/core/upkeep/reservoir.ts'
import { bornFrom, clusteredRows, numericPlan } from '../model/sample-model.ts'

export const d = 2
const rows = clusteredRows(12_000, d, 3, 1)
export const rowsOf = (from: number, n: number) => rows.slice(from * d, (from + n) * d)
export const born = bornFrom(numericPlan(d), rowsOf(0, 600), 600, 3)
export const fresh = (): Model => structuredClone(born)

/** Lets the model (IN and OUT) come to a command. */
export function given(model: Model, kind: CommandKind, more: Partial<Command> = {}): FoldOutcome {
  const command = commandOf(kind, { bornAtMs: model.bornAtMs, reason: 'a test', by: 'Zoë', atMs: 1, ...more })
  return finish(foldCommandSteps(model, command, model.nextUpdateOffset))
}

export const refusal = (model: Model) => model.control.deeds.at(-1)?.refused

/** What a command of the kind must have to make sense, with a version to lead to. */
export function sensible(kind: CommandKind, target: Model, budget: number): Partial<Command> {
  return {
    ...(kind === 'learnFaster' ? { factor: 3, events: 700 } : {}),
    ...(carriesVersion(kind) ? backTo(target) : {}),
    ...(kind === 'ask' || kind === 'reject' ? { driftNumber: 1, by: policy } : {}),
    ...(kind === 'ask' ? { asks: 'freeze' as const } : {}),
    ...(kind === 'pin' || kind === 'unpin' ? { targetVersion: 1 } : {}),
    ...(kind === 'budget' ? { budget } : {}),
  }
}

/** A command to go back to what the model is now. */
export function backTo(model: Model): Partial<Command> {
  return { target: encodeModel(model), targetVersion: model.version }
}

/** All that a model has learned, and nothing of where in the log it is. */
export function learned(model: Model) {
  const { clusters, ids, bornVersions, whole, floor, rarity, usual, features, upkeep, quality } = model
  const { clock, support, farShare, reservoir } = upkeep
  const rest = { quality, clock, support, farShare, sample: sampleOf(reservoir), current: features.current }
  return structuredClone({ clusters, ids, bornVersions, whole, floor, rarity, places: usual.places, ...rest })
}
