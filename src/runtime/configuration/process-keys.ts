/** Keys of the processes: the topics that they write, a worker's limits, the API, the log. */
import { z } from 'zod'
import { ageMs, filePath, text, timerMs, topicName, urlOf } from './formats.ts'

const output = (suffix: string, what: string, prefix = 'topics.prefix') =>
  topicName()
    .nullable()
    .default(null)
    .meta({ description: `Topic of ${what}; \`null\`: \`<${prefix}>.${suffix}\`.` })
/** What a shadow has in common with the deployment that it shadows. */
const shared = (suffix: string, what: string) => output(suffix, what, 'shadow.of, or topics.prefix')

export const topicKeys = z
  .strictObject({
    create: z.boolean().default(true).meta({
      description: 'Whether missing output topics are created; `false`: they are verified, and refused by name.',
    }),
    replicationFactor: z
      .int()
      .min(1)
      .max(32)
      .nullable()
      .default(null)
      .meta({ description: "Replicas of a created topic; `null`: the broker's default." }),
    prefix: text(200)
      .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, {
        error: "must be letters, digits, '.', '_' or '-', the first a letter or digit",
      })
      .nullable()
      .default(null)
      .meta({ description: 'What output topics begin with; `null`: `name`.' }),
    retentionMs: ageMs(1000).nullable().default(null).meta({
      description:
        "How long created topics keep assignments, anomalies, dead letters and drift events; `null`: the broker's default.",
    }),
    modelUpdatesRetentionMs: ageMs(60_000).default(86_400_000).meta({
      description: 'How long a created `model-updates` keeps its records: versions younger than this can be rebuilt.',
    }),
    auditRetentionMs: ageMs(60_000).default(31_536_000_000).meta({
      description: 'How long a created `audit` keeps its records: a year by default.',
    }),
    assignments: shared('assignments', 'assignments'),
    anomalies: shared('anomalies', 'anomalies'),
    deadLetters: shared('dead-letters', 'dead letters'),
    driftEvents: output('drift-events', 'drift and lifecycle events'),
    modelUpdates: output('model-updates', "the batches' statistics"),
    models: output('models', 'the published versions'),
    audit: output('audit', 'what people did and were refused'),
    profiles: output('profiles', 'entity profiles, if a feature asks for any'),
    primary: shared('primary', 'which deployment writes the outputs of which partition'),
    shadowAssignments: output('shadow-assignments', 'what the assignments would be, while another is the primary'),
    shadowAnomalies: output('shadow-anomalies', 'the same of anomalies'),
  })
  .prefault({})
  .meta({ description: 'The topics that are written.' })

export const workerKeys = z
  .strictObject({
    maxEventsPerTransaction: z.int().min(1).max(1_000_000).default(50_000).meta({
      description:
        'Events that one transaction covers at most, over all partitions. While the model remembers fewer than 16 times as many (what it has learned, at most its half-life) it is a sixteenth of those, or 10,000.',
    }),
    maxBytesPerTransaction: z
      .int()
      .min(1024)
      .max(268_435_456)
      .default(8_388_608)
      .meta({ description: 'Bytes of input that one transaction covers at most, over all partitions.' }),
    shutdownMs: timerMs(100, 600_000).default(10_000).meta({ description: 'How long an ordered stop may take.' }),
  })
  .prefault({})
  .meta({ description: "A worker's limits. The number of workers is `shoal run --workers`." })

const oidcKeys = z.strictObject({
  issuer: urlOf('https', 'http').meta({ description: 'The issuer, exactly as its tokens name it.' }),
  audience: text(200).meta({ description: 'What a token must be made for.' }),
  jwksUrl: urlOf('https', 'http')
    .nullable()
    .default(null)
    .meta({ description: "Where its keys are; `null`: where the issuer's discovery document says." }),
  claim: text(200).default('scope').meta({
    description:
      'Claim that names roles (`shoal.read`, `shoal.score`, `shoal.operate`): a list, or a text with spaces.',
  }),
})

export const httpKeys = z
  .strictObject({
    host: text(255).default('127.0.0.1').meta({
      description: 'Address that health, metrics, API and console listen on; any but loopback needs tokens.',
    }),
    port: z
      .int()
      .min(0)
      .max(65535)
      .nullable()
      .default(9404)
      .meta({ description: 'Port that they listen on; `0`: any free one; `null`: none of them is served.' }),
    grpcPort: z
      .int()
      .min(0)
      .max(65535)
      .nullable()
      .default(null)
      .meta({ description: 'Port for scoring over gRPC, as `port` else; `null`: it is not served.' }),
    tokensFile: filePath().meta({
      description:
        'File of tokens (`shoal token` makes one), read again when it changes; `null` with no `oidc`: none is asked for.',
    }),
    oidc: oidcKeys.nullable().default(null).meta({ description: 'Tokens of an OpenID Connect issuer; `null`: none.' }),
    requestsPerMinute: z.int().min(1).max(10_000_000).default(120_000).meta({
      description: 'Requests of one client (a token; without tokens, an address) that are answered in a minute.',
    }),
    maxBodyBytes: z
      .int()
      .min(1024)
      .max(268_435_456)
      .default(16_777_216)
      .meta({ description: 'The largest body of a request.' }),
  })
  .prefault({})
  .meta({ description: 'Health, metrics, API and console.' })

export const logKeys = z
  .strictObject({
    level: z
      .enum(['info', 'warn', 'error'])
      .default('info')
      .meta({ description: 'The least severe line that is written.' }),
  })
  .prefault({})
  .meta({ description: 'The log.' })
