/** A birth's sample made ready: its columns bent, what is absurd clipped, what is missing filled, and measured. */
import { birthBins } from '../features/feature-bins.ts'
import { FeatureCounter } from '../features/feature-counter.ts'
import { addCounts, emptyCounts } from '../features/feature-counts.ts'
import type { FeaturePlan } from '../features/feature-plan.ts'
import { clamp, meanOf, quantileOf, robustSpread, sampleFences, sortedColumn } from '../features/sample-column.ts'
import { bendRows, chooseShapes } from '../features/shape-choice.ts'
import type { FeatureState, Model } from './model.ts'
import { accumulate, emptyStatistics } from './statistics.ts'

/** What of a model does not depend on its clusters. */
export type Measured = Pick<Model, 'shapes' | 'floor' | 'whole' | 'features'>

/** Rows (n × d, as plain shapes give them, NaN where a value is missing; IN and OUT) as a model sees them. */
export function prepareRows(plan: FeaturePlan, rows: Float64Array, n: number): Measured {
  const d = plan.columns.length
  const shapes = chooseShapes(plan, rows, n)
  bendRows(shapes, rows, n)
  const bounds = boundsOf(rows, n, d, plan)
  clip(rows, n, d, bounds)
  const features = birthFeatures(plan, rows, n, bounds)
  fill(rows, n, d, bounds)
  const whole = emptyStatistics(1, d)
  accumulate(rows, n, new Int32Array(n), bounds.fill, whole)
  return { shapes, floor: bounds.floor, whole, features }
}

interface Bounds {
  readonly low: Float64Array
  readonly high: Float64Array
  readonly floor: Float64Array
  readonly fill: Float64Array
}

function boundsOf(rows: Float64Array, n: number, d: number, plan: FeaturePlan): Bounds {
  const bounds: Bounds = {
    low: new Float64Array(d).fill(-Number.MAX_VALUE),
    high: new Float64Array(d).fill(Number.MAX_VALUE),
    floor: new Float64Array(d).fill(1),
    fill: new Float64Array(d),
  }
  for (let c = 0; c < d; c++) {
    const present = sortedColumn(rows, n, d, c)
    if (present.length === 0) continue
    if (plan.columns[c].fixedScale !== null) {
      bounds.fill[c] = meanOf(present)
      continue
    }
    const median = quantileOf(present, 0.5)
    const { reach, floor } = robustSpread(present, median)
    const { low, high } = sampleFences(present, reach)
    bounds.low[c] = low
    bounds.high[c] = high
    bounds.fill[c] = clamp(median, low, high)
    bounds.floor[c] = floor
  }
  return bounds
}

/** Clips what is absurd; what is missing stays so. */
function clip(rows: Float64Array, n: number, d: number, { low, high }: Bounds): void {
  for (let i = 0, at = 0; i < n; i++) for (let c = 0; c < d; c++, at++) rows[at] = clamp(rows[at], low[c], high[c])
}

/** Fills what is missing. A sample without any value of a column has 0 there. */
function fill(rows: Float64Array, n: number, d: number, bounds: Bounds): void {
  for (let i = 0, at = 0; i < n; i++) {
    for (let c = 0; c < d; c++, at++) if (Number.isNaN(rows[at])) rows[at] = bounds.fill[c]
  }
}

/** The distributions as the sample has them: what later ones are compared with, and where counting begins. */
function birthFeatures(plan: FeaturePlan, rows: Float64Array, n: number, bounds: Bounds): FeatureState {
  const bins = birthBins(plan, rows, n)
  const counter = new FeatureCounter(plan, bins, bounds)
  counter.addSample(rows, n)
  const { counts } = counter
  const current = emptyCounts(counts.missing.length, counts.bins.length)
  addCounts(current, counts)
  return { bins, reference: counts, current }
}
