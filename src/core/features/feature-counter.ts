/** Counts the values of events feature by feature: what an update says of their distribution. */

import { type FieldColumns, FieldKind } from '../fields/fields.ts'
import { type CountedColumns, countedColumns, vectorCount } from '../kernel/vector-bins.ts'
import { binAt, mostBins, searchable } from './bin-finder.ts'
import { type BinKind, binKind, type FeatureBins, phaseEdges, turnOf } from './feature-bins.ts'
import { emptyCounts, type FeatureCounts } from './feature-counts.ts'
import type { FeaturePlan, PlannedFeature } from './feature-plan.ts'

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
  readonly edges: Float64Array
  readonly low: number
  readonly high: number
  /** What is clipped lies in the bins at the ends, so that most of the time there is nothing to look for. */
  readonly clipsAtEnds: boolean
}

/** Adds up the counts of batches of rows. */
export class FeatureCounter {
  readonly counts: FeatureCounts
  private readonly features: readonly CountedFeature[]
  private readonly numbers: readonly CountedFeature[]
  /** Of the numbers, for the vector unit. */
  private readonly numberColumns: CountedColumns
  private readonly d: number
  /** Of an event: its fields, then what profiles say of it. */
  private readonly slots: number

  constructor(plan: FeaturePlan, bins: FeatureBins, fences: Fences) {
    this.counts = emptyCounts(plan.features.length, bins.from[plan.features.length])
    this.features = plan.features.map((feature, f) => countedFeature(feature, f, bins, fences))
    this.numbers = this.features.filter(({ kind }) => kind === 'number')
    this.numberColumns = countedColumns(this.numbers)
    this.d = plan.columns.length
    this.slots = plan.slots
  }

  /**
   * Counts n rows (n × d, clipped) of the events that they were made from. A row whose label is negative is left out.
   * @param eventOf of each row its event in `fields`.
   */
  add(rows: Float64Array, n: number, labels: Int32Array, eventOf: Int32Array, fields: FieldColumns): void {
    if (n === 0) return
    const found = vectorCount(rows, n, this.d, this.numberColumns) ?? this.plainCount(rows, n)
    for (const [i, feature] of this.numbers.entries()) this.addNumbers(feature, found, i * mostBins, rows, n)
    for (const feature of this.features) if (feature.kind !== 'number') this.countAll(feature, rows, n)
    // One search through bytes tells most batches that there is nothing to take back.
    const kinds = fields.kind.subarray(0, (eventOf[n - 1] + 1) * this.slots)
    if (!kinds.includes(FieldKind.missing) && !someNegative(labels, n)) return
    for (const feature of this.features) this.takeBack(feature, rows, n, labels, eventOf, fields)
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

  /** As `vectorCount`, everywhere: without a branch, too. */
  private plainCount(rows: Float64Array, n: number): Int32Array {
    const found = new Int32Array(this.numbers.length * mostBins)
    for (const [i, { column, edges }] of this.numbers.entries()) {
      const from = i * mostBins
      for (let row = 0, at = column; row < n; row++, at += this.d) found[from + binAt(edges, rows[at])]++
    }
    return found
  }

  /** Adds what was found of a number, from `from` on; and looks for values that were clipped, unless none can have been. */
  private addNumbers(feature: CountedFeature, found: Int32Array, from: number, rows: Float64Array, n: number): void {
    const { bins, clipped } = this.counts
    const { column, firstBin, lastBin, index } = feature
    const last = lastBin - firstBin
    for (let b = 0; b <= last; b++) bins[firstBin + b] += found[from + b]
    if (feature.clipsAtEnds && found[from] === 0 && found[from + last] === 0) return
    for (let i = 0, at = column; i < n; i++, at += this.d) clipped[index] += isClipped(feature, rows[at])
  }

  /** Counts every row of what is no number, without a branch. */
  private countAll(feature: CountedFeature, rows: Float64Array, n: number): void {
    const { d } = this
    const { bins } = this.counts
    const { kind, column, edges, firstBin } = feature
    if (kind === 'phase') {
      for (let i = 0, at = column; i < n; i++, at += d) bins[firstBin + binAt(edges, turnOf(rows[at], rows[at + 1]))]++
      return
    }
    if (kind === 'category') {
      for (let i = 0, at = column; i < n; i++, at += d) bins[categoryBin(feature, rows, at)]++
      return
    }
    for (let i = 0, at = column; i < n; i++, at += d) bins[binOfRow(feature, rows, at)]++
  }

  /** Takes back what is no value that trains: of rows that do not, and what stands for one that is missing. */
  private takeBack(
    feature: CountedFeature,
    rows: Float64Array,
    n: number,
    labels: Int32Array,
    eventOf: Int32Array,
    { kind }: FieldColumns,
  ): void {
    const { d, slots } = this
    const { bins, clipped, missing } = this.counts
    const { column, slot, index } = feature
    for (let i = 0; i < n; i++) {
      const absent = kind[eventOf[i] * slots + slot] === FieldKind.missing
      if (!absent && labels[i] >= 0) continue
      const at = i * d + column
      bins[binOfRow(feature, rows, at)]--
      clipped[index] -= isClipped(feature, rows[at])
      if (labels[i] >= 0) missing[index]++
    }
  }
}

function someNegative(labels: Int32Array, n: number): boolean {
  for (let i = 0; i < n; i++) if (labels[i] < 0) return true
  return false
}

function countedFeature(
  feature: PlannedFeature,
  index: number,
  { edges, from }: FeatureBins,
  fences: Fences,
): CountedFeature {
  const kind = binKind(feature)
  const column = feature.firstColumn
  const own = kind === 'phase' ? phaseEdges(from[index + 1] - from[index]) : edges[index]
  const low = fences.low[column]
  const high = fences.high[column]
  return {
    index,
    kind,
    slot: feature.slot,
    column,
    columns: feature.columns,
    firstBin: from[index],
    lastBin: from[index + 1] - 1,
    edges: searchable(own),
    low,
    high,
    clipsAtEnds: own.length > 0 && low < own[0] && high >= own[own.length - 1],
  }
}

/** Whether clipping has put the value there; that one is there of itself does not happen. */
function isClipped({ kind, low, high }: CountedFeature, x: number): number {
  return kind === 'number' && (x <= low || x >= high) ? 1 : 0
}

/** The bin of the feature whose first column is at `at` of the rows. */
function binOfRow(feature: CountedFeature, rows: Float64Array, at: number): number {
  const { kind, edges, firstBin, lastBin } = feature
  switch (kind) {
    case 'number':
      return firstBin + binAt(edges, rows[at])
    case 'phase':
      return firstBin + binAt(edges, turnOf(rows[at], rows[at + 1]))
    case 'boolean':
      return rows[at] === 0 ? firstBin : lastBin
    case 'category':
      return categoryBin(feature, rows, at)
  }
}

/** The bin of the first column that is not 0; the last one where all are. */
function categoryBin({ firstBin, lastBin, columns }: CountedFeature, rows: Float64Array, at: number): number {
  let bin = lastBin
  for (let j = columns - 1; j >= 0; j--) bin += +(rows[at + j] !== 0) * (firstBin + j - bin)
  return bin
}
