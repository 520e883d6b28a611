/** The upkeep's part of a model as bytes. */

import { isImportance, isKept, type Reservoir } from '../upkeep/reservoir.ts'
import { leastDrawn } from '../upkeep/sampling.ts'
import { type ClusterChange, changeKinds, type Upkeep } from '../upkeep/upkeep.ts'
import type { AvroReader, AvroWriter } from './avro-bytes.ts'

export function writeUpkeep(writer: AvroWriter, upkeep: Upkeep): void {
  const { reservoir } = upkeep
  writer.double(upkeep.clock)
  writer.int(upkeep.nextId)
  writer.doubles(upkeep.support)
  writer.arrayBegin(upkeep.shapedVersions.length)
  for (const version of upkeep.shapedVersions) writer.long(version)
  writer.arrayEnd()
  writer.double(upkeep.farShare)
  writer.long(upkeep.intervalEvents)
  writer.long(upkeep.nextAtEvents)
  writer.arrayBegin(upkeep.changes.length)
  for (const change of upkeep.changes) writeChange(writer, change)
  writer.arrayEnd()
  writer.doubles(upkeep.stretch)
  writer.doubles(upkeep.fixedScale)
  writer.int(reservoir.capacity)
  writer.doubles(reservoir.origin)
  writer.doubles(reservoir.unit)
  writer.floats(reservoir.drawn)
  writer.floats(reservoir.importance)
  writer.doubles(reservoir.clocks)
  writer.floats(reservoir.rows)
}

function writeChange(writer: AvroWriter, { version, kind, id, weight, relatives }: ClusterChange): void {
  writer.long(version)
  writer.int(changeKinds.indexOf(kind))
  writer.int(id)
  writer.double(weight)
  writer.arrayBegin(relatives.length)
  for (const relative of relatives) {
    writer.int(relative.id)
    writer.double(relative.weight)
  }
  writer.arrayEnd()
}

/** Reads what `writeUpkeep` wrote, for k clusters of d columns. */
export function readUpkeep(reader: AvroReader, k: number, d: number): Upkeep {
  const clock = reader.double()
  const nextId = reader.int()
  const support = reader.doubles(k)
  const shaped: number[] = []
  for (let n = reader.arrayBlock(1); n > 0; n = reader.arrayBlock(1)) {
    for (let i = 0; i < n; i++) shaped.push(reader.long())
  }
  if (shaped.length !== k) reader.fail()
  const farShare = reader.double()
  const intervalEvents = reader.long()
  const nextAtEvents = reader.long()
  const changes: ClusterChange[] = []
  for (let n = reader.arrayBlock(12); n > 0; n = reader.arrayBlock(12)) {
    for (let i = 0; i < n; i++) changes.push(readChange(reader))
  }
  const stretch = reader.doubles(d)
  const fixedScale = reader.doubles(d)
  const reservoir = readReservoir(reader, d)
  return {
    clock,
    nextId,
    support,
    shapedVersions: Float64Array.from(shaped),
    farShare,
    intervalEvents,
    nextAtEvents,
    changes,
    stretch,
    fixedScale,
    reservoir,
  }
}

function readReservoir(reader: AvroReader, d: number): Reservoir {
  const capacity = reader.int()
  const origin = reader.doubles(d)
  const unit = reader.doubles(d)
  const drawn = reader.floats()
  const importance = reader.floats(drawn.length)
  const clocks = reader.doubles(drawn.length)
  return { capacity, origin, unit, drawn, importance, clocks, rows: reader.floats(drawn.length * d) }
}

function readChange(reader: AvroReader): ClusterChange {
  const version = reader.long()
  const kind = changeKinds[reader.int()]
  if (kind === undefined) reader.fail()
  const id = reader.int()
  const weight = reader.double()
  const relatives: { id: number; weight: number }[] = []
  for (let n = reader.arrayBlock(9); n > 0; n = reader.arrayBlock(9)) {
    for (let i = 0; i < n; i++) relatives.push({ id: reader.int(), weight: reader.double() })
  }
  return { version, kind, id, weight, relatives }
}

/** What no fold gives, or null: see `problemOf` of the model. */
export function problemOfUpkeep(upkeep: Upkeep, ids: Int32Array): string | null {
  const { reservoir, clock, support, nextId } = upkeep
  if (!(clock >= 0 && clock < Number.POSITIVE_INFINITY)) return 'its half-lives passed must be a number from 0'
  if (new Set(ids).size < ids.length || !ids.every((id) => id >= 0 && id < nextId)) {
    return `its clusters must have ids of their own below ${nextId}`
  }
  const isCount = (count: number) => count >= 0 && count < Number.POSITIVE_INFINITY
  if (!support.every(isCount)) return 'what its centroids rest on must be counts of events'
  if (!(upkeep.intervalEvents >= 1 && upkeep.nextAtEvents >= 0)) return 'its upkeep must be due after some events'
  if (!(upkeep.farShare >= 0 && upkeep.farShare <= 1)) return 'its share of far events must be one'
  if (!upkeep.stretch.every(isScale)) return 'the stretch of its columns must be above 0'
  if (!upkeep.fixedScale.every((scale) => scale === 0 || isScale(scale))) return 'its fixed spreads must be above 0'
  return problemOfReservoir(reservoir, clock)
}

function problemOfReservoir(reservoir: Reservoir, clock: number): string | null {
  const { capacity, origin, unit, drawn, importance, clocks, rows } = reservoir
  if (!(capacity >= 1 && drawn.length <= capacity)) return `its sample must have room: ${drawn.length} in ${capacity}`
  if (!drawn.every((number) => number <= 0 && number >= leastDrawn)) return 'each of its sampled rows must have drawn'
  if (!importance.every(isImportance)) return 'its sampled rows must have an importance each'
  if (!clocks.every((at) => at >= 0 && at <= clock)) return 'its sampled rows must be of its past'
  if (!rows.every(isKept)) return 'its sampled rows must be finite'
  if (!origin.every(Number.isFinite)) return 'the origin of its sample must be finite'
  return unit.every(isScale) ? null : 'its units must be above 0'
}

function isScale(size: number): boolean {
  return size > 0 && size < Number.POSITIVE_INFINITY
}
