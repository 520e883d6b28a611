/** A version of the model as people and other programs read it. */
import { z } from 'zod'
import { recentAnomalyShare } from '../../core/drift/recent.ts'
import { openFindings } from '../../core/drift/standing.ts'
import type { FeaturePlan, PlannedFeature } from '../../core/features/feature-plan.ts'
import { isWarmingUp } from '../../core/score/warm-up.ts'
import type { PublishedModel } from '../model-follower.ts'
import type { ServiceSettings } from '../service.ts'
import { clusterViewSchema, clusterViews } from './cluster-view.ts'
import { askedSchema, askedViews, deedSchema, frozenSchema, undoneSchema } from './control-view.ts'
import { qualitySchema } from './quality-view.ts'

const featureKinds = ['number', 'boolean', 'category', 'hash', 'hour', 'weekday'] as const
const count = () => z.int().min(0)

export const modelViewSchema = z
  .object({
    name: z.string().meta({ description: 'Name of the model.' }),
    version: z.int().min(1).meta({ description: '1 at birth, one more with every update of the log.' }),
    fingerprint: z
      .string()
      .meta({ description: 'What the features mean: of one configuration it is always the same.' }),
    bornAtMs: z.int().meta({ description: 'When the model was born, in ms since the epoch.' }),
    publishedAtMs: z.int().meta({ description: 'When this version was published, in ms since the epoch.' }),
    trainedEvents: count().meta({ description: 'Events that it has learned from.' }),
    k: z.int().min(1).meta({ description: 'Number of clusters.' }),
    d: z.int().min(1).meta({ description: 'Number of columns that the features fill.' }),
    budget: z.number().meta({ description: 'Share of the events that may be called anomalous.' }),
    anomalyShare: z
      .number()
      .min(0)
      .max(1)
      .nullable()
      .meta({ description: 'Share of the last events that were called anomalous; null: none has been counted.' }),
    warmingUp: z
      .boolean()
      .meta({ description: 'Whether it has learned too few events for its scores to be relied on.' }),
    frozen: frozenSchema,
    healthyVersion: z
      .int()
      .min(1)
      .meta({ description: 'The newest version after which the stream was calm: where a rollback leads by itself.' }),
    undone: z.array(undoneSchema).meta({ description: 'What rollbacks have taken back, oldest first.' }),
    asked: z.array(askedSchema).meta({ description: "What waits for a person's answer, oldest first." }),
    deeds: z.array(deedSchema).meta({ description: 'The last commands that it has come to, newest first.' }),
    quality: qualitySchema,
    openDrifts: count().meta({ description: 'Drifts that are open.' }),
    features: z
      .array(
        z
          .object({
            name: z.string().meta({ description: 'Name of the feature.' }),
            kind: z.enum(featureKinds).meta({ description: 'What its values are.' }),
          })
          .meta({ description: 'A feature.' }),
      )
      .meta({ description: 'The features, in the order of the configuration.' }),
    clusters: z.array(clusterViewSchema).meta({ description: 'The clusters, in the order of the model.' }),
  })
  .meta({ id: 'Model', description: 'A version of the model.' })

export type ModelView = z.infer<typeof modelViewSchema>

export function modelView(
  { scorer: { model }, publishedAtMs }: Pick<PublishedModel, 'scorer' | 'publishedAtMs'>,
  { name, plan }: Pick<ServiceSettings, 'name' | 'plan'>,
): ModelView {
  const { control, drift } = model
  return {
    name,
    version: model.version,
    fingerprint: model.fingerprint,
    bornAtMs: model.bornAtMs,
    publishedAtMs,
    trainedEvents: model.trainedEvents,
    k: model.k,
    d: model.d,
    budget: control.budget,
    anomalyShare: recentAnomalyShare(drift),
    warmingUp: isWarmingUp(model),
    frozen: control.frozen,
    healthyVersion: control.healthyVersion,
    undone: [...control.undone],
    asked: askedViews(model),
    deeds: control.deeds.toReversed(),
    quality: model.quality.record,
    openDrifts: openFindings(drift).length,
    features: featureViews(plan),
    clusters: clusterViews(model, plan),
  }
}

/** The features, and what their values are. */
export function featureViews(plan: FeaturePlan): ModelView['features'] {
  return plan.features.map((feature) => ({ name: feature.spec.name, kind: kindOf(feature) }))
}

function kindOf({ spec: { transform } }: PlannedFeature): (typeof featureKinds)[number] {
  switch (transform.kind) {
    case 'hourOfDay':
      return 'hour'
    case 'dayOfWeek':
      return 'weekday'
    case 'oneHot':
      return 'category'
    case 'hash':
    case 'boolean':
      return transform.kind
    default:
      return 'number'
  }
}
