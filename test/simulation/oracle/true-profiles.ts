/** What the profiles of a topic must be: those that the input's events make, one after the other, in one piece. */
import { OutputColumns } from '../../../src/adapters/memory/outputs.ts'
import type { ProfilePlan } from '../../../src/core/profiles/profile-plan.ts'
import { type ProfileLimits, Profiles } from '../../../src/core/profiles/profiles.ts'
import { ProfileRecords } from '../../../src/stages/profile-records.ts'
import { keyAt, valueAt } from '../../../src/stages/records.ts'

/** By `partition/key`, the value in base64. */
export type ProfilesByKey = Record<string, string>

/** Profiles by partition, of whatever events are shown to them. */
export class TrueProfiles {
  private readonly plan: ProfilePlan
  private readonly limits: ProfileLimits
  private readonly partitions = new Map<number, Profiles>()

  constructor(plan: ProfilePlan | null, limits: ProfileLimits) {
    if (plan === null) throw new Error('a feature must ask for a profile')
    this.plan = plan
    this.limits = limits
  }

  of(partition: number): Profiles {
    const known = this.partitions.get(partition)
    if (known !== undefined) return known
    const profiles = new Profiles(this.plan, this.limits)
    this.partitions.set(partition, profiles)
    return profiles
  }

  /** As their topic must have them. */
  byKey(schemaId: number): ProfilesByKey {
    const found: ProfilesByKey = {}
    for (const [partition, profiles] of this.partitions) {
      const outputs = new OutputColumns()
      const records = new ProfileRecords(this.plan, 'profiles', schemaId)
      records.append(outputs, partition, profiles, 0, { written: 0, evicted: 0 })
      const columns = outputs.sink('profiles', partition)
      const batch = columns.slice(partition, 0, columns.count, 0, columns.count)
      for (let i = 0; i < batch.count; i++) noteProfile(found, partition, keyAt(batch, i), valueAt(batch, i))
    }
    return found
  }
}

/** A later record of the topic, into what was found before (OUT). */
export function noteProfile(found: ProfilesByKey, partition: number, key: Buffer | null, value: Buffer | null): void {
  const name = `${partition}/${key?.toString()}`
  if (value === null) delete found[name]
  else found[name] = value.toString('base64')
}
