/** Keys of a deployment that stands beside another one. */
import { z } from 'zod'
import { modelNamePattern } from '../model-name.ts'

export const shadowKeys = z
  .strictObject({
    of: z
      .string()
      .regex(modelNamePattern, { error: "must be the `name` of another deployment: letters, digits, '.', '_' or '-'" })
      .nullable()
      .default(null)
      .meta({
        description:
          'The `name` of the deployment beside which this one was born, with the same `input.topic`. It does all the same, but ' +
          'the outputs stay those of the other one until `shoal promote`. It stays so afterwards: the outputs keep that name. `null`: none.',
      }),
    beginsAt: z.enum(['earliest', 'primary']).default('earliest').meta({
      description:
        'Where a shadow begins that has no position yet: at the start of the input, so that it learns all that is kept, or where the primary is.',
    }),
    outputs: z.boolean().default(true).meta({
      description:
        'Whether a shadow writes its assignments and anomalies to topics of its own, so that they can be compared.',
    }),
  })
  .prefault({})
  .meta({ description: 'A deployment beside another one: docs/blue-green.md.' })
