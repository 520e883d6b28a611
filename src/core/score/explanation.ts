/** Why an event is unusual: its distance to the nearest heavy one of the usual places, feature by feature. */

import type { FeaturePlan, PlannedFeature } from '../features/feature-plan.ts'
import { type Shapes, unbent } from '../features/shapes.ts'
import { fieldText } from '../fields/field-text.ts'
import { type FieldColumns, FieldKind } from '../fields/fields.ts'
import type { Model } from '../model/model.ts'
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
  const row = Float64Array.from({ length: d }, (_, c) => (rows[from + c] - centre[c]) * inverseScale[c])
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
    const columns = distances.subarray(feature.firstColumn, feature.firstColumn + feature.columns)
    const absolute = sum(columns) + (feature.indicatorColumn < 0 ? 0 : distances[feature.indicatorColumn])
    return {
      feature: feature.spec.name,
      value: valueInEvent(feature, model.shapes, event, rows, from),
      expected: inUserUnits(feature, model.shapes, model.usual.places.mean, place * d),
      spread: spreadAt(feature, model, place),
      share: total > 0 ? absolute / total : 0,
    }
  })
}

/** How far the events of a place lie from it in one feature. */
function spreadAt(feature: PlannedFeature, { shapes, d, usual: { places } }: Model, place: number): number | null {
  const c = feature.firstColumn
  const at = place * d + c
  const mean = places.mean[at]
  const deviation = places.weight[place] > 0 ? Math.sqrt(places.m2[at] / places.weight[place]) : 0
  switch (feature.spec.transform.kind) {
    case 'hourOfDay':
      return 24 * turnSpread(mean, places.mean[at + 1])
    case 'dayOfWeek':
      return 7 * turnSpread(mean, places.mean[at + 1])
    case 'boolean':
    case 'oneHot':
    case 'hash':
      return null
    default:
      return (unbent(shapes, c, mean + deviation) - unbent(shapes, c, mean - deviation)) / 2
  }
}

/** Circular standard deviation, of which no more is seen than of an even spread over the circle, as a share of a turn. */
function turnSpread(sine: number, cosine: number): number {
  const length = Math.hypot(sine, cosine)
  // Of equal phases nothing is left but what their sines were rounded by.
  if (length > 1 - 4 * Number.EPSILON) return 0
  return Math.min(Math.sqrt(Math.max(0, -2 * Math.log(length))) / (2 * Math.PI), Math.sqrt(1 / 12))
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

/** Undoes a feature's transform for the columns at `from`: an hour, a day (0 is Monday), a category or a number. */
function inUserUnits(
  feature: PlannedFeature,
  shapes: Shapes,
  values: Float64Array,
  from: number,
): number | string | null {
  const at = from + feature.firstColumn
  switch (feature.spec.transform.kind) {
    case 'hourOfDay':
      return turn(values[at], values[at + 1]) * 24
    case 'dayOfWeek':
      return turn(values[at], values[at + 1]) * 7
    case 'oneHot': {
      const best = heaviest(values, at, feature.columns)
      return best < 0 ? null : feature.spec.transform.values[best]
    }
    case 'hash': {
      const best = heaviest(values, at, feature.columns)
      return best < 0 ? null : `bucket ${best}`
    }
    default:
      return unbent(shapes, feature.firstColumn, values[at])
  }
}

/** How far round the circle, in [0, 1). */
function turn(sine: number, cosine: number): number {
  const share = Math.atan2(sine, cosine) / (2 * Math.PI)
  // The smallest negative ones plus 1 are 1, which is the next turn.
  return share < 0 ? (share + 1) % 1 : share
}

function heaviest(values: Float64Array, at: number, columns: number): number {
  let best = -1
  for (let j = 0; j < columns; j++) if (values[at + j] > (best < 0 ? 0 : values[at + best])) best = j
  return best
}
