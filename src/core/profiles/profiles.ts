/** The profiles of one partition's entities: learning.md section 2. */

import { fnv1a32 } from '../features/fnv.ts'
import { type FieldColumns, FieldKind } from '../fields/fields.ts'
import { reasonCode } from '../fields/invalid.ts'
import { writeNumericTexts } from '../fields/numeric-text.ts'
import { ProfileEntry } from './profile-entry.ts'
import { type EntityPlan, ProfileCell, type ProfilePlan } from './profile-plan.ts'
import { maxEntityBytes, ProfileTable } from './profile-table.ts'

export interface ProfileLimits {
  /** Profiles of each kind of entity. */
  readonly limit: number
  /** The field whose entity producers key by; null: none is watched. */
  readonly key: string | null
}

/** What profiles need of the records that events came in: columns of their batch, of which event e is record from + e. */
export interface ProfiledRecords {
  readonly from: number
  readonly bytes: Uint8Array
  readonly offset: Float64Array
  readonly timestamp: Float64Array
  readonly keyStart: Int32Array
  readonly keyLength: Int32Array
}

/** One kind of entity: its plan, its records, and what all of them have in common. */
export interface EntityProfiles {
  readonly plan: EntityPlan
  readonly table: ProfileTable
  readonly population: Float64Array
}

/**
 * A function of the partition's valid events in their order, and of nothing else: whoever meets the same events has the
 * same profiles to the bit. An event's features are computed before it enters.
 */
export class Profiles {
  readonly entities: readonly EntityProfiles[]
  /** Events whose record key was not the one that their entity had come with before. */
  foreignKeys = 0
  private readonly key: string | null
  private readonly entry = new ProfileEntry()

  constructor(plan: ProfilePlan, { limit, key }: ProfileLimits) {
    this.key = key
    this.entities = plan.entities.map((entity) => ({
      plan: entity,
      table: new ProfileTable(limit, entity.cells, 2 * entity.sketches),
      population: new Float64Array(entity.populationCells),
    }))
  }

  /** Profiles that are kept. */
  get size(): number {
    return this.entities.reduce((sum, { table }) => sum + table.size, 0)
  }

  /** Bytes that they take. */
  get bytes(): number {
    return this.entities.reduce((sum, { table }) => sum + table.bytes, 0)
  }

  /**
   * Fills the slots behind those of the fields (OUT: `fields`, whose profile slots are missing) of events [0, count) that
   * are valid, in their order, and lets each event enter. What profiles cannot take makes its event invalid (`reason`).
   *
   * @param times of the events in ms; null: the records' own.
   */
  meet(
    fields: FieldColumns,
    firstTarget: number,
    bytes: Uint8Array,
    count: number,
    times: Float64Array | null,
    records: ProfiledRecords,
  ): void {
    for (const { plan } of this.entities) refuseUnfit(plan, fields, count)
    const { entry } = this
    for (const { plan, table, population } of this.entities) {
      const isKey = plan.field === this.key
      entry.begin(plan, table, population, fields, firstTarget, bytes)
      for (let e = 0, event = 0; e < count; e++, event += fields.fields) {
        const slot = event + plan.slot
        const kind = fields.kind[slot]
        if (fields.reason[e] !== 0 || kind === FieldKind.missing || fields.length[slot] === 0) continue
        const record = records.from + e
        const source = kind === FieldKind.text ? bytes : fields.arena
        const profile = table.touch(source, fields.start[slot], fields.length[slot])
        entry.enter(profile, event, times === null ? records.timestamp[record] : times[e])
        table.values[profile * plan.cells + ProfileCell.offset] = records.offset[record]
        table.mark(profile)
        if (isKey) this.watchKey(table, profile, records, record)
      }
    }
  }

  /** What changed need not be written any more. */
  settle(): void {
    for (const { table } of this.entities) table.settle()
  }

  private watchKey(table: ProfileTable, profile: number, records: ProfiledRecords, record: number): void {
    const length = records.keyLength[record]
    const start = records.keyStart[record]
    const hash = length < 0 ? 0 : fnv1a32(records.bytes, start, start + length) || 1
    if (hash === 0 || (table.recordKey[profile] !== 0 && table.recordKey[profile] !== hash)) this.foreignKeys++
    table.recordKey[profile] = hash
  }
}

/** Entities become bytes (a number its decimal text), and what is profiled must be what its formula takes. */
function refuseUnfit(plan: EntityPlan, fields: FieldColumns, count: number): void {
  writeNumericTexts(fields, plan.slot, count)
  for (let e = 0, at = plan.slot; e < count; e++, at += fields.fields) {
    if (fields.reason[e] !== 0 || fields.kind[at] === FieldKind.missing) continue
    if (fields.length[at] > maxEntityBytes) fields.reason[e] = reasonCode.out_of_range
  }
  for (const { slot } of plan.moments) refuseNonNumbers(slot, fields, count)
  for (const { latitudeSlot, longitudeSlot } of plan.positions) {
    refuseNonNumbers(latitudeSlot, fields, count)
    refuseNonNumbers(longitudeSlot, fields, count)
  }
}

function refuseNonNumbers(slot: number, fields: FieldColumns, count: number): void {
  for (let e = 0, at = slot; e < count; e++, at += fields.fields) {
    const kind = fields.kind[at]
    if (kind === FieldKind.number || kind === FieldKind.missing || kind === FieldKind.milliseconds) continue
    if (fields.reason[e] === 0) fields.reason[e] = reasonCode.wrong_type
  }
}
