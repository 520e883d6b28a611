/** The upkeep's part of a model as bytes. */

import { areImportances, areKept, type Reservoir, reservoirOf, sampleOf } from '../upkeep/reservoir.ts'
import { leastDrawn } from '../upkeep/sampling.ts'
import { type ClusterChange, changeKinds, type Upkeep } from '../upkeep/upkeep.ts'
import { areWithin } from '../within.ts'
import type { AvroReader } from './avro-reader.ts'
import type { AvroWriter } from './avro-writer.ts'

export function writeUpkeep(writer: AvroWriter, upkeep: Upkeep): void {
  const { reservoir } = upkeep
  const { drawn, importance, clocks, rows } = sampleOf(reservoir)
  writer.double(upkeep.clock)
  writer.int(upkeep.nextId)
  writer.doubles(upkeep.support)
  writer.longs(upkeep.shapedVersions)
  writer.double(upkeep.farShare)
  writer.long(upkeep.intervalEvents)
  writer.long(upkeep.nextAtEvents)
  writer.array(upkeep.changes, writeChange)
  writer.doubles(upkeep.stretch)
  writer.doubles(upkeep.fixedScale)
  writer.int(reservoir.capacity)
  writer.doubles(reservoir.origin)
  writer.doubles(reservoir.unit)
  writer.floats(drawn)
  writer.floats(importance)
  writer.doubles(clocks)
  writer.floats(rows)
}

function writeChange(writer: AvroWriter, { version, kind, id, weight, relatives }: ClusterChange): void {
  writer.long(version)
  writer.symbol(changeKinds, kind)
  writer.int(id)
  writer.double(weight)
  writer.array(relatives, writeRelative)
}

/** Reads what `writeUpkeep` wrote, for k clusters of d columns. */
export function readUpkeep(reader: AvroReader, k: number, d: number): Upkeep {
  return {
    clock: reader.double(),
    nextId: reader.int(),
    support: reader.doubles(k),
    shapedVersions: reader.longs(k),
    farShare: reader.double(),
    intervalEvents: reader.long(),
    nextAtEvents: reader.long(),
    changes: reader.array(12, readChange),
    stretch: reader.doubles(d),
    fixedScale: reader.doubles(d),
    reservoir: readReservoir(reader, d),
  }
}

function readReservoir(reader: AvroReader, d: number): Reservoir {
  const capacity = reader.int()
  const origin = reader.doubles(d)
  const unit = reader.doubles(d)
  const drawn = reader.floats()
  const importance = reader.floats(drawn.length)
  const clocks = reader.doubles(drawn.length)
  return reservoirOf(capacity, origin, unit, { drawn, importance, clocks, rows: reader.floats(drawn.length * d) })
}

function readChange(reader: AvroReader): ClusterChange {
  return {
    version: reader.long(),
    kind: reader.symbol(changeKinds),
    id: reader.int(),
    weight: reader.double(),
    relatives: reader.array(9, readRelative),
  }
}

type Relative = ClusterChange['relatives'][number]

function writeRelative(writer: AvroWriter, { id, weight }: Relative): void {
  writer.int(id)
  writer.double(weight)
}

function readRelative(reader: AvroReader): Relative {
  return { id: reader.int(), weight: reader.double() }
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
  const { capacity, origin, unit } = reservoir
  const { drawn, importance, clocks, rows } = sampleOf(reservoir)
  if (!(capacity >= 1 && drawn.length <= capacity)) return `its sample must have room: ${drawn.length} in ${capacity}`
  if (!areWithin(drawn, leastDrawn, 0)) return 'each of its sampled rows must have drawn'
  if (!areImportances(importance)) return 'its sampled rows must have an importance each'
  if (!areWithin(clocks, 0, clock)) return 'its sampled rows must be of its past'
  if (!areKept(rows)) return 'its sampled rows must be finite'
  if (!origin.every(Number.isFinite)) return 'the origin of its sample must be finite'
  return unit.every(isScale) ? null : 'its units must be above 0'
}

function isScale(size: number): boolean {
  return size > 0 && size < Number.POSITIVE_INFINITY
}
