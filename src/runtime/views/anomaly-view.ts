/** An anomaly as people and other programs read it: its record, who it is about, and a sentence. */
import { z } from 'zod'
import { fingerprintFromBytes } from '../../core/codec/fingerprint.ts'
import type { FeaturePlan } from '../../core/features/feature-plan.ts'
import type { AnomalyValue } from '../../stages/score.ts'
import { anomalySentence } from './anomaly-sentence.ts'
import { featureValue } from './cluster-view.ts'

const contribution = z
  .object({
    feature: z.string().meta({ description: 'Name of the feature.' }),
    value: featureValue.meta({ description: "The event's, in the user's units; null: it is missing." }),
    expected: featureValue.meta({ description: 'What is usual in the nearest place that many events share.' }),
    spread: z.number().nullable().meta({ description: 'How far the events there lie from it (standard deviation).' }),
    share: z.number().min(0).max(1).meta({ description: 'Share of the distance that the feature explains.' }),
  })
  .meta({ description: 'What one feature adds to the distance.' })

export const anomalyViewSchema = z
  .object({
    eventId: z.string().meta({ description: "The event's id field." }),
    key: z.string().nullable().meta({ description: "The event's record key as text: mostly who it is about." }),
    partition: z.int().min(0).meta({ description: 'Partition of the event in the input topic.' }),
    offset: z.int().min(0).meta({ description: 'Offset of the event in that partition.' }),
    atMs: z.number().meta({ description: "Time of the event's record, in ms since the epoch." }),
    cluster: z.int().min(0).meta({ description: 'Stable id of the nearest cluster.' }),
    distance: z.number().meta({ description: "Distance to that cluster's centre, in spreads." }),
    score: z.number().meta({ description: '1 minus the rarity.' }),
    rarity: z.number().meta({ description: 'Share of recent events that are at least as unusual.' }),
    threshold: z.number().meta({ description: 'Score at or above which an event was anomalous then.' }),
    remoteness: z
      .number()
      .meta({ description: 'What the score is taken from, in spreads: rank by it over long times.' }),
    modelVersion: z.int().min(1).meta({ description: 'Version that judged it: from it the judgement recomputes.' }),
    fingerprint: z.string().meta({ description: 'Fingerprint of the feature configuration.' }),
    warmUp: z.boolean().meta({ description: 'The model was younger than what its numbers rest on.' }),
    secondCluster: z.int().nullable().meta({ description: 'Stable id of the second-nearest cluster.' }),
    secondDistance: z.number().nullable().meta({ description: 'Distance to it, in spreads.' }),
    contributions: z
      .array(contribution)
      .meta({ description: 'The features that explain most of the distance, the largest share first.' }),
    sentence: z.string().meta({ description: 'Why, in words.' }),
  })
  .meta({ id: 'Anomaly', description: 'An event whose rarity was within the budget.' })

export type AnomalyView = z.infer<typeof anomalyViewSchema>

/** Where a record of anomalies lies and what it is about. */
export interface AnomalyRecord {
  readonly key: Uint8Array | null
  readonly timestampMs: number
}

/** `plan` says what the values of each feature are. */
export function anomalyView(
  { fingerprint, contributions, ...value }: AnomalyValue,
  record: AnomalyRecord,
  plan: FeaturePlan,
): AnomalyView {
  return {
    ...value,
    fingerprint: fingerprintFromBytes(Uint8Array.from(fingerprint)),
    key: record.key === null ? null : new TextDecoder().decode(record.key),
    atMs: record.timestampMs,
    contributions: contributions.map((of) => ({ ...of })),
    sentence: anomalySentence(contributions, plan),
  }
}
