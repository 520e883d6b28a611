/** Counts the values of events feature by feature: what an update says of their distribution. */
import { type BinFinder, binAt, binFinder } from './bin-finder.ts'
import { type BinKind, binKind, type FeatureBins, phaseEdges, turnOf } from './feature-bins.ts'
import { emptyCounts, type FeatureCounts } from './feature-counts.ts'
import type { FeaturePlan, PlannedFeature } from './feature-plan.ts'
import { type FieldColumns, FieldKind } from './fields.ts'

/** Where values are clipped, by column. */
interface Fences {
  readonly low: Float64Array
  readonly high: Float64Array
}

/** One feature, ready to be counted. */
interface CountedFeature {
  readonly index: number
  readonly kind: BinKind
  readonly slot: number
  readonly column: number
  readonly columns: number
  readonly firstBin: number
  readonly lastBin: number
  readonly finder: BinFinder
  readonly low: number
  readonly high: number
}

/** Adds up the counts of batches of rows. */
export class FeatureCounter {
  readonly counts: FeatureCounts
  private readonly features: readonly CountedFeature[]
  private readonly d: number
  private readonly fieldsPerEvent: number

  constructor(plan: FeaturePlan, bins: FeatureBins, fences: Fences) {
    this.counts = emptyCounts(plan.features.length, bins.from[plan.features.length])
    this.features = plan.features.map((feature, f) => countedFeature(feature, f, bins, fences))
    this.d = plan.columns.length
    this.fieldsPerEvent = plan.fields.length
  }

  /**
   * Counts n rows (n × d, clipped) of the events that they were made from. A row whose label is negative is left out.
   * @param eventOf of each row its event in `fields`.
   */
  add(rows: Float64Array, n: number, labels: Int32Array, eventOf: Int32Array, fields: FieldColumns): void {
    for (const feature of this.features) this.addFeature(feature, rows, n, labels, eventOf, fields)
  }

  /** Counts the sample of a birth: n rows that are clipped, and NaN where a value is missing. */
  addSample(rows: Float64Array, n: number): void {
    const { bins, missing, clipped } = this.counts
    for (const feature of this.features) {
      const { index, column, low, high } = feature
      for (let i = 0, at = column; i < n; i++, at += this.d) {
        if (Number.isNaN(rows[at])) {
          missing[index]++
          continue
        }
        if (rows[at] <= low || rows[at] >= high) clipped[index]++
        bins[binOfRow(feature, rows, at)]++
      }
    }
  }

  private addFeature(
    feature: CountedFeature,
    rows: Float64Array,
    n: number,
    labels: Int32Array,
    eventOf: Int32Array,
    { kind }: FieldColumns,
  ): void {
    const { d, fieldsPerEvent } = this
    const { bins } = this.counts
    const { index, column, slot, low, high } = feature
    let missing = 0
    let clipped = 0
    for (let i = 0, at = column; i < n; i++, at += d) {
      if (labels[i] < 0) continue
      if (kind[eventOf[i] * fieldsPerEvent + slot] === FieldKind.missing) {
        missing++
        continue
      }
      // Clipping has put it there; that a value is there of itself does not happen.
      if (rows[at] <= low || rows[at] >= high) clipped++
      bins[binOfRow(feature, rows, at)]++
    }
    this.counts.missing[index] += missing
    this.counts.clipped[index] += clipped
  }
}

function countedFeature(
  feature: PlannedFeature,
  index: number,
  { edges, from }: FeatureBins,
  { low, high }: Fences,
): CountedFeature {
  const kind = binKind(feature)
  const column = feature.firstColumn
  return {
    index,
    kind,
    slot: feature.slot,
    column,
    columns: feature.columns,
    firstBin: from[index],
    lastBin: from[index + 1] - 1,
    finder: binFinder(kind === 'phase' ? phaseEdges(from[index + 1] - from[index]) : edges[index]),
    low: low[column],
    high: high[column],
  }
}

/** The bin of the feature whose first column is at `at` of the rows. */
function binOfRow(feature: CountedFeature, rows: Float64Array, at: number): number {
  switch (feature.kind) {
    case 'number':
      return feature.firstBin + binAt(feature.finder, rows[at])
    case 'phase':
      return feature.firstBin + binAt(feature.finder, turnOf(rows[at], rows[at + 1]))
    case 'boolean':
      return rows[at] === 0 ? feature.firstBin : feature.lastBin
    case 'category':
      for (let j = 0; j < feature.columns; j++) if (rows[at + j] !== 0) return feature.firstBin + j
      return feature.lastBin
  }
}
