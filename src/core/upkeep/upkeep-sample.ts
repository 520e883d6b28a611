/** The model's reservoir as the rows that upkeep computes with: in units, where a far origin costs no digits. */

import type { WeightedRows } from '../kmeans/weighted-lloyd.ts'
import { inverseScales, runningSpreads } from '../model/metric.ts'
import type { Model } from '../model/model.ts'
import { sampleOf, standingFor } from './reservoir.ts'

/** `most`: only every second, third, … row is taken, so that there are at most so many. */
export function sampledRows(model: Model, most = Number.POSITIVE_INFINITY): WeightedRows {
  const { d, upkeep } = model
  const { reservoir, clock } = upkeep
  const { drawn, rows } = sampleOf(reservoir)
  const step = Math.max(1, Math.ceil(drawn.length / most))
  return {
    n: Math.ceil(drawn.length / step),
    d,
    rows: everyNth(rows, d, step),
    weight: standingFor(reservoir, clock, step),
    inverseScale: inverseScales(upkeep, runningSpreads(model)).map((scale, c) => scale * reservoir.unit[c]),
  }
}

/** Of rows of d values the first and every `step`-th after it. */
function everyNth(rows: Float32Array, d: number, step: number): Float64Array {
  const n = Math.ceil(rows.length / d / step)
  const some = new Float64Array(n * d)
  for (let i = 0, to = 0; i < n; i++) for (let c = 0, at = i * step * d; c < d; c++) some[to++] = rows[at++]
  return some
}

/** The model's centroids, k × d, or other ones, in the units of the sampled rows. */
export function centroidsInUnits({ d, clusters, upkeep }: Model, centroids = clusters.mean): Float64Array {
  const { origin, unit } = upkeep.reservoir
  return centroids.map((x, at) => (x - origin[at % d]) / unit[at % d])
}
