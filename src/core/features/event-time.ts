/** Times that events tell, as features and profiles take them. */
import { type FieldColumns, FieldKind } from '../fields/fields.ts'
import { reasonCode } from '../fields/invalid.ts'
import { isoTime } from '../fields/iso-time.ts'
import type { FeaturePlan } from './feature-plan.ts'

const minTimeMs = -62_135_596_800_000
const maxTimeMs = 253_402_300_799_999

/** A plain number counts in the plan's unit, a text is ISO 8601; NaN when it is neither. */
export function timeMs(
  { timeUnitMs }: Pick<FeaturePlan, 'timeUnitMs'>,
  fields: FieldColumns,
  bytes: Uint8Array,
  slot: number,
): number {
  switch (fields.kind[slot]) {
    case FieldKind.number:
      return fields.number[slot] * timeUnitMs
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

/** 0: it is one that a calendar has. */
export function timeReason(ms: number): number {
  if (Number.isNaN(ms)) return reasonCode.wrong_type
  return ms < minTimeMs || ms > maxTimeMs ? reasonCode.out_of_range : 0
}
