/** The model's reservoir as the rows that upkeep computes with: in units, where a far origin costs no digits. */

import type { WeightedRows } from '../kmeans/weighted-lloyd.ts'
import { inverseScales, runningSpreads } from '../model/metric.ts'
import type { Model } from '../model/model.ts'
import { sampleOf, standingFor } from './reservoir.ts'

export function sampledRows(model: Model): WeightedRows {
  const { reservoir, clock } = model.upkeep
  const { drawn, rows } = sampleOf(reservoir)
  return {
    n: drawn.length,
    d: model.d,
    rows: new Float64Array(rows),
    weight: standingFor(reservoir, clock),
    inverseScale: inverseScales(model.upkeep, runningSpreads(model)).map((scale, c) => scale * reservoir.unit[c]),
  }
}

/** The model's centroids, k × d, or other ones, in the units of the sampled rows. */
export function centroidsInUnits({ d, clusters, upkeep }: Model, centroids = clusters.mean): Float64Array {
  const { origin, unit } = upkeep.reservoir
  return centroids.map((x, at) => (x - origin[at % d]) / unit[at % d])
}
