/** Profiles of an input, and those that its topic holds. */
import type { FeaturePlan } from '../../src/core/features/feature-plan.ts'
import { sampleBounds, vectorise } from '../../src/core/features/vectorise.ts'
import { FieldColumns, type Projection } from '../../src/core/fields/fields.ts'
import type { ProfileLimits } from '../../src/core/profiles/profiles.ts'
import type { EventLog } from '../../src/runtime/ports.ts'
import { keyAt, valueAt } from '../../src/stages/records.ts'
import { noteProfile, type ProfilesByKey, TrueProfiles } from '../simulation/oracle/true-profiles.ts'
import { eachRecord } from './harness.ts'

/** Those of all events that the input holds. */
export async function profilesOfInput(
  log: EventLog,
  topic: string,
  plan: FeaturePlan,
  limits: ProfileLimits,
  projection: Projection,
): Promise<TrueProfiles> {
  const truth = new TrueProfiles(plan.profiles, limits)
  const fields = new FieldColumns(1, plan.slots)
  const row = new Float64Array(plan.columns.length)
  const bounds = sampleBounds(plan.columns.length)
  await eachRecord(log, topic, (batch, i) => {
    projection.project(batch, i, i + 1, fields)
    const profiled = { profiles: truth.of(batch.partition), records: { ...batch, from: i } }
    vectorise(plan, fields, batch.bytes, 1, bounds, row, new Int32Array(1), profiled)
  })
  return truth
}

/** What the topic holds: of each key the newest committed record. */
export async function committedProfiles(log: EventLog, topic: string): Promise<ProfilesByKey> {
  const found: ProfilesByKey = {}
  await eachRecord(log, topic, (batch, i) => noteProfile(found, batch.partition, keyAt(batch, i), valueAt(batch, i)))
  return found
}
