/** Why an event is unusual: its distance to the nearest heavy cluster, feature by feature. */
import type { FeaturePlan, PlannedFeature } from './feature-plan.ts'
import { fieldText } from './field-text.ts'
import { type FieldColumns, FieldKind } from './fields.ts'
import { capInSpreads, type Scorer } from './scorer.ts'
import { type Shapes, unbent } from './shapes.ts'

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
  /** What the heavy cluster's centre has; null when it has no single value. */
  readonly expected: number | string | null
  /** Share of the L1 distance, 0 to 1. */
  readonly share: number
}

export interface Explanation {
  readonly contributions: readonly Contribution[]
  /** Index of the second-nearest cluster (the assigned one is the nearest) and the scaled distance to it. */
  readonly second: { readonly cluster: number; readonly distance: number } | null
}

/** The heaviest clusters that together hold 65 % of the mass, as 0/1 flags of length k. */
export function heavyClusters(weight: Float64Array): Uint8Array {
  const order = Array.from(weight.keys()).sort((a, b) => weight[b] - weight[a] || a - b)
  const heavy = new Uint8Array(weight.length)
  let total = 0
  for (const w of weight) total += w
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
  const { k, d, centre, inverseScale, scaledCentroids } = scorer
  const row = new Float64Array(d)
  for (let c = 0; c < d; c++) row[c] = (rows[from + c] - centre[c]) * inverseScale[c]
  let reference = -1
  let least = Number.POSITIVE_INFINITY
  let second = -1
  let secondSquared = Number.POSITIVE_INFINITY
  for (let j = 0; j < k; j++) {
    let squared = 0
    let absolute = 0
    for (let c = 0; c < d; c++) {
      const u = Math.abs(row[c] - scaledCentroids[j * d + c])
      squared += u * u
      absolute += Math.min(u, capInSpreads)
    }
    if (heavy[j] === 1 && absolute < least) {
      least = absolute
      reference = j
    }
    if (j !== label && squared < secondSquared) {
      secondSquared = squared
      second = j
    }
  }
  const of = contributions(scorer, plan, event, rows, from, row, reference, least)
  return {
    contributions: of.sort((a, b) => b.share - a.share).slice(0, top),
    second: second < 0 ? null : { cluster: second, distance: Math.sqrt(secondSquared) },
  }
}

/** Of each feature its share of the L1 distance `total` between the row and the reference cluster. */
function contributions(
  { d, scaledCentroids, model }: Scorer,
  plan: FeaturePlan,
  event: EventFields,
  rows: Float64Array,
  from: number,
  row: Float64Array,
  reference: number,
  total: number,
): Contribution[] {
  const distance = (c: number) => Math.min(Math.abs(row[c] - scaledCentroids[reference * d + c]), capInSpreads)
  return plan.features.map((feature) => {
    let absolute = feature.indicatorColumn < 0 ? 0 : distance(feature.indicatorColumn)
    for (let c = 0; c < feature.columns; c++) absolute += distance(feature.firstColumn + c)
    return {
      feature: feature.spec.name,
      value: valueInEvent(feature, model.shapes, event, rows, from),
      expected: inUserUnits(feature, model.shapes, model.clusters.mean, reference * d),
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
