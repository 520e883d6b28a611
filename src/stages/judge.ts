/** Events judged beside the stream, by the score stage's own steps: they are in no partition, so nothing of them is learned. */
import { type FeaturePlan, idSlot } from '../core/features/feature-plan.ts'
import { vectorise } from '../core/features/vectorise.ts'
import { fieldText } from '../core/fields/field-text.ts'
import { type EventBytes, FieldColumns, type Projection } from '../core/fields/fields.ts'
import { type InvalidReason, invalidReasons } from '../core/fields/invalid.ts'
import { writeNumericTexts } from '../core/fields/numeric-text.ts'
import { fences } from '../core/model/fences.ts'
import { type Explanation, explain, heavyClusters } from '../core/score/explanation.ts'
import { emptyScores, type Scorer, score } from '../core/score/scorer.ts'
import { remoteness } from './assignment.ts'

/** The most that are judged in one piece. */
export const judgedAtOnce = 1000

/** What became of the events of one piece, by their place in it. All of it is working memory, good until the next piece. */
export interface Judged {
  /** Null: the event is valid. */
  reason(event: number): InvalidReason | null
  /** Of a valid event only. */
  verdict(event: number): Verdict
  /** Of a valid event only: the features that explain most of its distance, and the second-nearest cluster. */
  why(event: number): Explanation
}

export interface Verdict {
  readonly eventId: string
  /** Stable id of the nearest cluster. */
  readonly cluster: number
  /** In spreads. */
  readonly distance: number
  readonly rarity: number
  readonly remoteness: number
}

/** Judges `count` events, at most `judgedAtOnce`, by one version. */
export type Judge = (scorer: Scorer, events: EventBytes & { readonly bytes: Buffer }, count: number) => Judged

/** Makes a judge. It keeps working memory, but no state. What profiles would say of an event is missing. */
export function eventJudge(plan: FeaturePlan, projection: Projection, topFeatures: number): Judge {
  const d = plan.columns.length
  const fields = new FieldColumns(judgedAtOnce, plan.slots)
  const rows = new Float64Array(judgedAtOnce * d)
  const eventOf = new Int32Array(judgedAtOnce)
  const rowOf = new Int32Array(judgedAtOnce)
  const scores = emptyScores(judgedAtOnce)
  return (scorer, events, count) => {
    const { model } = scorer
    projection.project(events, 0, count, fields)
    const { valid } = vectorise(plan, fields, events.bytes, count, fences(model), rows, eventOf)
    writeNumericTexts(fields, idSlot, count)
    score(scorer, rows, valid, scores)
    for (let row = 0; row < valid; row++) rowOf[eventOf[row]] = row
    return {
      reason: (event) => (fields.reason[event] === 0 ? null : (invalidReasons[fields.reason[event]] as InvalidReason)),
      verdict(event) {
        const row = rowOf[event]
        return {
          eventId: fieldText(fields, event * fields.fields + idSlot, events.bytes),
          cluster: model.ids[scores.labels[row]],
          distance: scores.distances[row],
          rarity: scores.rarities[row],
          remoteness: remoteness(scores.softDistances[row], scores.logDistances[row]),
        }
      },
      why(event) {
        const row = rowOf[event]
        const heavy = heavyClusters(model.usual.places.weight)
        const of = { fields, event, bytes: events.bytes }
        return explain(scorer, plan, heavy, of, rows, row * d, scores.labels[row], topFeatures)
      },
    }
  }
}
