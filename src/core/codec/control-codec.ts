/** What a model remembers of commands, as bytes. */
import { askableKinds, commandKinds, isBudget, mostBudget } from '../command/command.ts'
import {
  type Asked,
  type Control,
  calmWindows,
  type Deed,
  type Frozen,
  mostAsked,
  mostDeeds,
  mostPinned,
  mostUndone,
  type Undone,
} from '../command/control.ts'
import type { AvroReader } from './avro-reader.ts'
import type { AvroWriter } from './avro-writer.ts'

export function writeControl(writer: AvroWriter, control: Control): void {
  writer.noneOrOne(control.frozen, writeFrozen)
  writer.double(control.haste)
  writer.long(control.hasteUntilEvents)
  writer.array(control.calm, (to, version) => to.long(version))
  writer.long(control.healthyVersion)
  writer.array(control.undone, writeUndone)
  writer.long(control.rolledBackAtWindow)
  writer.array(control.asked, writeAsked)
  writer.array(control.deeds, writeDeed)
  writer.double(control.budget)
  writer.array(control.pinned, (to, version) => to.long(version))
}

export function readControl(reader: AvroReader): Control {
  return {
    frozen: reader.noneOrOne(3, readFrozen),
    haste: reader.double(),
    hasteUntilEvents: reader.long(),
    calm: reader.array(1, (from) => from.long()),
    healthyVersion: reader.long(),
    undone: reader.array(2, readUndone),
    rolledBackAtWindow: reader.long(),
    asked: reader.array(3, readAsked),
    deeds: reader.array(leastDeed, readDeed),
    budget: reader.double(),
    pinned: reader.array(1, (from) => from.long()),
  }
}

function writeFrozen(writer: AvroWriter, { sinceVersion, byPolicy, driftNumber }: Frozen): void {
  writer.long(sinceVersion)
  writer.boolean(byPolicy)
  writer.long(driftNumber)
}

function readFrozen(reader: AvroReader): Frozen {
  return { sinceVersion: reader.long(), byPolicy: reader.boolean(), driftNumber: reader.long() }
}

function writeUndone(writer: AvroWriter, { from, to }: Undone): void {
  writer.long(from)
  writer.long(to)
}

function readUndone(reader: AvroReader): Undone {
  return { from: reader.long(), to: reader.long() }
}

function writeAsked(writer: AvroWriter, { driftNumber, kind, targetVersion }: Asked): void {
  writer.long(driftNumber)
  writer.symbol(askableKinds, kind)
  writer.long(targetVersion)
}

function readAsked(reader: AvroReader): Asked {
  return { driftNumber: reader.long(), kind: reader.symbol(askableKinds), targetVersion: reader.long() }
}

/** Bytes of a deed without texts. */
const leastDeed = 26

function writeDeed(writer: AvroWriter, deed: Deed): void {
  writer.long(deed.version)
  writer.symbol(commandKinds, deed.kind)
  writer.string(deed.refused)
  writer.string(deed.reason)
  writer.string(deed.by)
  writer.long(deed.atMs)
  writer.long(deed.driftNumber)
  writer.long(deed.targetVersion)
  writer.int(deed.asks === null ? -1 : askableKinds.indexOf(deed.asks))
  writer.double(deed.factor)
  writer.long(deed.events)
  writer.double(deed.budget)
}

function readDeed(reader: AvroReader): Deed {
  return {
    version: reader.long(),
    kind: reader.symbol(commandKinds),
    refused: reader.string(),
    reason: reader.string(),
    by: reader.string(),
    atMs: reader.long(),
    driftNumber: reader.long(),
    targetVersion: reader.long(),
    asks: readAsks(reader),
    factor: reader.double(),
    events: reader.long(),
    budget: reader.double(),
  }
}

function readAsks(reader: AvroReader): Deed['asks'] {
  const index = reader.int()
  if (index < -1 || index >= askableKinds.length) reader.fail()
  return askableKinds[index] ?? null
}

/** What no fold gives, or null. */
export function problemOfControl(control: Control): string | null {
  const { calm, undone, asked, deeds, haste, budget, pinned } = control
  const isDivided = haste >= 1 && haste < Number.POSITIVE_INFINITY
  if (!(isDivided && deeds.every(({ factor }) => Number.isFinite(factor)))) {
    return 'what its half-life is divided by must be at least 1'
  }
  if (!(isBudget(budget) && deeds.every((deed) => deed.budget === 0 || isBudget(deed.budget)))) {
    return `its budget must be above 0 and at most ${mostBudget}`
  }
  const isAscending = pinned.every((version, i) => version > (pinned[i - 1] ?? 0))
  if (!(isAscending && pinned.length <= mostPinned)) return 'its pinned versions must be few, and in their order'
  if (!(control.hasteUntilEvents >= 0 && control.rolledBackAtWindow >= -1)) {
    return 'its commands must hold for some events'
  }
  if (!(control.healthyVersion >= 1 && calm.every((version) => version >= 1))) {
    return 'its healthy versions must be of it'
  }
  const isShort = calm.length <= calmWindows && undone.length <= mostUndone
  const isRecent = asked.length <= mostAsked && deeds.length <= mostDeeds
  return isShort && isRecent ? null : 'it must remember the last commands only'
}
