/** How good the clusters are, as other programs read it: the record of the model, field by field. */
import { z } from 'zod'

const share = () => z.number().min(0).max(1)
const version = () => z.int().min(0)

export const qualitySchema = z
  .object({
    version: version().meta({ description: 'The version that was assessed; 0: none was.' }),
    trainedEvents: z.number().min(0).meta({ description: 'Events that it had learned.' }),
    rows: z.int().min(0).meta({ description: 'Rows of the sample that it was assessed by.' }),
    effectiveRows: z.number().min(0).meta({ description: 'As many rows of one weight would say as much.' }),
    silhouette: z
      .number()
      .min(-1)
      .max(1)
      .nullable()
      .meta({ description: 'Simplified silhouette; null: one cluster has none.' }),
    silhouetteVariance: z.number().min(0).meta({ description: 'Its variance over the rows.' }),
    daviesBouldin: z
      .number()
      .min(0)
      .nullable()
      .meta({ description: 'Davies-Bouldin index; null: one cluster has none.' }),
    unexplained: z.number().min(0).meta({ description: 'Share of the variance that is left within clusters.' }),
    refitRatio: z.number().min(0).nullable().meta({
      description: 'Inertia of the clusters that served over that of refitted ones; null: none can be judged.',
    }),
    refitted: z.boolean().meta({ description: 'Whether the refitted ones were taken.' }),
    stability: z
      .number()
      .nullable()
      .meta({ description: 'Adjusted Rand index with the assessment before; null: there was none.' }),
    comparedVersion: version().nullable().meta({ description: 'Its version.' }),
    smallest: share().meta({ description: 'Least share of the events that a cluster has.' }),
    median: share().meta({ description: 'Middle share.' }),
    largest: share().meta({ description: 'Greatest share.' }),
    effective: z.number().min(0).meta({ description: 'As many clusters of one size would be as even.' }),
    empty: z.int().min(0).meta({ description: 'Clusters that have not one event left.' }),
    starved: z.int().min(0).meta({ description: 'Clusters with less than a hundredth of what the largest has.' }),
  })
  .meta({ id: 'Quality', description: 'How good the clusters were when they were last assessed.' })
