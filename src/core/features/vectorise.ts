/** From fields to rows: learning.md section 1. */

import { type FieldColumns, FieldKind } from '../fields/fields.ts'
import { reasonCode } from '../fields/invalid.ts'
import type { ProfiledRecords, Profiles } from '../profiles/profiles.ts'
import { timeMs, timeReason } from './event-time.ts'
import { type FeaturePlan, idSlot, type PlannedFeature } from './feature-plan.ts'
import { fillFeature } from './fill-feature.ts'
import { plainShapes, type Shapes } from './shapes.ts'

const maxIdBytes = 256

/** What a model says of the columns: fences to clip at, what stands for a missing value, how numbers are bent. Length d each. */
export interface ColumnBounds {
  readonly shapes: Shapes
  readonly low: Float64Array
  readonly high: Float64Array
  readonly fill: Float64Array
}

/** For a sample that a model is to be born from: nothing is filled (NaN is missing), clipped or bent yet. */
export function sampleBounds(d: number): ColumnBounds {
  return {
    low: new Float64Array(d).fill(Number.NEGATIVE_INFINITY),
    high: new Float64Array(d).fill(Number.POSITIVE_INFINITY),
    fill: new Float64Array(d).fill(Number.NaN),
    shapes: plainShapes(d),
  }
}

export interface Vectorised {
  /** Valid events, which are rows [0, valid) of the output. */
  readonly valid: number
  /** Values that were clipped. */
  readonly clipped: number
}

/** Whose profiles events meet, and what is read of their records for it. */
export interface Profiled {
  readonly profiles: Pick<Profiles, 'meet'>
  readonly records: ProfiledRecords
}

/**
 * Fills rows (valid × d, row-major, OUT) from the fields of events [0, count) and eventOf (OUT) with the event of
 * each row. Events that break a rule get their reason in `fields.reason` and no row.
 *
 * @param profiled IN and OUT: valid events enter the profiles. Null: what they would say is missing.
 */
export function vectorise(
  plan: FeaturePlan,
  fields: FieldColumns,
  bytes: Uint8Array,
  count: number,
  bounds: ColumnBounds,
  rows: Float64Array,
  eventOf: Int32Array,
  profiled: Profiled | null = null,
): Vectorised {
  checkIds(fields, count)
  const times = plan.timeSlot >= 0 ? checkTimes(plan, fields, bytes, count) : null
  const d = plan.columns.length
  // One search through bytes tells most chunks that there is nothing to fill.
  const hasMissing = fields.kind.subarray(0, count * fields.fields).includes(FieldKind.missing)
  const filling = { plan, fields, bytes, count, bounds, rows, d, hasMissing, times }
  for (const feature of plan.features) {
    if (feature.spec.profile !== undefined) continue
    checkKinds(feature, fields, count)
    fillFeature(feature, filling)
  }
  if (profiled !== null) {
    // Only now is it known which events are valid, and no other may enter a profile.
    profiled.profiles.meet(fields, plan.fields.length, bytes, count, times, profiled.records)
  }
  for (const feature of plan.features) {
    if (feature.spec.profile !== undefined) fillFeature(feature, { ...filling, hasMissing: true })
  }
  return compact(fields, count, bounds, rows, eventOf, d)
}

function checkIds(fields: FieldColumns, count: number): void {
  const stride = fields.fields
  const { reason, kind, length } = fields
  for (let e = 0, slot = idSlot; e < count; e++, slot += stride) {
    if (reason[e] !== 0 || kind[slot] === FieldKind.number || kind[slot] === FieldKind.milliseconds) continue
    if (length[slot] < 1 || length[slot] > maxIdBytes) reason[e] = reasonCode.out_of_range
  }
}

/** Event times in ms; NaN where the event is invalid. */
function checkTimes(plan: FeaturePlan, fields: FieldColumns, bytes: Uint8Array, count: number): Float64Array {
  const times = new Float64Array(count)
  const stride = fields.fields
  for (let e = 0, slot = plan.timeSlot; e < count; e++, slot += stride) {
    if (fields.reason[e] !== 0) continue
    times[e] = timeMs(plan, fields, bytes, slot)
    fields.reason[e] = timeReason(times[e])
  }
  return times
}

function checkKinds({ slot: first, fits }: PlannedFeature, fields: FieldColumns, count: number): void {
  const stride = fields.fields
  const { reason, kind } = fields
  for (let e = 0, slot = first; e < count; e++, slot += stride) {
    if (fits[kind[slot]] === 0 && reason[e] === 0) reason[e] = reasonCode.wrong_type
  }
}

/** Moves the rows of valid events together and clips them at the fences. */
function compact(
  fields: FieldColumns,
  count: number,
  bounds: ColumnBounds,
  rows: Float64Array,
  eventOf: Int32Array,
  d: number,
): Vectorised {
  let valid = 0
  for (let e = 0; e < count; e++) {
    if (fields.reason[e] !== 0) continue
    if (valid !== e) rows.copyWithin(valid * d, e * d, (e + 1) * d)
    eventOf[valid++] = e
  }
  let clipped = 0
  for (let c = 0; c < d; c++) {
    const low = bounds.low[c]
    const high = bounds.high[c]
    for (let at = c; at < valid * d; at += d) {
      const x = rows[at]
      if (x < low) {
        rows[at] = low
        clipped++
      } else if (x > high) {
        rows[at] = high
        clipped++
      }
    }
  }
  return { valid, clipped }
}
