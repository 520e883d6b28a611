/** From fields to rows: learning.md section 1. */

import { type FieldColumns, FieldKind } from '../fields/fields.ts'
import { reasonCode } from '../fields/invalid.ts'
import { isoTime } from '../fields/iso-time.ts'
import type { ProfiledRecords, Profiles } from '../profiles/profiles.ts'
import { type FeaturePlan, idSlot, kindFits, type PlannedFeature } from './feature-plan.ts'
import { fnv1a32 } from './fnv.ts'
import { bent, plainShapes, ShapeKind, type Shapes } from './shapes.ts'

const dayMs = 86_400_000
const weekMs = 7 * dayMs
/** 1970-01-01 was a Thursday: the week begins on Monday. */
const weekOffsetMs = 3 * dayMs
const minTimeMs = -62_135_596_800_000
const maxTimeMs = 253_402_300_799_999
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
  readonly profiles: Profiles
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
  for (const feature of plan.features) {
    if (feature.spec.profile !== undefined) continue
    checkKinds(feature, fields, count)
    fillFeature(feature, plan, fields, bytes, count, bounds, rows, d, times)
  }
  if (profiled !== null) {
    // Only now is it known which events are valid, and no other may enter a profile.
    profiled.profiles.meet(fields, plan.fields.length, bytes, count, times, profiled.records)
  }
  for (const feature of plan.features) {
    if (feature.spec.profile !== undefined) fillFeature(feature, plan, fields, bytes, count, bounds, rows, d, times)
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

/** A plain number counts in the plan's unit, a text is ISO 8601; NaN when it is neither. */
function timeMs(plan: FeaturePlan, fields: FieldColumns, bytes: Uint8Array, slot: number): number {
  switch (fields.kind[slot]) {
    case FieldKind.number:
      return fields.number[slot] * plan.timeUnitMs
    case FieldKind.milliseconds:
      return fields.number[slot]
    case FieldKind.text:
      return isoTime(bytes, fields.start[slot], fields.length[slot])
    case FieldKind.arenaText:
      return isoTime(fields.arena, fields.start[slot], fields.length[slot])
    default:
      return Number.NaN
  }
}

function timeReason(ms: number): number {
  if (Number.isNaN(ms)) return reasonCode.wrong_type
  return ms < minTimeMs || ms > maxTimeMs ? reasonCode.out_of_range : 0
}

function checkKinds(feature: PlannedFeature, fields: FieldColumns, count: number): void {
  const stride = fields.fields
  const { reason, kind } = fields
  for (let e = 0, slot = feature.slot; e < count; e++, slot += stride) {
    if (reason[e] !== 0 || kind[slot] === FieldKind.missing || kindFits(feature.spec, kind[slot])) continue
    reason[e] = reasonCode.wrong_type
  }
}

function fillFeature(
  feature: PlannedFeature,
  plan: FeaturePlan,
  fields: FieldColumns,
  bytes: Uint8Array,
  count: number,
  bounds: ColumnBounds,
  rows: Float64Array,
  d: number,
  times: Float64Array | null,
): void {
  const stride = fields.fields
  const { reason, kind, number } = fields
  const { transform } = feature.spec
  const c = feature.firstColumn
  const indicator = feature.indicatorColumn
  const plain = bounds.shapes.kind[c] === ShapeKind.plain
  for (let e = 0, slot = feature.slot, at = c; e < count; e++, slot += stride, at += d) {
    if (reason[e] !== 0) continue
    const missing = kind[slot] === FieldKind.missing
    if (indicator >= 0) rows[at - c + indicator] = missing ? 1 : 0
    if (missing) {
      for (let j = 0; j < feature.columns; j++) rows[at + j] = bounds.fill[c + j]
      continue
    }
    switch (transform.kind) {
      case 'none':
      case 'log':
      case 'auto':
      case 'squash':
        rows[at] = plain ? number[slot] : bent(bounds.shapes, c, number[slot])
        break
      case 'boolean':
        rows[at] = number[slot] === 0 ? 0 : 1
        break
      case 'hourOfDay':
      case 'dayOfWeek': {
        const ms = times !== null && slot === e * stride + plan.timeSlot ? times[e] : timeMs(plan, fields, bytes, slot)
        const period = transform.kind === 'hourOfDay' ? dayMs : weekMs
        const shifted = transform.kind === 'hourOfDay' ? ms : ms + weekOffsetMs
        const angle = ((shifted - Math.floor(shifted / period) * period) / period) * 2 * Math.PI
        reason[e] = timeReason(ms)
        rows[at] = Math.sin(angle)
        rows[at + 1] = Math.cos(angle)
        break
      }
      case 'oneHot':
      case 'hash':
        fillCategory(feature, fields, bytes, slot, rows, at)
        break
    }
  }
}

/** One column is √½ and the others 0, so that two different values stand at distance 1; an undeclared value is all 0. */
function fillCategory(
  feature: PlannedFeature,
  fields: FieldColumns,
  bytes: Uint8Array,
  slot: number,
  rows: Float64Array,
  at: number,
): void {
  for (let j = 0; j < feature.columns; j++) rows[at + j] = 0
  let source: Uint8Array
  let start = 0
  let length = 0
  if (fields.kind[slot] === FieldKind.text || fields.kind[slot] === FieldKind.arenaText) {
    source = fields.kind[slot] === FieldKind.text ? bytes : fields.arena
    start = fields.start[slot]
    length = fields.length[slot]
  } else {
    const value = fields.number[slot]
    source = new TextEncoder().encode(fields.kind[slot] === FieldKind.boolean ? String(value === 1) : String(value))
    length = source.length
  }
  if (feature.spec.transform.kind === 'hash') {
    rows[at + (fnv1a32(source, start, start + length) % feature.columns)] = Math.SQRT1_2
    return
  }
  for (let j = 0; j < feature.columns; j++) {
    if (equalAt(feature.categories[j], source, start, length)) {
      rows[at + j] = Math.SQRT1_2
      return
    }
  }
}

function equalAt(value: Uint8Array, source: Uint8Array, start: number, length: number): boolean {
  if (value.length !== length) return false
  for (let i = 0; i < length; i++) if (value[i] !== source[start + i]) return false
  return true
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
  const { low, high } = bounds
  let valid = 0
  let clipped = 0
  for (let e = 0; e < count; e++) {
    if (fields.reason[e] !== 0) continue
    const from = e * d
    const to = valid * d
    for (let c = 0; c < d; c++) {
      const x = rows[from + c]
      if (x < low[c]) {
        rows[to + c] = low[c]
        clipped++
      } else if (x > high[c]) {
        rows[to + c] = high[c]
        clipped++
      } else rows[to + c] = x
    }
    eventOf[valid++] = e
  }
  return { valid, clipped }
}
