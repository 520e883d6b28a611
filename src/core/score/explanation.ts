/** Why an event is unusual: its distance to the nearest heavy one of the usual places, feature by feature. */

import type { FeaturePlan, PlannedFeature } from '../features/feature-plan.ts'
import type { Shapes } from '../features/shapes.ts'
import { inUserUnits, spreadInUserUnits } from '../features/user-units.ts'
import { fieldText } from '../fields/field-text.ts'
import { type FieldColumns, FieldKind } from '../fields/fields.ts'
import { sum } from '../sum.ts'
import { capInSpreads } from './mixture.ts'
import type { Scorer } from './scorer.ts'

const heavyShare = 0.65
/** A value that no configuration declares may be as long as an event. */
const longestText = 256

/** The fields that a row was made from: event `event` of the columns; `bytes` are those of its batch. */
export interface EventFields {
  readonly fields: FieldColumns
  readonly event: number
  readonly bytes: Uint8Array
}

export interface Contribution {
  readonly feature: string
  /** What the event has, in the user's units, also where the score counts less of it; null when it is missing. */
  readonly value: number | string | null
  /** What is usual there; null when it has no single value. */
  readonly expected: number | string | null
  /** How far the events there lie from it (standard deviation), in the user's units; null where that is no number. */
  readonly spread: number | null
  /** Share of the L1 distance, 0 to 1. */
  readonly share: number
}

export interface Explanation {
  readonly contributions: readonly Contribution[]
  /** Index of the second-nearest cluster (the assigned one is the nearest) and the scaled distance to it. */
  readonly second: { readonly cluster: number; readonly distance: number } | null
}

/** The heaviest that together hold 65 % of the mass, as 0/1 flags of length k. */
export function heavyClusters(weight: Float64Array): Uint8Array {
  const order = Array.from(weight.keys()).sort((a, b) => weight[b] - weight[a] || a - b)
  const heavy = new Uint8Array(weight.length)
  const total = sum(weight)
  let held = 0
  for (const j of order) {
    heavy[j] = 1
    held += weight[j]
    if (held >= heavyShare * total) break
  }
  return heavy
}

/** Explains the row (length d, at `from` in rows) of an event that was assigned to `label`. */
export function explain(
  scorer: Scorer,
  plan: FeaturePlan,
  heavy: Uint8Array,
  event: EventFields,
  rows: Float64Array,
  from: number,
  label: number,
  top: number,
): Explanation {
  const of = contributions(scorer, plan, heavy, event, rows, from)
  return {
    contributions: of.sort((a, b) => b.share - a.share).slice(0, top),
    second: secondNearest(scorer, rows, from, label),
  }
}

/** The nearest cluster but for the one of index `label`; null when there is no other. */
function secondNearest(
  { k, d, centroids, inverseScale }: Scorer,
  rows: Float64Array,
  from: number,
  label: number,
): Explanation['second'] {
  let second = -1
  let least = Number.POSITIVE_INFINITY
  for (let j = 0; j < k; j++) {
    let squared = 0
    for (let c = 0; c < d; c++) squared += ((rows[from + c] - centroids[j * d + c]) * inverseScale[c]) ** 2
    if (j === label || !(squared < least)) continue
    least = squared
    second = j
  }
  return second < 0 ? null : { cluster: second, distance: Math.sqrt(least) }
}

/** Of each feature its share of the L1 distance between the row and the nearest of the heavy places. */
function contributions(
  { mixture, model }: Scorer,
  plan: FeaturePlan,
  heavy: Uint8Array,
  event: EventFields,
  rows: Float64Array,
  from: number,
): Contribution[] {
  const { d, centre, inverseScale, scaledCentroids } = mixture
  const row = new Float64Array(d)
  for (let c = 0; c < d; c++) row[c] = (rows[from + c] - centre[c]) * inverseScale[c]
  const distances = new Float64Array(d)
  const candidate = new Float64Array(d)
  let place = -1
  let least = Number.POSITIVE_INFINITY
  for (let j = 0; j < mixture.k; j++) {
    if (heavy[j] !== 1) continue
    for (let c = 0; c < d; c++) candidate[c] = Math.min(Math.abs(row[c] - scaledCentroids[j * d + c]), capInSpreads)
    const length = sum(candidate)
    if (place >= 0 && !(length < least)) continue
    place = j
    least = length
    distances.set(candidate)
  }
  const total = sum(distances)
  return plan.features.map((feature) => {
    const { firstColumn, columns } = feature
    const absolute =
      sum(distances, firstColumn, firstColumn + columns) +
      (feature.indicatorColumn < 0 ? 0 : distances[feature.indicatorColumn])
    return {
      feature: feature.spec.name,
      value: valueInEvent(feature, model.shapes, event, rows, from),
      expected: inUserUnits(feature, model.shapes, model.usual.places.mean, place * d),
      spread: spreadInUserUnits(feature, model.shapes, model.usual.places, place),
      share: total > 0 ? absolute / total : 0,
    }
  })
}

function valueInEvent(
  feature: PlannedFeature,
  shapes: Shapes,
  { fields, event, bytes }: EventFields,
  rows: Float64Array,
  from: number,
): number | string | null {
  const slot = event * fields.fields + feature.slot
  const kind = fields.kind[slot]
  if (kind === FieldKind.missing) return null
  switch (feature.spec.transform.kind) {
    // The row holds it clipped, and rounded by the transform.
    case 'none':
    case 'log':
    case 'auto':
    case 'squash':
      return fields.number[slot]
    case 'oneHot':
      if (kind === FieldKind.boolean) return String(fields.number[slot] === 1)
      if (kind === FieldKind.text || kind === FieldKind.arenaText) return fieldText(fields, slot, bytes, longestText)
      return String(fields.number[slot])
    default:
      return inUserUnits(feature, shapes, rows, from)
  }
}
