/** What the score without clusters says of the retained input: the floor that every clustered score must beat. */

import { type FeaturePlan, idSlot } from '../core/features/feature-plan.ts'
import { bendRows, chooseShapes } from '../core/features/shape-choice.ts'
import type { Shapes } from '../core/features/shapes.ts'
import { type ColumnBounds, sampleBounds, vectorise } from '../core/features/vectorise.ts'
import { fieldText } from '../core/fields/field-text.ts'
import { FieldColumns, type Projection } from '../core/fields/fields.ts'
import { writeNumericTexts } from '../core/fields/numeric-text.ts'
import { type ProfileLimits, Profiles } from '../core/profiles/profiles.ts'
import { RunningMeanScore } from '../core/score/baseline.ts'
import type { EventLog, SchemaRegistry } from '../runtime/ports.ts'
import { type Committed, existingRanges, readUpTo } from './committed.ts'

/** Rows that are scored together, then learned from. */
const batchRows = 1000
/** Its square is finite, and no real value comes near. */
const largest = 1e100

export interface BaselineInput {
  readonly log: EventLog
  readonly registry: SchemaRegistry | null
  readonly topic: string
  readonly plan: FeaturePlan
  readonly profiles: ProfileLimits
  readonly projection: Projection
}

/**
 * Reads the input from its beginning to where it ended when this was called, its partitions beside one another, and
 * tells each valid event's distance to the running mean of those before it. The first 1,000 have none.
 */
export async function baselineScores(
  input: BaselineInput,
  signal: AbortSignal,
  onScore: (id: string, score: number) => void,
  onProgress: (records: number) => void,
): Promise<void> {
  const { log, topic } = input
  const scorer = new PrequentialScorer(input, onScore)
  let records = 0
  for await (const committed of readUpTo(log, topic, await existingRanges(log, topic), signal)) {
    await scorer.take(committed)
    records += committed.count
    onProgress(records)
  }
  scorer.finish()
}

class PrequentialScorer {
  private readonly input: BaselineInput
  private readonly onScore: (id: string, score: number) => void
  private readonly baseline: RunningMeanScore
  private readonly fields: FieldColumns
  private readonly chunk: Float64Array
  private readonly eventOf = new Int32Array(batchRows)
  private readonly rows: Float64Array
  private readonly scores = new Float64Array(batchRows)
  /** Numbers are left as they are: the first rows say how they are to be bent, as those of a birth do. */
  private readonly bounds: ColumnBounds
  private shapes: Shapes | null = null
  /** By partition, as the score stage has them. */
  private readonly profiles = new Map<number, Profiles>()
  private ids: string[] = []
  private learned = false

  constructor(input: BaselineInput, onScore: (id: string, score: number) => void) {
    const d = input.plan.columns.length
    this.input = input
    this.onScore = onScore
    this.baseline = new RunningMeanScore(d)
    this.fields = new FieldColumns(batchRows, input.plan.slots)
    this.chunk = new Float64Array(batchRows * d)
    this.rows = new Float64Array(batchRows * d)
    this.bounds = {
      ...sampleBounds(d),
      low: new Float64Array(d).fill(-largest),
      high: new Float64Array(d).fill(largest),
    }
  }

  async take({ batch, count }: Committed): Promise<void> {
    const { projection, registry } = this.input
    for (const id of projection.unresolved(batch, 0, count)) {
      projection.resolve(id, registry === null ? null : await registry.lookup(id))
    }
    for (let from = 0; from < count; from += batchRows) this.takeChunk(batch, from, Math.min(count, from + batchRows))
  }

  /** Scores what has been gathered last. */
  finish(): void {
    const n = this.ids.length
    if (n === 0) return
    this.shapes ??= chooseShapes(this.input.plan, this.rows, n)
    bendRows(this.shapes, this.rows, n)
    this.fillMissing(n)
    if (this.learned) {
      this.baseline.score(this.rows, n, this.scores)
      for (let i = 0; i < n; i++) this.onScore(this.ids[i], this.scores[i])
    }
    this.baseline.learn(this.rows, n)
    this.learned = true
    this.ids = []
  }

  private takeChunk(batch: Committed['batch'], from: number, to: number): void {
    const { plan, projection, profiles: limits } = this.input
    const { fields, chunk, eventOf, rows } = this
    const d = plan.columns.length
    projection.project(batch, from, to, fields)
    let profiles = this.profiles.get(batch.partition) ?? null
    if (plan.profiles !== null && profiles === null) {
      profiles = new Profiles(plan.profiles, limits)
      this.profiles.set(batch.partition, profiles)
    }
    const profiled = profiles === null ? null : { profiles, records: { ...batch, from } }
    const { valid } = vectorise(plan, fields, batch.bytes, to - from, this.bounds, chunk, eventOf, profiled)
    // What was given up would be remembered until it is written.
    profiles?.settle()
    writeNumericTexts(fields, idSlot, to - from)
    for (let i = 0; i < valid; i++) {
      rows.set(chunk.subarray(i * d, (i + 1) * d), this.ids.length * d)
      this.ids.push(fieldText(fields, eventOf[i] * fields.fields + idSlot, batch.bytes))
      if (this.ids.length === batchRows) this.finish()
    }
  }

  /** A missing value stands at the running mean, where it adds nothing. */
  private fillMissing(n: number): void {
    const { mean, d } = this.baseline.statistics
    for (let at = 0; at < n * d; at++) if (Number.isNaN(this.rows[at])) this.rows[at] = mean[at % d]
  }
}
