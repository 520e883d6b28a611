/** Events judged beside the stream, by the score stage's own steps: they are in no partition, so nothing of them is learned. */
import { type FeaturePlan, idSlot } from '../core/features/feature-plan.ts'
import { vectorise } from '../core/features/vectorise.ts'
import { fieldText } from '../core/fields/field-text.ts'
import { type EventBytes, FieldColumns, type Projection } from '../core/fields/fields.ts'
import { type InvalidReason, invalidReasons } from '../core/fields/invalid.ts'
import { writeNumericTexts } from '../core/fields/numeric-text.ts'
import { fences } from '../core/model/fences.ts'
import { Glimpse } from '../core/profiles/glimpse.ts'
import type { ProfiledRecords, Profiles } from '../core/profiles/profiles.ts'
import { type Explanation, explain, heavyClusters } from '../core/score/explanation.ts'
import { emptyScores, type Scorer, type Scores, score } from '../core/score/scorer.ts'
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
  /** Fields whose entity had a profile that it met. */
  readonly profiles: readonly string[]
}

/** The profiles that are at hand, and what time it is for an event that has none. */
export interface Held {
  readonly profiles: readonly Profiles[]
  readonly nowMs: number
}

/**
 * Judges `count` events, at most `judgedAtOnce`, by one version. `held`: as if each came next; then it must be one. Null:
 * what profiles would say of an event is missing.
 */
export type Judge = (
  scorer: Scorer,
  events: EventBytes & { readonly bytes: Buffer },
  count: number,
  held?: Held | null,
) => Judged

interface Workspace {
  readonly fields: FieldColumns
  readonly rows: Float64Array
  readonly eventOf: Int32Array
  /** Of each event that is valid. */
  readonly rowOf: Int32Array
  readonly scores: Scores
}

/** Makes a judge. It keeps working memory from the first time that it is asked, but no state. */
export function eventJudge(plan: FeaturePlan, projection: Projection, topFeatures: number): Judge {
  const d = plan.columns.length
  let workspace: Workspace | null = null
  return (scorer, events, count, held = null) => {
    const { model } = scorer
    workspace ??= workspaceFor(plan)
    const { fields, rows, eventOf, rowOf, scores } = workspace
    projection.project(events, 0, count, fields)
    const glimpse = held === null || plan.profiles === null ? null : new Glimpse(plan.profiles, held.profiles)
    const profiled = glimpse === null || held === null ? null : { profiles: glimpse, records: recordAt(held.nowMs) }
    const { valid } = vectorise(plan, fields, events.bytes, count, fences(model), rows, eventOf, profiled)
    writeNumericTexts(fields, idSlot, count)
    score(scorer, rows, valid, scores)
    for (let row = 0; row < valid; row++) rowOf[eventOf[row]] = row
    let heavy: Uint8Array | null = null
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
          profiles: glimpse?.found ?? [],
        }
      },
      why(event) {
        const row = rowOf[event]
        heavy ??= heavyClusters(model.usual.places.weight)
        const of = { fields, event, bytes: events.bytes }
        return explain(scorer, plan, heavy, of, rows, row * d, scores.labels[row], topFeatures)
      },
    }
  }
}

function workspaceFor(plan: FeaturePlan): Workspace {
  return {
    fields: new FieldColumns(judgedAtOnce, plan.slots),
    rows: new Float64Array(judgedAtOnce * plan.columns.length),
    eventOf: new Int32Array(judgedAtOnce),
    rowOf: new Int32Array(judgedAtOnce),
    scores: emptyScores(judgedAtOnce),
  }
}

/** The one event, as a record that comes now, under no key. */
function recordAt(nowMs: number): ProfiledRecords {
  return {
    from: 0,
    bytes: new Uint8Array(0),
    offset: Float64Array.of(0),
    timestamp: Float64Array.of(nowMs),
    keyStart: Int32Array.of(0),
    keyLength: Int32Array.of(-1),
  }
}
