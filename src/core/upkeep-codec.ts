/** The upkeep's part of a model as bytes. */
import type { AvroReader, AvroWriter } from './avro-bytes.ts'
import { farthestKept } from './reservoir.ts'
import { type ClusterChange, changeKinds, type Upkeep } from './upkeep.ts'

export function writeUpkeep(writer: AvroWriter, upkeep: Upkeep): void {
  const { reservoir } = upkeep
  writer.double(upkeep.clock)
  writer.int(upkeep.nextId)
  writer.doubles(upkeep.support)
  writer.arrayBegin(upkeep.shapedVersions.length)
  for (const version of upkeep.shapedVersions) writer.long(version)
  writer.arrayEnd()
  writer.long(upkeep.intervalEvents)
  writer.long(upkeep.nextAtEvents)
  writer.arrayBegin(upkeep.changes.length)
  for (const change of upkeep.changes) writeChange(writer, change)
  writer.arrayEnd()
  writer.int(reservoir.capacity)
  writer.doubles(reservoir.origin)
  writer.doubles(reservoir.unit)
  writer.doubles(reservoir.keys)
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
  const intervalEvents = reader.long()
  const nextAtEvents = reader.long()
  const changes: ClusterChange[] = []
  for (let n = reader.arrayBlock(12); n > 0; n = reader.arrayBlock(12)) {
    for (let i = 0; i < n; i++) changes.push(readChange(reader))
  }
  const capacity = reader.int()
  const origin = reader.doubles(d)
  const unit = reader.doubles(d)
  const keys = reader.doubles()
  const rows = reader.floats(keys.length * d)
  const reservoir = { capacity, origin, unit, keys, rows }
  const shapedVersions = Float64Array.from(shaped)
  return { clock, nextId, support, shapedVersions, intervalEvents, nextAtEvents, changes, reservoir }
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
  const { capacity, origin, unit, keys, rows } = reservoir
  if (!(capacity >= 1 && keys.length <= capacity)) return `its sample must have room: ${keys.length} in ${capacity}`
  if (!keys.every((key) => key > Number.NEGATIVE_INFINITY && key <= 0)) return 'its sampled rows must have drawn'
  if (!rows.every((value) => Math.abs(value) <= farthestKept)) return 'its sampled rows must be finite'
  if (!origin.every(Number.isFinite)) return 'the origin of its sample must be finite'
  if (!unit.every((size) => size > 0 && size < Number.POSITIVE_INFINITY)) return 'its units must be above 0'
  return null
}
