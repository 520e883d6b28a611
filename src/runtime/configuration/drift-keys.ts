/** Keys of drift: what is compared, and what counts as changed. */
import { z } from 'zod'
import { driftDefaults } from '../../core/drift/drift.ts'

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
  })
  .prefault({})
  .meta({ description: 'When the events count as changed: `docs/drift.md`.' })
