/** What the profiles of a topic must be: those that the input's events make, one after the other, by nobody's leave. */

import { OutputColumns } from '../../src/adapters/memory/outputs.ts'
import type { FeaturePlan } from '../../src/core/feature-plan.ts'
import { FieldColumns, type Projection } from '../../src/core/fields.ts'
import { type ProfileLimits, Profiles } from '../../src/core/profiles.ts'
import { sampleBounds, vectorise } from '../../src/core/vectorise.ts'
import type { EventLog } from '../../src/runtime/ports.ts'
import { ProfileRecords } from '../../src/stages/profile-records.ts'
import type { RecordBatch } from '../../src/stages/records.ts'
import { keyAt, valueAt } from '../../src/stages/records.ts'
import { eachRecord } from './harness.ts'

/** By `partition/key`, the value in base64. */
export type ProfilesByKey = Readonly<Record<string, string>>

/** One record after another meets them. */
export class TrueProfiles {
  private readonly plan: FeaturePlan
  private readonly limits: ProfileLimits
  private readonly projection: Projection
  private readonly partitions = new Map<number, Profiles>()
  private readonly fields: FieldColumns
  private readonly row: Float64Array
  private readonly eventOf = new Int32Array(1)

  constructor(plan: FeaturePlan, limits: ProfileLimits, projection: Projection) {
    this.plan = plan
    this.limits = limits
    this.projection = projection
    this.fields = new FieldColumns(1, plan.slots)
    this.row = new Float64Array(plan.columns.length)
  }

  take(batch: RecordBatch, i: number): void {
    const { plan, fields } = this
    this.projection.project(batch, i, i + 1, fields)
    const profiled = { profiles: this.of(batch.partition), records: { ...batch, from: i } }
    vectorise(plan, fields, batch.bytes, 1, sampleBounds(plan.columns.length), this.row, this.eventOf, profiled)
  }

  /** As their topic must have them. */
  byKey(schemaId: number): ProfilesByKey {
    const found: Record<string, string> = {}
    for (const [partition, profiles] of this.partitions) {
      const outputs = new OutputColumns()
      const records = new ProfileRecords(plan(this.plan), 'profiles', schemaId)
      records.append(outputs, partition, profiles, 0, { written: 0, evicted: 0 })
      const columns = outputs.sink('profiles', partition)
      const batch = columns.slice(partition, 0, columns.count, 0, columns.count)
      for (let at = 0; at < batch.count; at++) note(found, batch, at)
    }
    return found
  }

  private of(partition: number): Profiles {
    const known = this.partitions.get(partition)
    if (known !== undefined) return known
    const profiles = new Profiles(plan(this.plan), this.limits)
    this.partitions.set(partition, profiles)
    return profiles
  }
}

/** What the topic holds: of each key the newest committed record. */
export async function committedProfiles(log: EventLog, topic: string): Promise<ProfilesByKey> {
  const found: Record<string, string> = {}
  await eachRecord(log, topic, (batch, i) => note(found, batch, i))
  return found
}

function note(found: Record<string, string>, batch: RecordBatch, i: number): void {
  const key = `${batch.partition}/${keyAt(batch, i)?.toString()}`
  const value = valueAt(batch, i)
  if (value === null) delete found[key]
  else found[key] = value.toString('base64')
}

function plan({ profiles }: FeaturePlan): NonNullable<FeaturePlan['profiles']> {
  if (profiles === null) throw new Error('a feature must ask for a profile')
  return profiles
}
