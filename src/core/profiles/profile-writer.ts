/**
 * A profile as bytes, for its topic: the Avro encoding of schemas/profile.avsc, written by hand and in place, because a transaction
 * writes one for each entity that it touched. As in all records of Shoal the format comes first and a CRC-32C last.
 */
import { crc32c } from '../codec/crc32c.ts'
import { fingerprintToBytes } from '../codec/fingerprint.ts'
import { checksumBytes } from '../codec/model-codec.ts'
import { varlongSize, writeVarlong } from '../codec/varlong.ts'
import { type EntityPlan, ProfileCell } from './profile-plan.ts'
import type { EntityProfiles } from './profiles.ts'

const profileFormat = 1
/** Between the field's name and the entity: no name of a field holds it. */
export const keySeparator = 0

/** What writes the records of one kind of entity. */
export class ProfileWriter {
  /** Key of the record of all entities together; with the separator, what the keys of all others begin with. */
  readonly keyPrefix: Uint8Array
  /** Format, layout and name: what every record begins with. */
  private readonly head: Uint8Array
  private readonly cells: number
  private readonly sketchBytes: number

  constructor({ field, layout, cells, sketches }: EntityPlan) {
    const name = new TextEncoder().encode(field)
    this.keyPrefix = Uint8Array.of(...name, keySeparator)
    const format = new Uint8Array(varlongSize(profileFormat))
    writeVarlong(format, 0, profileFormat)
    const length = new Uint8Array(varlongSize(name.length))
    writeVarlong(length, 0, name.length)
    this.head = Uint8Array.of(...format, ...fingerprintToBytes(layout), ...length, ...name)
    this.cells = cells
    this.sketchBytes = 8 * sketches
  }

  /** Bytes of the record of a slot. */
  size({ table: { values } }: EntityProfiles, slot: number): number {
    return this.sizeOf(values[slot * this.cells + ProfileCell.offset], this.cells, this.sketchBytes)
  }

  /** Writes the record of a slot at `at`, and returns where the next byte goes. */
  write({ table }: EntityProfiles, slot: number, bytes: Uint8Array, view: DataView, at: number): number {
    const from = slot * this.cells
    const offset = table.values[from + ProfileCell.offset]
    let to = this.writeNumbers(bytes, view, at, offset, table.values, from, this.cells)
    to = writeVarlong(bytes, to, this.sketchBytes)
    for (let w = slot * table.words; w < (slot + 1) * table.words; w++, to += 4)
      view.setUint32(to, table.sketches[w], true)
    return seal(bytes, at, to)
  }

  sizeOfPopulation({ population }: EntityProfiles): number {
    return this.sizeOf(0, population.length, 0)
  }

  writePopulation({ population }: EntityProfiles, bytes: Uint8Array, view: DataView, at: number): number {
    const to = this.writeNumbers(bytes, view, at, 0, population, 0, population.length)
    return seal(bytes, at, writeVarlong(bytes, to, 0))
  }

  private sizeOf(offset: number, numbers: number, sketchBytes: number): number {
    const array = numbers === 0 ? 1 : varlongSize(numbers) + 8 * numbers + 1
    return this.head.length + varlongSize(offset) + array + varlongSize(sketchBytes) + sketchBytes + checksumBytes
  }

  private writeNumbers(
    bytes: Uint8Array,
    view: DataView,
    at: number,
    offset: number,
    numbers: Float64Array,
    from: number,
    count: number,
  ): number {
    const { head } = this
    for (let i = 0; i < head.length; i++) bytes[at + i] = head[i]
    let to = writeVarlong(bytes, at + head.length, offset)
    if (count > 0) to = writeVarlong(bytes, to, count)
    for (let i = 0; i < count; i++, to += 8) view.setFloat64(to, numbers[from + i], true)
    return writeVarlong(bytes, to, 0)
  }
}

function seal(bytes: Uint8Array, from: number, to: number): number {
  const checksum = crc32c(bytes, from, to)
  bytes[to] = checksum >>> 24
  bytes[to + 1] = checksum >>> 16
  bytes[to + 2] = checksum >>> 8
  bytes[to + 3] = checksum
  return to + checksumBytes
}
