/** What a model remembers of commands, as bytes. */
import { askableKinds, commandKinds } from '../command/command.ts'
import {
  type Asked,
  type Control,
  calmWindows,
  type Deed,
  type Frozen,
  mostAsked,
  mostDeeds,
  mostUndone,
} from '../command/control.ts'
import type { AvroReader, AvroWriter } from './avro-bytes.ts'

export function writeControl(writer: AvroWriter, control: Control): void {
  const { frozen } = control
  writer.arrayBegin(frozen === null ? 0 : 1)
  if (frozen !== null) {
    writer.long(frozen.sinceVersion)
    writer.boolean(frozen.byPolicy)
    writer.long(frozen.driftNumber)
  }
  writer.arrayEnd()
  writer.double(control.haste)
  writer.long(control.hasteUntilEvents)
  writer.arrayBegin(control.calm.length)
  for (const version of control.calm) writer.long(version)
  writer.arrayEnd()
  writer.long(control.healthyVersion)
  writer.arrayBegin(control.undone.length)
  for (const { from, to } of control.undone) {
    writer.long(from)
    writer.long(to)
  }
  writer.arrayEnd()
  writer.long(control.rolledBackAtWindow)
  writer.arrayBegin(control.asked.length)
  for (const { driftNumber, kind, targetVersion } of control.asked) {
    writer.long(driftNumber)
    writer.int(askableKinds.indexOf(kind))
    writer.long(targetVersion)
  }
  writer.arrayEnd()
  writer.arrayBegin(control.deeds.length)
  for (const deed of control.deeds) writeDeed(writer, deed)
  writer.arrayEnd()
}

export function readControl(reader: AvroReader): Control {
  return {
    frozen: readFrozen(reader),
    haste: reader.double(),
    hasteUntilEvents: reader.long(),
    calm: readAll(reader, 1, () => reader.long()),
    healthyVersion: reader.long(),
    undone: readAll(reader, 2, () => ({ from: reader.long(), to: reader.long() })),
    rolledBackAtWindow: reader.long(),
    asked: readAll(reader, 3, () => readAsked(reader)),
    deeds: readAll(reader, leastDeed, () => readDeed(reader)),
  }
}

function readAll<T>(reader: AvroReader, leastBytes: number, read: () => T): T[] {
  const all: T[] = []
  for (let n = reader.arrayBlock(leastBytes); n > 0; n = reader.arrayBlock(leastBytes)) {
    for (let i = 0; i < n; i++) all.push(read())
  }
  return all
}

function readFrozen(reader: AvroReader): Frozen | null {
  const all = readAll(reader, 3, () => ({
    sinceVersion: reader.long(),
    byPolicy: reader.boolean(),
    driftNumber: reader.long(),
  }))
  if (all.length > 1) reader.fail()
  return all[0] ?? null
}

function readAsked(reader: AvroReader): Asked {
  const driftNumber = reader.long()
  const kind = askableKinds[reader.int()]
  if (kind === undefined) reader.fail()
  return { driftNumber, kind, targetVersion: reader.long() }
}

/** Bytes of a deed without texts. */
const leastDeed = 18

function writeDeed(writer: AvroWriter, deed: Deed): void {
  writer.long(deed.version)
  writer.int(commandKinds.indexOf(deed.kind))
  writer.string(deed.refused)
  writer.string(deed.reason)
  writer.string(deed.by)
  writer.long(deed.atMs)
  writer.long(deed.driftNumber)
  writer.long(deed.targetVersion)
  writer.int(deed.asks === null ? -1 : askableKinds.indexOf(deed.asks))
  writer.double(deed.factor)
  writer.long(deed.events)
}

function readDeed(reader: AvroReader): Deed {
  const version = reader.long()
  const kind = commandKinds[reader.int()]
  if (kind === undefined) reader.fail()
  return {
    version,
    kind,
    refused: reader.string(),
    reason: reader.string(),
    by: reader.string(),
    atMs: reader.long(),
    driftNumber: reader.long(),
    targetVersion: reader.long(),
    asks: readAsks(reader),
    factor: reader.double(),
    events: reader.long(),
  }
}

function readAsks(reader: AvroReader): Deed['asks'] {
  const index = reader.int()
  if (index < -1 || index >= askableKinds.length) reader.fail()
  return askableKinds[index] ?? null
}

/** What no fold gives, or null. */
export function problemOfControl(control: Control): string | null {
  const { calm, undone, asked, deeds, haste } = control
  const isDivided =
    haste >= 1 && haste < Number.POSITIVE_INFINITY && deeds.every((deed) => Number.isFinite(deed.factor))
  if (!isDivided) return 'what its half-life is divided by must be at least 1'
  if (!(control.hasteUntilEvents >= 0 && control.rolledBackAtWindow >= -1))
    return 'its commands must hold for some events'
  if (!(control.healthyVersion >= 1 && calm.every((version) => version >= 1)))
    return 'its healthy versions must be of it'
  const fits =
    calm.length <= calmWindows && undone.length <= mostUndone && asked.length <= mostAsked && deeds.length <= mostDeeds
  return fits ? null : 'it must remember the last commands only'
}
