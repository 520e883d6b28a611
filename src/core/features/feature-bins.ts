/**
 * The bins that a feature's values are counted in, fixed at the birth, so that what is counted later can be compared with
 * what was counted then. A number has about 32 bins between quantiles of the birth's sample and one more on each side, for
 * what is below or above all that the birth has seen. An hour or a day has bins of the phase, a category has itself.
 */
import type { FeaturePlan, PlannedFeature } from './feature-plan.ts'
import { sortedColumn } from './sample-column.ts'

/** The bins of all features, one feature after another. */
export interface FeatureBins {
  /** Of each number ascending edges: bin b holds what is at or above b of them, and below the others. [] for a category. */
  readonly edges: readonly Float64Array[]
  /** Feature f has bins from[f] to from[f + 1] − 1. */
  readonly from: Int32Array
}

const quantileBins = 32
/** The last per cent on each side has an edge of its own: a 32nd is wide where a tail is long. */
const levels = [0, 0.01, ...Array.from({ length: quantileBins - 1 }, (_, i) => (i + 1) / quantileBins), 0.99, 1]
const hoursOfDay = 24
/** Quarters of a day: 28 a week. */
const quartersOfWeek = 28
/** Phases are rounded: what happens on the hour must not fall into the one before. In turns. */
const phaseSlack = 1e-9

/** How the values of a feature find their bins. */
export type BinKind = 'number' | 'phase' | 'boolean' | 'category'

export function binKind({ spec: { transform } }: PlannedFeature): BinKind {
  switch (transform.kind) {
    case 'hourOfDay':
    case 'dayOfWeek':
      return 'phase'
    case 'oneHot':
    case 'hash':
      return 'category'
    case 'boolean':
      return 'boolean'
    default:
      return 'number'
  }
}

/** The bins of a birth, from its sample: rows (n × d) that are bent and clipped already; what is missing is still NaN. */
export function birthBins(plan: FeaturePlan, rows: Float64Array, n: number): FeatureBins {
  const d = plan.columns.length
  const edges = plan.features.map((feature) => {
    if (binKind(feature) !== 'number') return new Float64Array(0)
    return quantileEdges(sortedColumn(rows, n, d, feature.firstColumn))
  })
  return binsOf(plan.features.map((feature, f) => ({ edges: edges[f], count: binCount(feature, edges[f]) })))
}

/** Bins of features that have so many each. */
export function binsOf(features: readonly { readonly edges: Float64Array; readonly count: number }[]): FeatureBins {
  const from = new Int32Array(features.length + 1)
  features.forEach(({ count }, f) => {
    from[f + 1] = from[f] + count
  })
  return { edges: features.map(({ edges }) => edges), from }
}

/** A category that is not declared has the last bin. */
function binCount({ spec: { transform } }: PlannedFeature, edges: Float64Array): number {
  switch (transform.kind) {
    case 'hourOfDay':
      return hoursOfDay
    case 'dayOfWeek':
      return quartersOfWeek
    case 'boolean':
      return 2
    case 'oneHot':
      return transform.values.length + 1
    case 'hash':
      return transform.buckets
    default:
      return edges.length + 1
  }
}

/**
 * The values at the levels, each once. The last edge is just above the greatest value, so that the bins of the sample hold
 * all of it; and so is the second edge of a value that takes up several levels, which has a bin of its own.
 */
function quantileEdges(sorted: Float64Array): Float64Array {
  const n = sorted.length
  if (n === 0) return new Float64Array(0)
  const edges = [sorted[0]]
  let before = 0
  for (const level of levels) {
    const at = Math.min(Math.floor(level * n), n - 1)
    const value = sorted[at]
    const last = edges[edges.length - 1]
    if (value > last) edges.push(value)
    else if (at > before && value === sorted[before] && value === last) edges.push(justAbove(value))
    before = at
  }
  const greatest = justAbove(sorted[n - 1])
  const last = edges[edges.length - 1]
  if (last === sorted[n - 1] && edges.length > 1) edges[edges.length - 1] = greatest
  else if (last < greatest) edges.push(greatest)
  return Float64Array.from(edges)
}

function justAbove(x: number): number {
  return x + Math.max(Math.abs(x) * Number.EPSILON, Number.MIN_VALUE)
}

/** Edges between the phases, for `turnOf`: the bins of a cycle of `count` bins are those of these edges. */
export function phaseEdges(count: number): Float64Array {
  return Float64Array.from({ length: count - 1 }, (_, i) => {
    const angle = ((i + 1) / count - phaseSlack) * 2 * Math.PI
    return turnOf(Math.sin(angle), Math.cos(angle))
  })
}

/**
 * How far round the square that stands in for the circle, in [0, 4): it grows with the angle, which is all that finding a
 * bin needs, and takes a division where the angle takes an arc tangent.
 */
export function turnOf(sine: number, cosine: number): number {
  const turn = sine / (Math.abs(sine) + Math.abs(cosine))
  // Numbers, not branches: in which half of the circle an event lies no processor can guess.
  const back = +(cosine < 0)
  // Just before the turn's end, which belongs to its beginning.
  const last = +(turn < -phaseSlack) * (1 - back)
  return turn * (1 - 2 * back) + 2 * back + 4 * last
}
