/** Why an event is unusual: its distance to the nearest heavy cluster, feature by feature. */
import type { FeaturePlan, PlannedFeature } from './feature-plan.ts'
import type { Scorer } from './scorer.ts'

const heavyShare = 0.65

export interface Contribution {
  readonly feature: string
  /** What the event has, in the user's units; null when it is missing or has no single value. */
  readonly value: number | string | null
  /** What the heavy cluster's centre has. */
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

/** Explains the row (length d, at `from` in rows) that was assigned to `label`. */
export function explain(
  scorer: Scorer,
  plan: FeaturePlan,
  heavy: Uint8Array,
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
      absolute += u
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
  return {
    contributions: contributions(scorer, plan, row, rows, from, reference, least).slice(0, top),
    second: second < 0 ? null : { cluster: second, distance: Math.sqrt(secondSquared) },
  }
}

function contributions(
  scorer: Scorer,
  plan: FeaturePlan,
  row: Float64Array,
  rows: Float64Array,
  from: number,
  reference: number,
  total: number,
): Contribution[] {
  const { d, scaledCentroids, model } = scorer
  const of = plan.features.map((feature): Contribution => {
    let absolute = 0
    for (let c = feature.firstColumn; c < feature.firstColumn + feature.columns; c++) {
      absolute += Math.abs(row[c] - scaledCentroids[reference * d + c])
    }
    const flag = feature.indicatorColumn
    if (flag >= 0) absolute += Math.abs(row[flag] - scaledCentroids[reference * d + flag])
    const missing = flag >= 0 && rows[from + flag] > 0.5
    return {
      feature: feature.spec.name,
      value: missing ? null : inUserUnits(feature, rows, from),
      expected: inUserUnits(feature, model.clusters.mean, reference * d),
      share: total > 0 ? absolute / total : 0,
    }
  })
  return of.sort((a, b) => b.share - a.share)
}

/** Undoes a feature's transform for the columns at `from`: an hour, a day (0 is Monday), a category or a number. */
function inUserUnits(feature: PlannedFeature, values: Float64Array, from: number): number | string | null {
  const at = from + feature.firstColumn
  switch (feature.spec.transform.kind) {
    case 'log':
      return values[at] >= 0 ? Math.expm1(values[at]) : -Math.expm1(-values[at])
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
      return values[at]
  }
}

function turn(sine: number, cosine: number): number {
  const angle = Math.atan2(sine, cosine) / (2 * Math.PI)
  return angle < 0 ? angle + 1 : angle
}

function heaviest(values: Float64Array, at: number, columns: number): number {
  let best = -1
  for (let j = 0; j < columns; j++) if (values[at + j] > (best < 0 ? 0 : values[at + best])) best = j
  return best
}
