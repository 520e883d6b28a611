/** Keys of entity profiles: what a profile feature asks for, and how many profiles are kept. */
import { z } from 'zod'
import { profileKinds } from '../../core/features/features.ts'
import { ageMs, fieldPath } from './formats.ts'

export const profileFeatureKeys = z
  .strictObject({
    entity: fieldPath().meta({ description: 'Field that names the entity, a text or a number: `customerId`.' }),
    as: z.enum(profileKinds).meta({
      description:
        '`ratio` (of the value to what is usual for the entity), `zScore` (its distance from that, in spreads), `unrest` (how unusual the values before it were of late), `count1h` and `count24h` (events of the last hour or day, smoothly), `sinceLast` (hours since the last event), `kmPerHour` (speed from the last position), `newValue` (1 for a value that is not among the last ones).',
    }),
    of: fieldPath().optional().meta({
      description: 'Field that is profiled: a number for `ratio`, `zScore` and `unrest`, anything for `newValue`.',
    }),
    halfLifeMs: ageMs(1000).default(2_592_000_000).meta({
      description: 'After so long, by event time, a value counts half in `ratio`, `zScore` and `unrest`.',
    }),
    latitude: fieldPath()
      .default('latitude')
      .meta({ description: 'Field of the latitude in degrees, for `kmPerHour`.' }),
    longitude: fieldPath()
      .default('longitude')
      .meta({ description: 'Field of the longitude in degrees, for `kmPerHour`.' }),
  })
  .optional()
  .meta({
    description:
      "Instead of `field`: what the entity's events before this one make of it, a number that `transform` (`none`, `log`, `auto`, `squash`) takes.",
  })

export const profileKeys = z
  .strictObject({
    key: fieldPath().nullable().default(null).meta({
      description:
        'Entity that producers key the input by, so that all its events are in one partition; `null`: that of the first profile feature. Of any other entity a partition sees only its share, and counts and times of it are refused.',
    }),
    limit: z.int().min(1).max(10_000_000).default(200_000).meta({
      description:
        'Profiles that are kept of each entity and partition; the least recently seen are given up first. One takes about 150 bytes of memory, and more with more features.',
    }),
  })
  .prefault({})
  .meta({ description: 'Profiles of entities: what is usual for a customer, a terminal, a device.' })
