/** Events that meet profiles, given as plain objects, and what the profile features said of them. */
import { OutputColumns } from '../../../src/adapters/memory/outputs.ts'
import { planFeatures } from '../../../src/core/features/feature-plan.ts'
import type { FeatureSpec, ProfileKind, ProfileSpec } from '../../../src/core/features/features.ts'
import { sampleBounds, vectorise } from '../../../src/core/features/vectorise.ts'
import { FieldColumns } from '../../../src/core/fields/fields.ts'
import { type InvalidReason, invalidReasons } from '../../../src/core/fields/invalid.ts'
import { jsonProjection } from '../../../src/core/fields/json-projection.ts'
import { ProfileReader } from '../../../src/core/profiles/profile-reader.ts'
import { type ProfileLimits, Profiles } from '../../../src/core/profiles/profiles.ts'
import { ProfileRecords } from '../../../src/stages/profile-records.ts'
import { keyAt, valueAt } from '../../../src/stages/records.ts'
import { wireHeaderBytes } from '../../../src/stages/wire-format.ts'
import { batchOf } from '../../stages/batches.ts'

export const hourMs = 3_600_000
export const dayMs = 24 * hourMs
/** A Monday in 2024. */
export const startMs = 1_704_067_200_000

export type ProfiledEvent = Readonly<Record<string, unknown>> & { readonly recordKey?: string | null }

export function profileFeature(as: ProfileKind, change: Partial<ProfileSpec> = {}): FeatureSpec {
  const needsNumber = as === 'ratio' || as === 'zScore' || as === 'unrest'
  const of = needsNumber ? 'amount' : as === 'newValue' ? 'device' : null
  const places = { latitude: 'latitude', longitude: 'longitude' }
  const profile = { entity: 'customer', as, of, ...places, halfLifeMs: 30 * dayMs, ...change }
  const name = `${profile.of} ${as} by ${profile.entity} over ${profile.halfLifeMs}`
  const transform = { kind: 'none' } as const
  return { name, field: profile.of ?? profile.entity, profile, transform, weight: 1, missing: 'mean' }
}

export interface Met {
  /** A row for each valid event; NaN is missing. */
  readonly rows: readonly (readonly number[])[]
  readonly reasons: readonly (InvalidReason | 'valid')[]
}

/** The record of one profile as its topic has it. */
export interface ProfileRecord {
  readonly key: Buffer
  readonly value: Buffer | null
}

export class Profiling {
  readonly profiles: Profiles
  readonly plan
  private readonly limits: ProfileLimits
  private offset = 0

  constructor(features: readonly FeatureSpec[], limits: Partial<ProfileLimits> = {}) {
    this.plan = planFeatures({ id: 'id', time: 'at', timeUnitMs: 1, features })
    this.limits = { limit: 1000, key: 'customer', ...limits }
    this.profiles = new Profiles(this.plan.profiles!, this.limits)
  }

  /** The events meet the profiles in pieces of `chunk`. An event without `at` has the start's time. */
  meet(events: readonly ProfiledEvent[], chunk = 100): Met {
    const rows: (readonly number[])[] = []
    const reasons: Met['reasons'][number][] = []
    for (let from = 0; from < events.length; from += chunk) {
      const met = this.meetChunk(events.slice(from, from + chunk))
      rows.push(...met.rows)
      reasons.push(...met.reasons)
    }
    return { rows, reasons } as Met
  }

  /** The one feature's values. */
  values(events: readonly ProfiledEvent[]): readonly number[] {
    return this.meet(events).rows.map(([value]) => value)
  }

  /** What a transaction would write now. */
  records(): readonly ProfileRecord[] {
    const outputs = new OutputColumns()
    const writing = new ProfileRecords(this.plan.profiles!, 'profiles', 7)
    writing.append(outputs, 0, this.profiles, 5, { written: 0, evicted: 0 })
    const records = outputs.sink('profiles', 0)
    const batch = records.slice(0, 0, records.count, 0, records.count)
    return Array.from({ length: batch.count }, (_, i) => {
      const value = valueAt(batch, i)
      return { key: Buffer.from(keyAt(batch, i)!), value: value === null ? null : Buffer.from(value) }
    })
  }

  /** The same features over what the records hold. */
  restored(records: readonly ProfileRecord[]): { readonly copy: Profiling; readonly outcomes: readonly unknown[] } {
    const copy = new Profiling(
      this.plan.features.map(({ spec }) => spec),
      this.limits,
    )
    const reader = new ProfileReader(copy.profiles)
    const outcomes = records.map(({ key, value }) => reader.take(key, value?.subarray(wireHeaderBytes) ?? null))
    reader.finish()
    copy.offset = this.offset
    return { copy, outcomes }
  }

  private meetChunk(events: readonly ProfiledEvent[]): Met {
    const { plan, profiles } = this
    const d = plan.columns.length
    const records = events.map(({ recordKey, ...event }, i) => {
      const value = JSON.stringify({ id: `e${this.offset + i}`, at: startMs, ...event })
      return { key: recordKey === undefined ? String(event.customer) : recordKey, value }
    })
    const batch = batchOf(records, 0, this.offset)
    this.offset += events.length
    const fields = new FieldColumns(events.length, plan.slots)
    jsonProjection(plan.fields, { maxEventBytes: 4096 }).project(batch, 0, batch.count, fields)
    const rows = new Float64Array(events.length * d)
    const eventOf = new Int32Array(events.length)
    const profiled = { profiles, records: { ...batch, from: 0 } }
    const { valid } = vectorise(plan, fields, batch.bytes, batch.count, sampleBounds(d), rows, eventOf, profiled)
    return {
      rows: Array.from({ length: valid }, (_, i) => [...rows.subarray(i * d, (i + 1) * d)]),
      reasons: Array.from(fields.reason, (code) => invalidReasons[code]),
    }
  }
}
