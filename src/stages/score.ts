/** The score stage: events in; assignments, anomalies, dead letters and one model update out. */

import { AvroWriter } from '../core/codec/avro-writer.ts'
import { fingerprintToBytes } from '../core/codec/fingerprint.ts'
import { encodeUpdate } from '../core/codec/update-codec.ts'
import { type FeaturePlan, idSlot } from '../core/features/feature-plan.ts'
import { vectorise } from '../core/features/vectorise.ts'
import { fieldText } from '../core/fields/field-text.ts'
import { FieldColumns, type Projection } from '../core/fields/fields.ts'
import { type InvalidReason, invalidReasons, reasonCode } from '../core/fields/invalid.ts'
import { writeNumericTexts } from '../core/fields/numeric-text.ts'
import { fences } from '../core/model/fences.ts'
import type { Profiles } from '../core/profiles/profiles.ts'
import { type Contribution, explain, heavyClusters } from '../core/score/explanation.ts'
import { emptyScores, type Scorer, type Scores, score } from '../core/score/scorer.ts'
import { isWarmingUp } from '../core/score/warm-up.ts'
import { type AssignmentContext, appendAssignments, remoteness } from './assignment.ts'
import { BatchStatistics, SumsMemory } from './batch-statistics.ts'
import { appendDeadLetter } from './dead-letter.ts'
import { KeyShare } from './key-share.ts'
import { type ProfileChanges, ProfileRecords } from './profile-records.ts'
import { keyAt, type Outputs, type RecordBatch } from './records.ts'
import { framed } from './wire-format.ts'

/** Events dealt with in one piece: small enough that input and output get their turn in between. */
export const chunkEvents = 1000

/** The value of an anomaly, as schemas/anomaly.avsc has it. */
export interface AnomalyValue {
  readonly eventId: string
  readonly partition: number
  readonly offset: number
  readonly cluster: number
  readonly distance: number
  readonly score: number
  readonly modelVersion: number
  readonly fingerprint: Uint8Array
  readonly remoteness: number
  readonly warmUp: boolean
  readonly threshold: number
  readonly rarity: number
  readonly secondCluster: number | null
  readonly secondDistance: number | null
  readonly contributions: readonly Contribution[]
}

/** What a record of the outputs may have at most, in bytes. The input may be compressed, and so has no such bound. */
export interface OutputLimits {
  /** A key that assignments and anomalies take, with all that they say. */
  readonly keyBytes: number
  /** Key, value and headers of a dead letter. */
  readonly deadLetterBytes: number
}

/** Where the outputs of a shadow go, so that they can be compared. Dead letters of a shadow are only counted. */
export interface ShadowTopics {
  readonly assignments: string
  readonly anomalies: string
}

export interface ScoreOptions {
  readonly name: string
  readonly plan: FeaturePlan
  readonly projection: Projection
  readonly topics: {
    readonly input: string
    readonly assignments: string
    readonly anomalies: string
    readonly deadLetters: string
    readonly modelUpdates: string
    /** Of events whose outputs another deployment writes; null: nowhere. */
    readonly shadow: ShadowTopics | null
  }
  readonly limits: OutputLimits
  readonly schemaIds: { readonly assignment: number; readonly modelUpdate: number }
  /** Where changed profiles go; unset: the plan has none. */
  readonly profiles?: { readonly topic: string; readonly schemaId: number }
  readonly encodeAnomaly: (value: AnomalyValue) => Uint8Array
  /** The most that the events of one key may be of what is learned; null or unset: all. */
  readonly keyShare?: number | null
  /** Features that an explanation names. */
  readonly topFeatures: number
  /** Told of every chunk before its anomalies are written: what a backtest judges is what was computed here. */
  readonly onScored?: (chunk: ScoredChunk) => void
}

/** Records [from, from + count) of a batch as they were scored. All of it is working memory, good until the next chunk. */
export interface ScoredChunk {
  readonly batch: RecordBatch
  readonly from: number
  readonly count: number
  readonly fields: FieldColumns
  /** The valid events: row i is event `from + eventOf[i]` of the batch, with score i. */
  readonly valid: number
  readonly eventOf: Int32Array
  readonly rows: Float64Array
  readonly scores: Scores
  /** Values of the rows that were clipped. */
  readonly clipped: number
  /** What scored it. */
  readonly scorer: Scorer
}

/** What happened in one transaction's worth of events. */
export interface ScoreFacts {
  valid: number
  anomalies: number
  clipped: number
  readonly invalid: Map<InvalidReason, number>
  readonly profiles: ProfileChanges
}

/** The profiles of a partition, as they are after all of its events that were dealt with before. */
export type ProfilesOf = (partition: number) => Profiles

/** Scores the events of one transaction, all by the same version. */
export interface ScoreRun {
  readonly facts: ScoreFacts
  /**
   * Deals with records [from, to) of a batch, at most `chunkEvents` of them; their schemas are resolved. `isShadow`: their
   * outputs are another deployment's to write.
   */
  score(batch: RecordBatch, from: number, to: number, outputs: Outputs, isShadow?: boolean): void
  /** The batch is done up to its `nextOffset`; `fromOffset` is where it began. */
  cover(batch: RecordBatch): void
  /**
   * Appends the profiles that changed and the model update, which leads whoever folds it to the trace of this run, if there
   * is one. Nothing may follow.
   */
  finish(outputs: Outputs, timestampMs: number, traceparent?: string | null): void
}

/** Working memory that outlives a transaction. */
interface Workspace {
  readonly fields: FieldColumns
  readonly rows: Float64Array
  readonly eventOf: Int32Array
  readonly scores: Scores
  readonly records: ProfileRecords | null
  readonly keyShare: KeyShare | null
  readonly sums: SumsMemory
  /** Of updates. */
  readonly writer: AvroWriter
}

/**
 * Makes a run that scores by one version; the one before must be finished, or nobody's any more. `profiles` (IN and OUT) are
 * the partitions'; null: none are kept.
 */
export type ScoreStage = (scorer: Scorer, profiles?: ProfilesOf | null) => ScoreRun

/**
 * Makes the stage. It keeps working memory, but no state: what a run does depends on scorer, profiles and events alone. With
 * a share for keys, what is learned also depends on the events before: a bound, which needs no restoring.
 */
export function scoreStage(options: ScoreOptions): ScoreStage {
  const { plan } = options
  const d = plan.columns.length
  const workspace: Workspace = {
    fields: new FieldColumns(chunkEvents, plan.slots),
    rows: new Float64Array(chunkEvents * d),
    eventOf: new Int32Array(chunkEvents),
    scores: emptyScores(chunkEvents),
    records: recordsOf(options),
    keyShare: options.keyShare == null ? null : new KeyShare(options.keyShare),
    sums: new SumsMemory(),
    writer: new AvroWriter(),
  }
  return (scorer, profiles = null) => scoreRun(options, workspace, scorer, profiles)
}

function recordsOf({ plan, profiles }: ScoreOptions): ProfileRecords | null {
  if (plan.profiles === null || profiles === undefined) return null
  return new ProfileRecords(plan.profiles, profiles.topic, profiles.schemaId)
}

function scoreRun(
  options: ScoreOptions,
  workspace: Workspace,
  scorer: Scorer,
  profilesOf: ProfilesOf | null,
): ScoreRun {
  const { plan, projection, topics } = options
  const { fields, rows, eventOf, scores, records, keyShare, sums, writer } = workspace
  const { model } = scorer
  const { budget } = model.control
  const context: AssignmentContext = {
    schemaId: options.schemaIds.assignment,
    modelVersion: scorer.version,
    fingerprint: Buffer.from(fingerprintToBytes(model.fingerprint)),
    clusterIds: model.ids,
    warmingUp: isWarmingUp(model),
  }
  const bounds = fences(model)
  const heavy = heavyClusters(model.usual.places.weight)
  const statistics = new BatchStatistics(model, plan, bounds, chunkEvents, sums)
  const facts: ScoreFacts = {
    valid: 0,
    anomalies: 0,
    clipped: 0,
    invalid: new Map(),
    profiles: { written: 0, evicted: 0 },
  }
  /** Partitions whose profiles events have met. */
  const met = new Map<number, Profiles>()

  return {
    facts,
    score(batch, from, to, outputs, isShadow = false) {
      const count = to - from
      projection.project(batch, from, to, fields)
      refuseLargeKeys(fields, batch, from, count, options.limits.keyBytes)
      const profiled =
        profilesOf === null ? null : { profiles: profilesOf(batch.partition), records: { ...batch, from } }
      if (profiled !== null) met.set(batch.partition, profiled.profiles)
      const { valid, clipped } = vectorise(plan, fields, batch.bytes, count, bounds, rows, eventOf, profiled)
      writeNumericTexts(fields, idSlot, count)
      score(scorer, rows, valid, scores)
      const written = isShadow ? topics.shadow : topics
      if (valid > 0) {
        if (written !== null) {
          const sink = outputs.sink(written.assignments, batch.partition)
          appendAssignments(sink, context, batch, from, fields, eventOf, valid, scores)
        }
        const scored = { rows, n: valid, scores, eventOf, fields, bytes: batch.bytes }
        const admits = keyShare === null ? null : (i: number) => keyShare.admits(batch, from + eventOf[i])
        statistics.add(batch.partition, scored, (i) => batch.offset[from + eventOf[i]], admits)
      }
      statistics.coverTimes(batch.timestamp.subarray(from, to))
      facts.valid += valid
      facts.clipped += clipped
      options.onScored?.({ batch, from, count, fields, valid, eventOf, rows, scores, clipped, scorer })
      facts.anomalies += appendAnomalies(batch, from, valid, outputs, written?.anomalies ?? null)
      if (valid < count) dealWithInvalid(batch, from, count, isShadow ? null : outputs)
    },
    cover(batch) {
      statistics.cover(batch.partition, batch.fromOffset, batch.nextOffset)
    },
    finish(outputs, timestampMs, traceparent = null) {
      for (const [partition, profiles] of met) {
        if (records === null) profiles.settle()
        else records.append(outputs, partition, profiles, timestampMs, facts.profiles)
      }
      const update = statistics.finish()
      if (update === null || facts.valid === 0) return
      const value = framed(options.schemaIds.modelUpdate, encodeUpdate(update, writer))
      const key = Buffer.from(String(update.ranges[0].partition))
      const headers = traceparent === null ? [] : [{ name: 'traceparent', value: Buffer.from(traceparent) }]
      outputs.append({ topic: topics.modelUpdates, partition: 0, key, value, timestamp: timestampMs, headers })
    },
  }

  /** How many there are; with no topic they are not explained. */
  function appendAnomalies(
    batch: RecordBatch,
    from: number,
    n: number,
    outputs: Outputs,
    topic: string | null,
  ): number {
    let found = 0
    for (let i = 0; i < n; i++) {
      const rarity = scores.rarities[i]
      if (rarity > budget) continue
      found++
      if (topic === null) continue
      const label = scores.labels[i]
      const record = from + eventOf[i]
      const event = { fields, event: eventOf[i], bytes: batch.bytes }
      const why = explain(scorer, plan, heavy, event, rows, i * scorer.d, label, options.topFeatures)
      const value: AnomalyValue = {
        eventId: fieldText(fields, eventOf[i] * fields.fields + idSlot, batch.bytes),
        partition: batch.partition,
        offset: batch.offset[record],
        cluster: model.ids[label],
        distance: scores.distances[i],
        score: 1 - rarity,
        modelVersion: scorer.version,
        fingerprint: context.fingerprint,
        remoteness: remoteness(scores.softDistances[i], scores.logDistances[i]),
        warmUp: context.warmingUp,
        threshold: 1 - budget,
        rarity,
        secondCluster: why.second === null ? null : model.ids[why.second.cluster],
        secondDistance: why.second === null ? null : why.second.distance,
        contributions: why.contributions,
      }
      outputs.append({
        topic,
        partition: batch.partition,
        key: keyAt(batch, record),
        value: options.encodeAnomaly(value),
        timestamp: batch.timestamp[record],
      })
    }
    return found
  }

  /** Counts them; with outputs each is a dead letter. */
  function dealWithInvalid(batch: RecordBatch, from: number, count: number, outputs: Outputs | null): void {
    const source = { topic: topics.input, name: options.name, maxBytes: options.limits.deadLetterBytes }
    for (let e = 0; e < count; e++) {
      const code = fields.reason[e]
      if (code === 0) continue
      if (outputs !== null) appendDeadLetter(outputs, topics.deadLetters, source, batch, from + e, code)
      const reason = invalidReasons[code] as InvalidReason
      facts.invalid.set(reason, (facts.invalid.get(reason) ?? 0) + 1)
    }
  }
}

/** An assignment has its event's key: what no output takes must not reach one, or nothing behind it ever would. */
function refuseLargeKeys(
  fields: FieldColumns,
  { keyLength }: RecordBatch,
  from: number,
  count: number,
  maxKeyBytes: number,
): void {
  for (let e = 0; e < count; e++) {
    if (keyLength[from + e] > maxKeyBytes && fields.reason[e] === 0) fields.reason[e] = reasonCode.key_too_large
  }
}
