/** A feature's columns of a chunk of events, by one tight loop for each transform: learning.md section 1. */
import { type FieldColumns, FieldKind } from '../fields/fields.ts'
import { writePhase } from './circle.ts'
import { timeMs, timeReason } from './event-time.ts'
import type { FeaturePlan, PlannedFeature } from './feature-plan.ts'
import { fnv1a32 } from './fnv.ts'
import { bent, ShapeKind, type Shapes } from './shapes.ts'

const dayMs = 86_400_000
const weekMs = 7 * dayMs
/** 1970-01-01 was a Thursday: the week begins on Monday. */
const weekOffsetMs = 3 * dayMs
const utf8 = new TextEncoder()

/** Events [0, count) and where their rows are made. */
export interface Filling {
  readonly plan: FeaturePlan
  /** IN, and OUT the reasons. */
  readonly fields: FieldColumns
  readonly bytes: Uint8Array
  readonly count: number
  readonly bounds: { readonly shapes: Shapes; readonly fill: Float64Array }
  /** OUT: event e has row e, of d columns. */
  readonly rows: Float64Array
  readonly d: number
  /** Whether any field of any event is missing. */
  readonly hasMissing: boolean
  /** Event times, where the plan has them. */
  readonly times: Float64Array | null
}

/** Fills the columns of a feature whose kinds have been checked. Events that have a reason are passed over. */
export function fillFeature(feature: PlannedFeature, filling: Filling): void {
  if (filling.hasMissing || feature.indicatorColumn >= 0) fillMissing(feature, filling)
  switch (feature.spec.transform.kind) {
    case 'none':
    case 'log':
    case 'auto':
    case 'squash':
      fillNumbers(feature, filling)
      break
    case 'boolean':
      fillBooleans(feature, filling)
      break
    case 'hourOfDay':
      fillCycles(feature, filling, dayMs, 0)
      break
    case 'dayOfWeek':
      fillCycles(feature, filling, weekMs, weekOffsetMs)
      break
    case 'oneHot':
    case 'hash':
      fillCategories(feature, filling)
  }
}

/** What is missing has the model's own value, and the indicator, where there is one, says which are. */
function fillMissing(
  { slot: first, firstColumn, columns, indicatorColumn }: PlannedFeature,
  { fields, count, bounds, rows, d }: Filling,
): void {
  const { kind, fields: stride } = fields
  for (let e = 0, slot = first, row = 0; e < count; e++, slot += stride, row += d) {
    const isMissing = kind[slot] === FieldKind.missing
    if (indicatorColumn >= 0) rows[row + indicatorColumn] = isMissing ? 1 : 0
    if (isMissing) for (let c = firstColumn; c < firstColumn + columns; c++) rows[row + c] = bounds.fill[c]
  }
}

function fillNumbers(
  { slot: first, firstColumn: c }: PlannedFeature,
  { fields, count, bounds: { shapes }, rows, d, hasMissing }: Filling,
): void {
  const { kind, number, reason, fields: stride } = fields
  const isPlain = shapes.kind[c] === ShapeKind.plain
  if (isPlain && !hasMissing) {
    // Of an event that has a reason anything may be in its row, which nobody reads.
    for (let e = 0, slot = first, at = c; e < count; e++, slot += stride, at += d) rows[at] = number[slot]
    return
  }
  for (let e = 0, slot = first, at = c; e < count; e++, slot += stride, at += d) {
    if (kind[slot] === FieldKind.missing || reason[e] !== 0) continue
    rows[at] = isPlain ? number[slot] : bent(shapes, c, number[slot])
  }
}

function fillBooleans({ slot: first, firstColumn }: PlannedFeature, { fields, count, rows, d }: Filling): void {
  const { kind, number, reason, fields: stride } = fields
  for (let e = 0, slot = first, at = firstColumn; e < count; e++, slot += stride, at += d) {
    if (kind[slot] !== FieldKind.missing && reason[e] === 0) rows[at] = number[slot] === 0 ? 0 : 1
  }
}

/** Sine and cosine of where in the period a time lies. One that no calendar has is a reason. */
function fillCycles(
  { slot: first, firstColumn }: PlannedFeature,
  { plan, fields, bytes, count, rows, d, times }: Filling,
  periodMs: number,
  offsetMs: number,
): void {
  const { kind, reason, fields: stride } = fields
  const known = first === plan.timeSlot ? times : null
  for (let e = 0, slot = first, at = firstColumn; e < count; e++, slot += stride, at += d) {
    if (kind[slot] === FieldKind.missing || reason[e] !== 0) continue
    const ms = known === null ? timeMs(plan, fields, bytes, slot) : known[e]
    const shifted = ms + offsetMs
    reason[e] = timeReason(ms)
    writePhase((shifted - Math.floor(shifted / periodMs) * periodMs) / periodMs, rows, at)
  }
}

/** One column is √½ and the others 0, so that two different values stand at distance 1; an undeclared value is all 0. */
function fillCategories(feature: PlannedFeature, { fields, bytes, count, rows, d }: Filling): void {
  const { slot: first, firstColumn, columns, categories } = feature
  const { kind, number, start, length, reason, arena, fields: stride } = fields
  const isHashed = feature.spec.transform.kind === 'hash'
  for (let e = 0, slot = first, at = firstColumn; e < count; e++, slot += stride, at += d) {
    if (kind[slot] === FieldKind.missing || reason[e] !== 0) continue
    let source = bytes
    let [from, size] = [start[slot], length[slot]]
    if (kind[slot] === FieldKind.arenaText) source = arena
    else if (kind[slot] !== FieldKind.text) {
      const value = number[slot]
      source = utf8.encode(kind[slot] === FieldKind.boolean ? String(value === 1) : String(value))
      from = 0
      size = source.length
    }
    for (let j = 0; j < columns; j++) rows[at + j] = 0
    const j = isHashed ? fnv1a32(source, from, from + size) % columns : indexIn(categories, source, from, size)
    if (j >= 0) rows[at + j] = Math.SQRT1_2
  }
}

/** The place of a text among the declared ones; -1: it is none of them. */
function indexIn(categories: readonly Uint8Array[], source: Uint8Array, start: number, length: number): number {
  for (let j = 0; j < categories.length; j++) if (equalAt(categories[j], source, start, length)) return j
  return -1
}

function equalAt(value: Uint8Array, source: Uint8Array, start: number, length: number): boolean {
  if (value.length !== length) return false
  for (let i = 0; i < length; i++) if (value[i] !== source[start + i]) return false
  return true
}
