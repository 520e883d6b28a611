/** What the events of one transaction teach, gathered chunk by chunk. */
import { FeatureCounter } from '../core/features/feature-counter.ts'
import type { FeaturePlan } from '../core/features/feature-plan.ts'
import type { ColumnBounds } from '../core/features/vectorise.ts'
import type { FieldColumns } from '../core/fields/fields.ts'
import { meanSquaredDistance } from '../core/model/metric.ts'
import type { Model, OffsetRange } from '../core/model/model.ts'
import { type ColumnStatistics, copyCluster, emptyStatistics } from '../core/model/statistics.ts'
import type { ModelUpdate } from '../core/model/update.ts'
import { rarityBin, rarityBins } from '../core/score/rarity.ts'
import type { Scores } from '../core/score/scorer.ts'
import { farInMeans } from '../core/upkeep/surprise.ts'
import { BatchSample } from './batch-sample.ts'
import { BatchSums } from './batch-sums.ts'
import { SegmentCounter } from './segment-counter.ts'

/** Rows and what they were made from and into. */
interface ScoredRows {
  readonly rows: Float64Array
  readonly n: number
  readonly scores: Scores
  /** Of each row its event in `fields`. */
  readonly eventOf: Int32Array
  readonly fields: FieldColumns
  /** Of the batch that they were read from. */
  readonly bytes: Uint8Array
}

/** What one transaction after another is summed in. */
export class SumsMemory {
  private sums: BatchSums | null = null

  /** For rows scored by this version, with nothing in them; what was given before is gone. */
  cleared(model: Model): BatchSums {
    if (this.sums?.isFor(model)) this.sums.clear()
    else this.sums = new BatchSums(model.k, model.d)
    return this.sums!
  }
}

export class BatchStatistics {
  private readonly model: Model
  private readonly sums: BatchSums
  private readonly binCounts = new Float64Array(rarityBins)
  private readonly ranges = new Map<number, OffsetRange>()
  private readonly training: Int32Array
  private readonly usualTraining: Int32Array
  private readonly offsets: Float64Array
  private readonly sample: BatchSample
  private readonly far: number
  private readonly features: FeatureCounter
  private readonly segments: SegmentCounter | null
  private trained = 0
  private farEvents = 0
  private fromMs = Number.POSITIVE_INFINITY
  private toMs = Number.NEGATIVE_INFINITY

  /** For events scored by this version, at most `chunkSize` at a time; whoever shares the memory must be done with it. */
  constructor(model: Model, plan: FeaturePlan, bounds: ColumnBounds, chunkSize: number, memory = new SumsMemory()) {
    this.model = model
    this.sums = memory.cleared(model)
    this.training = new Int32Array(chunkSize)
    this.usualTraining = new Int32Array(chunkSize)
    this.offsets = new Float64Array(chunkSize)
    const meanSquared = meanSquaredDistance(model)
    this.sample = new BatchSample(model, meanSquared)
    this.far = Math.sqrt(farInMeans * meanSquared)
    this.features = new FeatureCounter(plan, model.features.bins, bounds)
    this.segments = SegmentCounter.of(model, plan)
  }

  /** Notes that offsets [from, to) of a partition have been dealt with. */
  cover(partition: number, from: number, to: number): void {
    const known = this.ranges.get(partition)
    this.ranges.set(partition, { partition, from: known?.from ?? from, to })
  }

  /** Notes that there were records of these times. */
  coverTimes(times: Float64Array): void {
    for (let i = 0; i < times.length; i++) {
      if (times[i] < this.fromMs) this.fromMs = times[i]
      if (times[i] > this.toMs) this.toMs = times[i]
    }
  }

  /**
   * Adds n scored rows; `offsetOf(i)` is the offset of row i. Rows that the model was born from do not train, nor do those
   * that `admits` bars; null: it bars none.
   */
  add(
    partition: number,
    { rows, n, scores, eventOf, fields, bytes }: ScoredRows,
    offsetOf: (i: number) => number,
    admits: ((i: number) => boolean) | null = null,
  ): void {
    const { training, usualTraining, offsets, model } = this
    const { budget } = model.control
    for (let i = 0; i < n; i++) offsets[i] = offsetOf(i)
    const trains = this.choose(partition, n, scores.labels, admits)
    this.count(n, scores)
    this.sample.offer(partition, offsets, training, n, rows, scores.distances)
    if (trains === 0) return
    this.trained += trains
    for (let i = 0; i < n; i++) usualTraining[i] = training[i] < 0 ? -1 : scores.usualLabels[i]
    this.sums.add(model, rows, n, training, usualTraining)
    this.features.add(rows, n, training, eventOf, fields)
    if (this.segments === null) return
    for (let i = 0; i < n; i++) {
      if (training[i] < 0) continue
      const isAnomaly = scores.rarities[i] <= budget
      this.segments.add(eventOf[i], fields, bytes, rarityBin(scores.logDistances[i]), isAnomaly)
    }
  }

  /** Fills `training` with the labels of the rows that train, and −1 for the others; gives how many do. */
  private choose(partition: number, n: number, labels: Int32Array, admits: ((i: number) => boolean) | null): number {
    const { training, offsets } = this
    const born = this.model.bornFrom.find((range) => range.partition === partition)
    let trains = n
    for (let i = 0; i < n; i++) {
      training[i] = labels[i]
      const bornFrom = born !== undefined && offsets[i] >= born.from && offsets[i] < born.to
      if (bornFrom || (admits !== null && !admits(i))) {
        training[i] = -1
        trains--
      }
    }
    return trains
  }

  /** Counts how far the rows that train lie. */
  private count(n: number, { distances, logDistances }: Scores): void {
    const { training, far, binCounts } = this
    for (let i = 0; i < n; i++) {
      if (training[i] < 0) continue
      if (distances[i] > far) this.farEvents++
      binCounts[rarityBin(logDistances[i])]++
    }
  }

  /** The update to publish; null when no offset was covered. */
  finish(): ModelUpdate | null {
    if (this.ranges.size === 0) return null
    const { model, binCounts, sums } = this
    sums.addWaiting(model)
    const [index, clusters] = touched(sums.total)
    const [usualIndex, statistics] = touched(sums.usual)
    const bins = placesAboveZero(binCounts)
    return {
      bornAtMs: model.bornAtMs,
      version: model.version,
      d: model.d,
      ranges: [...this.ranges.values()].sort((a, b) => a.partition - b.partition),
      trained: this.trained,
      clusterIds: index.map((j) => model.ids[j]),
      clusters,
      bins,
      counts: Float64Array.from(bins, (b) => binCounts[b]),
      farEvents: this.farEvents,
      sampled: this.sample.taken(),
      features: { ...this.features.counts, from: model.features.bins.from },
      usual: { sinceVersion: model.usual.sinceVersion, index: usualIndex, statistics },
      budget: model.control.budget,
      // Where nothing was timed, as of a record without a time.
      fromMs: this.fromMs <= this.toMs ? this.fromMs : -1,
      toMs: this.fromMs <= this.toMs ? this.toMs : -1,
      segments: this.segments?.taken() ?? [],
    }
  }
}

/** The clusters that any event fell to: their indices, ascending, and their statistics in that order. */
function touched(all: ColumnStatistics): [Int32Array, ColumnStatistics] {
  const { weight, d } = all
  const index = placesAboveZero(weight)
  const some = emptyStatistics(index.length, d)
  for (const [i, j] of index.entries()) copyCluster(some, i, all, j)
  return [index, some]
}

/** Where the values above 0 are, ascending. */
function placesAboveZero(values: Float64Array): Int32Array {
  const places = new Int32Array(values.length)
  let n = 0
  for (let i = 0; i < values.length; i++) if (values[i] > 0) places[n++] = i
  return places.slice(0, n)
}
