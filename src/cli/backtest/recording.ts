/** What a replay scored, event by event, and what stands beside it: k = 1, the refits, the rows for the end. */

import { type FeaturePlan, idSlot } from '../../core/features/feature-plan.ts'
import { vectorise } from '../../core/features/vectorise.ts'
import { fieldText } from '../../core/fields/field-text.ts'
import { writeNumericTexts } from '../../core/fields/numeric-text.ts'
import { fences } from '../../core/model/fences.ts'
import { inverseScales, scalesOf } from '../../core/model/metric.ts'
import { RunningMeanScore } from '../../core/score/baseline.ts'
import type { Scorer } from '../../core/score/scorer.ts'
import { type AnomalyValue, chunkEvents, type ScoredChunk } from '../../stages/score.ts'
import type { Truth } from '../truth.ts'
import { ClusterLives } from './cluster-lives.ts'
import { DriftWindows, type WindowRows } from './drift-windows.ts'
import type { FedPart } from './feed.ts'
import { FoundDrifts } from './found-drifts.ts'
import { GrowingNumbers } from './growing.ts'
import type { Label } from './labelled-events.ts'
import type { ReplayWatcher } from './replay.ts'
import { RowSample } from './row-sample.ts'
import { TopAnomalies } from './top-anomalies.ts'

/** Its square is finite, and no real value comes near. */
const largest = 1e100

export interface RecordingOptions {
  readonly plan: FeaturePlan
  /** The first rows of the stream, which are not judged. */
  readonly warmup: number
  /** Null: the events carry their labels. */
  readonly truth: Truth | null
  /** Told of each window of rows that clusters were judged by. */
  readonly onWindow?: (window: WindowRows) => void
}

/** The columns hold one number for each judged event, in the order in which they were scored. */
export class Recording implements ReplayWatcher {
  readonly logDistances = new GrowingNumbers()
  readonly rarities = new GrowingNumbers()
  readonly distances = new GrowingNumbers()
  readonly baseline = new GrowingNumbers()
  readonly clusters = new GrowingNumbers()
  /** 1, 0, or -1 for unknown. */
  readonly labels = new GrowingNumbers()
  /** Place in the stream. */
  readonly numbers = new GrowingNumbers()
  /** 1 for what was called anomalous. */
  readonly flags = new GrowingNumbers()
  readonly kept: RowSample
  readonly drift: DriftWindows
  readonly top = new TopAnomalies()
  readonly lives = new ClusterLives()
  readonly drifts: FoundDrifts
  private readonly options: RecordingOptions
  private readonly runningMean: RunningMeanScore
  private scorer: Scorer | null = null
  /** Events that have been met, invalid ones included. */
  private events = 0
  /** The chunk in hand. */
  private chunk: { readonly chunk: ScoredChunk; readonly part: FedPart } | null = null
  /** Of each row of it the place in the columns, or -1. */
  private readonly placeOf = new Int32Array(chunkEvents)
  private readonly rows = new GrowingNumbers()
  private readonly isJudged = new GrowingNumbers()
  private readonly unclipped: Float64Array
  private readonly eventOf = new Int32Array(chunkEvents)

  constructor(options: RecordingOptions) {
    const d = options.plan.columns.length
    this.options = options
    this.runningMean = new RunningMeanScore(d)
    this.kept = new RowSample(d, 1)
    this.drift = new DriftWindows(d, options.onWindow)
    this.drifts = new FoundDrifts(options.plan)
    this.unclipped = new Float64Array(chunkEvents * d)
  }

  version(scorer: Scorer): void {
    this.scorer = scorer
    this.lives.note(scorer.model, this.events)
    this.drifts.note(scorer.model, this.events)
  }

  scored(chunk: ScoredChunk, part: FedPart): void {
    const { scores, valid, batch, from, eventOf } = chunk
    const { model } = this.scorer!
    const { truth } = this.options
    this.chunk = { chunk, part }
    this.events += chunk.count
    this.rows.append(this.rowsOf(chunk))
    if (truth !== null) writeNumericTexts(chunk.fields, idSlot, chunk.count)
    for (let i = 0; i < valid; i++) {
      const offset = batch.offset[from + eventOf[i]]
      const isJudged = this.isToBeJudged(part, offset)
      this.isJudged.push(isJudged ? 1 : 0)
      this.placeOf[i] = isJudged ? this.flags.length : -1
      if (!isJudged) continue
      this.logDistances.push(scores.logDistances[i])
      this.rarities.push(scores.rarities[i])
      this.distances.push(scores.distances[i])
      this.clusters.push(model.ids[scores.labels[i]])
      this.labels.push(this.labelOf(i))
      this.numbers.push(part.numbers[offset - part.from])
      this.flags.push(0)
    }
  }

  anomaly(value: AnomalyValue): void {
    const { chunk, part } = this.chunk!
    const { batch, from, eventOf, valid, scores } = chunk
    let i = 0
    while (i < valid && batch.offset[from + eventOf[i]] !== value.offset) i++
    if (this.placeOf[i] < 0) return
    this.flags.set(this.placeOf[i], 1)
    const number = part.numbers[value.offset - part.from]
    this.top.add({ number, label: this.labelOf(i), logDistance: scores.logDistances[i], value })
  }

  batchEnded(): void {
    const { runningMean, scorer } = this
    const rows = this.rows.view()
    const n = this.isJudged.length
    const isJudged = Uint8Array.from(this.isJudged.view())
    const baseline = new Float64Array(n)
    runningMean.score(rows, n, baseline)
    for (let i = 0; i < n; i++) if (isJudged[i] === 1) this.baseline.push(baseline[i])
    this.drift.add(rows, n, isJudged, scorer!.model.clusters, this.scale())
    this.kept.add(rows, n)
    if (n > 0) runningMean.learn(rows, n)
    this.rows.clear()
    this.isJudged.clear()
  }

  /** One over the deviation of every column over all rows learned so far (or the fixed one), times its stretch. */
  scale(): Float64Array {
    return inverseScales(scalesOf(this.options.plan.columns), this.runningMean.spread())
  }

  /** The rows as they were before what is absurd was clipped: the inertia of both sides is that of the events. */
  private rowsOf({ fields, batch, count, valid, clipped, rows }: ScoredChunk): Float64Array {
    const { plan } = this.options
    const d = plan.columns.length
    if (clipped === 0) return rows.subarray(0, valid * d)
    const bounds = {
      ...fences(this.scorer!.model),
      low: new Float64Array(d).fill(-largest),
      high: new Float64Array(d).fill(largest),
    }
    // What profiles said of the events is in their fields still: they meet them once.
    vectorise(plan, fields, batch.bytes, count, bounds, this.unclipped, this.eventOf)
    return this.unclipped.subarray(0, valid * d)
  }

  /** Neither of the first rows nor one that the model was born from: what it had seen beforehand says nothing. */
  private isToBeJudged({ partition, from, numbers }: FedPart, offset: number): boolean {
    if (numbers[offset - from] < this.options.warmup) return false
    const born = this.scorer!.model.bornFrom.find((range) => range.partition === partition)
    return born === undefined || offset >= born.to
  }

  /** Of row i of the chunk in hand. */
  private labelOf(i: number): Label {
    const { chunk, part } = this.chunk!
    const { fields, eventOf, batch, from } = chunk
    const { truth } = this.options
    if (truth === null) return part.labels[batch.offset[from + eventOf[i]] - part.from]
    const index = truth.indexOf.get(fieldText(fields, eventOf[i] * fields.fields + idSlot, batch.bytes))
    return index === undefined ? -1 : (truth.positive[index] as Label)
  }
}
