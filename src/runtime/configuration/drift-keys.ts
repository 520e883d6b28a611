/** Keys of drift: what is compared, and what counts as changed. */
import { z } from 'zod'
import { askableKinds, mostFactor } from '../../core/command/command.ts'
import { type FoundKind, reactionDefaults, reactionKinds } from '../../core/command/reactions.ts'
import { driftDefaults } from '../../core/drift/drift.ts'

const reaction = (kind: FoundKind, to: string) =>
  z
    .enum(reactionKinds)
    .default(reactionDefaults.of[kind])
    .meta({ description: `What is done about ${to}.` })

const reactionKeys = z
  .strictObject({
    sudden: reaction('sudden', 'a change of several features at once'),
    gradual: reaction('gradual', 'a change that comes little by little'),
    recurring: reaction('recurring', 'events that are again as they once were'),
    featureOnly: reaction('featureOnly', 'a change of one feature'),
    newCluster: reaction('newCluster', 'events where none had been'),
    lostCluster: reaction('lostCluster', 'events that no longer come where they had been'),
    qualityDrop: reaction(
      'qualityDrop',
      'events that lie farther from all clusters, or clusters that are less apart, though each feature is as it was',
    ),
    ask: z.enum(askableKinds).default(reactionDefaults.asked).meta({
      description: '`ask` asks for this; `shoal drift approve` does it.',
    }),
    learnFaster: z
      .strictObject({
        factor: z.number().gt(1).max(mostFactor).default(reactionDefaults.factor).meta({
          description: '`learnFaster` divides `clusters.halfLifeEvents` by this',
        }),
        events: z.int().min(1).max(1e15).default(reactionDefaults.events).meta({ description: 'for so many events.' }),
      })
      .prefault({})
      .meta({ description: 'What learning faster is.' }),
  } satisfies { readonly [K in FoundKind]: unknown } & Record<string, unknown>)
  .prefault({})
  .meta({
    description:
      'What is done about a drift, by its kind, beside telling it: `tell` (nothing), `learnFaster`, `refit`, `freeze` ' +
      '(nothing is learned until the events are as they were, or `shoal model resume`), `rollback` (to the last healthy ' +
      'version, and freeze), or `ask` a person. It holds for the next drift.',
  })

export const driftKeys = z
  .strictObject({
    enabled: z.boolean().default(driftDefaults.enabled).meta({
      description:
        'Whether drift is looked for. Like the other keys of drift it holds from the next birth of a model on.',
    }),
    windowEvents: z
      .int()
      .min(100)
      .max(1_000_000)
      .default(driftDefaults.windowEvents)
      .meta({
        description:
          'Events of the shortest window that is compared with the reference: what changes at once is found after one or ' +
          'two of them. Fewer find only larger changes.',
      }),
    ksThreshold: z
      .number()
      .gt(0)
      .lt(1)
      .default(driftDefaults.ksThreshold)
      .meta({
        description:
          'The greatest difference between the distribution of a feature then and now, at any value, that is no drift ' +
          '(Kolmogorov-Smirnov; of categories the total variation). A shift by one standard deviation is about 0.38.',
      }),
    segmentField: z
      .string()
      .min(1)
      .nullable()
      .default(driftDefaults.segmentField)
      .meta({
        description:
          'A field whose values are segments, such as a country or a sales channel, whether a feature reads it or not: a ' +
          'drift says in which it concentrates, and one that fails alone is told. The first 16 values that come have a ' +
          'segment each, all others share one, so it should have few.',
      }),
    reactions: reactionKeys,
  })
  .prefault({})
  .meta({ description: 'When the events count as changed: `docs/drift.md`.' })
