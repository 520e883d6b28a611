/** The metric of a model: what a difference in a column counts for. */

import type { Column } from '../features/feature-plan.ts'
import { sum } from '../sum.ts'
import type { Model } from './model.ts'

/** What the configuration says of the scale of each column, length d. */
export interface ColumnScales {
  /** Root of the column's weight in the distance. */
  readonly stretch: Float64Array
  /** Its spread where that is known beforehand, else 0: the running one. */
  readonly fixedScale: Float64Array
}

export function scalesOf(columns: readonly Pick<Column, 'stretch' | 'fixedScale'>[]): ColumnScales {
  return {
    stretch: Float64Array.from(columns, ({ stretch }) => stretch),
    fixedScale: Float64Array.from(columns, ({ fixedScale }) => fixedScale ?? 0),
  }
}

/** Standard deviation of each column over all events, at least its floor. */
export function runningSpreads({ whole: { weight, m2 }, floor }: Pick<Model, 'whole' | 'floor'>): Float64Array {
  return floor.map((least, c) => Math.max(weight[0] > 0 ? Math.sqrt(m2[c] / weight[0]) : 0, least))
}

/** Stretch over the running (or the fixed) spread of each column: the factor of a difference in the distance. */
export function inverseScales({ stretch, fixedScale }: ColumnScales, spreads: Float64Array): Float64Array {
  return stretch.map((factor, c) => factor / (fixedScale[c] > 0 ? fixedScale[c] : spreads[c]))
}

/** What the squared distance of a row to its centroid is on average, by what was learned. */
export function meanSquaredDistance(model: Model): number {
  const { weight, m2 } = model.clusters
  const inverseScale = inverseScales(model.upkeep, runningSpreads(model))
  let inertia = 0
  for (let at = 0; at < m2.length; at++) inertia += m2[at] * inverseScale[at % model.d] ** 2
  const mass = sum(weight)
  return mass > 0 ? inertia / mass : 0
}
