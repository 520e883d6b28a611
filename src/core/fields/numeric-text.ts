/** Numbers that name something: as text, so that every name is bytes. */
import { type FieldColumns, FieldKind } from './fields.ts'

const zero = 48
const mostDigits = 16

/** Gives the numbers in one slot of the valid events their decimal text, in the arena. IN and OUT: `fields`. */
export function writeNumericTexts(fields: FieldColumns, slot: number, count: number): void {
  for (let e = 0, at = slot; e < count; e++, at += fields.fields) {
    const kind = fields.kind[at]
    if (fields.reason[e] !== 0 || (kind !== FieldKind.number && kind !== FieldKind.milliseconds)) continue
    const value = fields.number[at]
    fields.start[at] = fields.arenaUsed
    fields.length[at] =
      value >= 0 && Number.isSafeInteger(value) ? writeDigits(fields, value) : writeText(fields, value)
    fields.kind[at] = FieldKind.arenaText
    fields.arenaUsed += fields.length[at]
  }
}

/** The common case, without a string. */
function writeDigits(fields: FieldColumns, value: number): number {
  fields.reserveArena(mostDigits)
  let length = 1
  for (let rest = value; rest >= 10; rest = Math.floor(rest / 10)) length++
  let rest = value
  for (let i = length - 1; i >= 0; i--) {
    const shorter = Math.floor(rest / 10)
    fields.arena[fields.arenaUsed + i] = zero + (rest - 10 * shorter)
    rest = shorter
  }
  return length
}

function writeText(fields: FieldColumns, value: number): number {
  const text = String(value)
  fields.reserveArena(text.length)
  for (let i = 0; i < text.length; i++) fields.arena[fields.arenaUsed + i] = text.charCodeAt(i)
  return text.length
}
