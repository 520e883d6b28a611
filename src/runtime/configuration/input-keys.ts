/** Keys of what is read: the input topic, and the features of its events. */
import { z } from 'zod'
import { fieldPath, filePath, text, topicName } from './formats.ts'
import { profileFeatureKeys } from './profile-keys.ts'

export const inputKeys = z
  .strictObject({
    topic: topicName()
      .default('transactions')
      .meta({ description: 'The topic that is read. It is yours: Shoal never creates or changes it.' }),
    format: z.enum(['avro', 'json']).default('avro').meta({
      description:
        'How values are written: Avro with a schema of the registry (or of `input.schemaFile`), or JSON objects.',
    }),
    id: fieldPath().default('id').meta({
      description:
        "Field that holds the event's id, a text or a number: the id of its assignment. `a.b` reads nested records.",
    }),
    time: fieldPath()
      .nullable()
      .default('occurredAt')
      .meta({ description: "Field that holds the event's time; `null`: the timestamp of the Kafka record." }),
    timeUnit: z.enum(['ms', 's', 'us']).default('ms').meta({
      description:
        'Unit of a time that is a plain number. Avro timestamps say their own, texts are read as ISO 8601, in UTC unless they name a zone.',
    }),
    maxEventBytes: z.int().min(256).max(67_108_864).default(1_048_576).meta({
      description: 'The largest value that is decoded, in bytes. A larger one is a dead letter (`too_large`).',
    }),
    onExpiredEvents: z.enum(['continue', 'stop']).default('continue').meta({
      description:
        'What to do when retention has deleted events that were not read yet: go on with the oldest that there are (said in the log, counted, shown in health), or stop until somebody decides. Stopping loses more, because retention goes on.',
    }),
    schemaFile: filePath().meta({
      description: 'Avro schema (.avsc) of values that are bare Avro, without a header of the registry.',
    }),
  })
  .prefault({})
  .meta({ description: 'The events that are read.' })

const category = z.union([text(256), z.number(), z.boolean()], { error: 'must be a text, a number or a boolean' })

const transform = z.union(
  [
    z.enum(['none', 'log', 'auto', 'squash', 'hourOfDay', 'dayOfWeek', 'boolean']),
    z.strictObject({
      oneHot: z
        .array(category)
        .min(1)
        .max(256)
        .meta({ description: 'The declared values; any other counts as none of them.' }),
    }),
    z.strictObject({
      hash: z.int().min(2).max(256).meta({ description: 'Number of buckets that values are spread over.' }),
    }),
  ],
  {
    error: 'must be one of none, log, auto, squash, hourOfDay, dayOfWeek, boolean, {oneHot: [values]}, {hash: buckets}',
  },
)

const feature = z.strictObject({
  field: fieldPath().optional().meta({ description: 'Field that is read; `a.b` reads nested records.' }),
  profile: profileFeatureKeys,
  name: text(128).optional().meta({ description: 'What explanations call it. Default: the field.' }),
  transform: transform.default('none').meta({
    description:
      '`none`, `log` (sign(x)·ln(1+|x|)), `auto` (`log` when that more than halves the skewness of the sample of the birth, else `none`; what is unusual for being large ranks lower then), `squash` (10·asinh of a tenth of the robust spreads from the median: straight near it, logarithmic far out), `hourOfDay` and `dayOfWeek` (sine and cosine, UTC), `boolean`, `{oneHot: [values]}`, `{hash: buckets}`.',
  }),
  weight: z
    .number()
    .gt(0)
    .max(1e6)
    .default(1)
    .meta({ description: "Multiplies the feature's share of the squared distance." }),
  missing: z.enum(['reject', 'mean', 'indicator']).default('mean').meta({
    description: 'What an absent or null field means: a dead letter, the mean, or the mean and a column that says so.',
  }),
})

/** Fits schemas/transaction.avsc. */
const defaultFeatures: z.input<typeof feature>[] = [
  { field: 'amount', transform: 'log', missing: 'reject' },
  { field: 'occurredAt', transform: 'hourOfDay', missing: 'reject' },
  { field: 'latitude' },
  { field: 'longitude' },
  { field: 'deviceRisk' },
  { field: 'channel', transform: { oneHot: ['pos', 'ecom', 'atm', 'app'] } },
]

export const featureKeys = z.array(feature).min(1).max(256).prefault(defaultFeatures).meta({
  description:
    'What of an event counts, in order: at most 256 columns in total. The default is six features that fit `schemas/transaction.avsc`.',
})
