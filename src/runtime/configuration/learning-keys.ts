/** Keys of what is learned: the clusters, their birth, what is called anomalous, and the published versions. */
import { z } from 'zod'
import { mostBudget } from '../../core/command/command.ts'
import { ageMs, timerMs } from './formats.ts'

export const clusterKeys = z
  .strictObject({
    k: z
      .union([z.int().min(2).max(1024), z.literal('auto')], { error: 'must be a whole number from 2 to 1024, or auto' })
      .default(16)
      .meta({
        description:
          'Number of clusters. `auto`: the birth tries 2 to 32 on its sample and says why it takes which; it stays so for this life of the model. `shoal choose-k` tells beforehand.',
      }),
    halfLifeEvents: z
      .int()
      .min(500)
      .max(1e15)
      .nullable()
      .default(1_000_000)
      .meta({
        description:
          'After so many trained events an event counts half; `null`: all count the same for ever. Clusters are refitted ' +
          'when that helps, whatever this is; where they move within thousands of events, 5,000 follows them closer, unless that is less than a day or another cycle that is no news.',
      }),
    keyShare: z
      .number()
      .gt(0)
      .max(1)
      .nullable()
      .default(null)
      .meta({
        description:
          'The most that the events of one key (of the records) may be of what is learned, such as 0.002: against whoever ' +
          'owns many events by few keys. All are scored. `null`: no bound.',
      }),
    seed: z
      .int()
      .min(0)
      .max(4_294_967_295)
      .default(1)
      .meta({ description: 'Seed of every random choice of the model.' }),
  })
  .prefault({})
  .meta({ description: 'The clusters.' })

export const bootstrapKeys = z
  .strictObject({
    minEvents: z.int().min(4).max(1_000_000).nullable().default(null).meta({
      description:
        'Valid events that a model is born from; `null`: the larger of 1,000 and 50 · `clusters.k`, or 5,000 when that is `auto`.',
    }),
    maxWaitMs: timerMs(100).default(30_000).meta({
      description:
        'After this time a model is born from fewer, if there are at least 2 · `clusters.k` (200 when that is `auto`).',
    }),
  })
  .prefault({})
  .meta({ description: 'The birth of the first model.' })

export const anomalyKeys = z
  .strictObject({
    budget: z
      .number()
      .gt(0)
      .max(mostBudget)
      .default(0.005)
      .meta({
        description:
          'The share of events that may be called anomalous: 0.005 is 5 of 1,000. A model is born with it; ' +
          'from then on it is the model that has it, and `shoal model budget` changes it.',
      }),
    topFeatures: z.int().min(1).max(256).default(3).meta({ description: 'How many features explain an anomaly.' }),
    rarityHalfLifeEvents: z
      .int()
      .min(100)
      .max(1e15)
      .default(20_000)
      .meta({
        description:
          'After so many events a score counts half in what is called rare: a burst of anomalies passes for usual ' +
          'once it is longer than about 1.5 · budget times this.',
      }),
  })
  .prefault({})
  .meta({ description: 'What is called anomalous.' })

export const modelKeys = z
  .strictObject({
    publishEveryMs: timerMs(10, 3_600_000)
      .default(1000)
      .meta({ description: 'A new version of the model is published when the last is this old, or' }),
    publishEveryEvents: z.int().min(1).max(1e15).default(20_000).meta({
      description:
        'when so many events have been learned since (of a young model: a quarter of those before), whichever comes first; but publishing takes at most a tenth of the time.',
    }),
    keep: z
      .strictObject({
        allForMs: ageMs(0).default(3_600_000).meta({ description: 'Every version is kept until this age.' }),
        hourlyForMs: ageMs(0).default(86_400_000).meta({ description: 'One version an hour is kept until this age.' }),
        dailyForMs: ageMs(0).default(2_592_000_000).meta({
          description: 'One version a day is kept until this age. The first and the newest are kept for ever.',
        }),
      })
      .prefault({})
      .meta({
        description:
          'How old versions are thinned. What lies between is rebuilt from `model-updates` while that is retained.',
      }),
  })
  .prefault({})
  .meta({ description: 'The published versions of the model.' })
