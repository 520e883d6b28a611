/** What is answered of one event: the words of schemas/anomaly.avsc, whether or not it is one. */
import { z } from 'zod'
import { reasonMeaning } from '../../core/fields/invalid.ts'
import type { Scorer } from '../../core/score/scorer.ts'
import { ShoalError } from '../../runtime/errors.ts'
import type { Judged } from '../../stages/judge.ts'

const value = z.union([z.number(), z.string(), z.null()])

export const scoredEvent = z
  .object({
    eventId: z.string().meta({ description: "The event's id field." }),
    cluster: z.int().meta({ description: 'Stable id of the nearest cluster.' }),
    distance: z.number().meta({ description: "Distance to that cluster's centre, in spreads." }),
    score: z.number().meta({ description: '1 minus its rarity, 0 (usual) to 1.' }),
    rarity: z.number().meta({ description: 'Share of recent events that are at least as unusual, 0 to 1.' }),
    remoteness: z
      .number()
      .meta({ description: 'What the score is taken from, in spreads: rank by it over long times.' }),
    anomalous: z.boolean().meta({ description: 'Whether its rarity is within the budget.' }),
    threshold: z.number().meta({ description: 'Score at or above which an event is anomalous now.' }),
    modelVersion: z.int().meta({ description: 'Version that judged it.' }),
    fingerprint: z.string().meta({ description: 'Fingerprint of the feature configuration, in hexadecimal digits.' }),
    warmUp: z.boolean().meta({ description: 'The model is younger than what its numbers rest on.' }),
    profiles: z.array(z.string()).meta({ description: 'Fields whose entity had a profile that it was compared with.' }),
    secondCluster: z.int().nullable().optional().meta({ description: 'Stable id of the second-nearest cluster.' }),
    secondDistance: z.number().nullable().optional().meta({ description: 'Distance to it, in spreads.' }),
    contributions: z
      .array(
        z.object({
          feature: z.string(),
          value: value.meta({ description: "The event's, in your own units." }),
          expected: value.meta({ description: 'What is usual.' }),
          spread: z.number().nullable().meta({ description: 'How far usual events lie from that.' }),
          share: z.number().meta({ description: 'Share of the distance that this feature explains, 0 to 1.' }),
        }),
      )
      .optional()
      .meta({ description: 'The features that explain most of the distance, the largest share first.' }),
  })
  .meta({ id: 'ScoredEvent' })

export type ScoredEvent = z.output<typeof scoredEvent>

/** Which events come with the features that explain most of their distance. */
export type Explain = 'anomalies' | 'all' | 'none'

/** Throws `event.invalid` with the reason that a dead letter would have. */
export function refuseInvalid(judged: Judged, event: number): void {
  const reason = judged.reason(event)
  if (reason !== null) throw new ShoalError('event.invalid', `${reason}: ${reasonMeaning[reason]}`)
}

/** What is answered of one valid event. */
export function judgement(
  scorer: Scorer,
  judged: Judged,
  event: number,
  warmUp: boolean,
  explain: Explain,
): ScoredEvent {
  const { model, version } = scorer
  const { rarity, profiles, ...verdict } = judged.verdict(event)
  const { budget } = model.control
  const anomalous = rarity <= budget
  const plain = {
    ...verdict,
    score: 1 - rarity,
    rarity,
    anomalous,
    threshold: 1 - budget,
    modelVersion: version,
    fingerprint: model.fingerprint,
    warmUp,
    profiles: [...profiles],
  }
  if (explain === 'none' || (explain === 'anomalies' && !anomalous)) return plain
  const { second, contributions } = judged.why(event)
  return {
    ...plain,
    secondCluster: second === null ? null : model.ids[second.cluster],
    secondDistance: second === null ? null : second.distance,
    contributions: [...contributions],
  }
}

/** The line of one event of many. */
export function lineOf(scorer: Scorer, judged: Judged, event: number, warmUp: boolean, explain: Explain): string {
  const reason = judged.reason(event)
  if (reason !== null) return `{"invalid":"${reason}"}\n`
  return `${JSON.stringify(judgement(scorer, judged, event, warmUp, explain))}\n`
}
