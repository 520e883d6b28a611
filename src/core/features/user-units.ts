/** Columns read back in the user's units: what a feature's transform did to a value, undone. */
import type { ColumnStatistics } from '../model/statistics.ts'
import type { PlannedFeature } from './feature-plan.ts'
import { type Shapes, unbent } from './shapes.ts'

/** What stands for the value of a feature: an hour or a day (0 is Monday) for cycles, a number, or a category's name. */
export function inUserUnits(
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
    case 'oneHot':
    case 'hash': {
      const best = heaviest(values, at, feature.columns)
      return best < 0 ? null : categoryName(feature, best)
    }
    default:
      return unbent(shapes, feature.firstColumn, values[at])
  }
}

/** The category that column `column` of a feature stands for: what was declared, or the bucket. */
export function categoryName({ spec: { transform } }: PlannedFeature, column: number): string {
  return transform.kind === 'oneHot' ? transform.values[column] : `bucket ${column}`
}

/** How far events of cluster j lie from it in one feature (standard deviation), in the user's units; null where that is no number. */
export function spreadInUserUnits(
  feature: PlannedFeature,
  shapes: Shapes,
  { mean, m2, weight, d }: ColumnStatistics,
  j: number,
): number | null {
  const c = feature.firstColumn
  const at = j * d + c
  const deviation = weight[j] > 0 ? Math.sqrt(m2[at] / weight[j]) : 0
  switch (feature.spec.transform.kind) {
    case 'hourOfDay':
      return 24 * turnSpread(mean[at], mean[at + 1])
    case 'dayOfWeek':
      return 7 * turnSpread(mean[at], mean[at + 1])
    case 'boolean':
    case 'oneHot':
    case 'hash':
      return null
    default:
      return Math.min(
        (unbent(shapes, c, mean[at] + deviation) - unbent(shapes, c, mean[at] - deviation)) / 2,
        Number.MAX_VALUE,
      )
  }
}

/** How far round the circle, in [0, 1). */
function turn(sine: number, cosine: number): number {
  const share = Math.atan2(sine, cosine) / (2 * Math.PI)
  // The smallest negative ones plus 1 are 1, which is the next turn.
  return share < 0 ? (share + 1) % 1 : share
}

/** Circular standard deviation, of which no more is seen than of an even spread over the circle, as a share of a turn. */
function turnSpread(sine: number, cosine: number): number {
  const length = Math.hypot(sine, cosine)
  // Of equal phases nothing is left but what their sines were rounded by.
  if (length > 1 - 4 * Number.EPSILON) return 0
  return Math.min(Math.sqrt(Math.max(0, -2 * Math.log(length))) / (2 * Math.PI), Math.sqrt(1 / 12))
}

function heaviest(values: Float64Array, at: number, columns: number): number {
  let best = -1
  for (let j = 0; j < columns; j++) if (values[at + j] > (best < 0 ? 0 : values[at + best])) best = j
  return best
}
