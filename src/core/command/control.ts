/** What a model remembers of commands, and which version a rollback would lead to: a part of it, like all that the log says. */
import type { Model } from '../model/model.ts'
import type { AskableKind, Command } from './command.ts'

/** Windows that must have been calm since a version, so that nothing of a drift that is found late is in it. */
export const calmWindows = 16
/** Windows between two rollbacks by policy: whatever comes back after the first is for a person to judge. */
export const rollbackEveryWindows = 100
export const mostUndone = 16
export const mostAsked = 8
export const mostDeeds = 32
export const mostPinned = 64

/** Learning stands still. */
export interface Frozen {
  readonly sinceVersion: number
  readonly byPolicy: boolean
  /** The drift that it is for; 0: none. */
  readonly driftNumber: number
}

/** Versions after `from` up to `to`: what they had learned has been rolled back. */
export interface Undone {
  readonly from: number
  readonly to: number
}

/** What waits for a person's answer. */
export interface Asked {
  readonly driftNumber: number
  readonly kind: AskableKind
  /** Where a rollback would lead. */
  readonly targetVersion: number
}

/** A command that the fold has come to. */
export interface Deed
  extends Pick<Command, 'kind' | 'reason' | 'by' | 'atMs' | 'driftNumber' | 'targetVersion' | 'asks' | 'budget'> {
  /** The version that it made. */
  readonly version: number
  /** Why it was not obeyed; empty: it was. */
  readonly refused: string
  /** Of `learnFaster`. */
  readonly factor: number
  readonly events: number
}

/** Replaced field by field by `fold`. */
export interface Control {
  frozen: Frozen | null
  /** The half-life is divided by this until so many events are trained. */
  haste: number
  hasteUntilEvents: number
  /** Versions in which the last windows closed, all calm, oldest first. */
  calm: readonly number[]
  /** The newest version after which `calmWindows` windows were calm; the birth until then. */
  healthyVersion: number
  undone: readonly Undone[]
  /** Windows that had closed when policy rolled back last; -1: it never did. */
  rolledBackAtWindow: number
  asked: readonly Asked[]
  /** The last ones, oldest first. */
  deeds: readonly Deed[]
  /** The share of events that may be called anomalous. */
  budget: number
  /** Versions that are kept until they are unpinned, ascending. */
  pinned: readonly number[]
}

/** @param budget that which the model is born with. */
export function firstControl(budget: number): Control {
  return {
    frozen: null,
    haste: 1,
    hasteUntilEvents: 0,
    calm: [],
    healthyVersion: 1,
    undone: [],
    rolledBackAtWindow: -1,
    asked: [],
    deeds: [],
    budget,
    pinned: [],
  }
}

/** Deeds of versions after `version`, oldest first. */
export function deedsSince({ deeds }: Control, version: number): readonly Deed[] {
  return deeds.filter((deed) => deed.version > version)
}

/** Events after which an old one counts half, now. */
export function halfLifeNow({ halfLifeEvents, trainedEvents, control }: Model): number {
  return trainedEvents < control.hasteUntilEvents ? halfLifeEvents / control.haste : halfLifeEvents
}

/** Notes a window that has closed (IN and OUT: `model`), if there was nothing to be seen in it. */
export function noteCalm({ control, drift, quality, version }: Model): void {
  const isOpen = drift.open !== null || quality.watch.open > 0
  if (isOpen) control.calm = []
  if (isOpen || drift.waited > 0) return
  control.calm = [...control.calm, version]
  if (control.calm.length <= calmWindows) return
  control.healthyVersion = control.calm[0]
  control.calm = control.calm.slice(1)
}

/** Why policy may not roll back again yet, in a sentence, or null. */
export function refusalOfRollback({ control, drift }: Model): string | null {
  const since = drift.closed - control.rolledBackAtWindow
  if (control.rolledBackAtWindow < 0 || since >= rollbackEveryWindows) return null
  return `${rollbackEveryWindows} windows must lie between two rollbacks by policy: ${since} have closed since the last`
}

/** Whether a version is one that a rollback has led away from. */
export function isUndone({ undone }: Control, version: number): boolean {
  return undone.some(({ from, to }) => version > from && version <= to)
}

/** Whether a question about the drift waits for an answer. */
export function isAsked({ asked }: Control, driftNumber: number): boolean {
  return asked.some((of) => of.driftNumber === driftNumber)
}
