/** Keys of the connection to Kafka. */
import { z } from 'zod'
import { filePath, hostPort, secretText, text, timerMs, urlOf } from './formats.ts'
import { tlsKeys } from './tls-keys.ts'

const oauth = z
  .strictObject({
    tokenEndpoint: urlOf('https', 'http').meta({
      description: 'URL that gives tokens for client credentials (RFC 6749, section 4.4).',
    }),
    clientId: text().meta({ description: 'Client id.' }),
    clientSecret: secretText().meta({ description: 'Client secret.', writeOnly: true }),
    clientSecretFile: filePath().meta({ description: 'File that holds the client secret.' }),
    scope: text().nullable().default(null).meta({ description: 'Scopes that are asked for, separated by spaces.' }),
    caFile: filePath().meta({
      description: 'PEM file of the authorities that its certificate may be of; `null`: those of Node.',
    }),
  })
  .nullable()
  .default(null)
  .meta({ description: 'Where OAUTHBEARER tokens come from.' })

const sasl = z
  .strictObject({
    mechanism: z
      .enum(['plain', 'scram-sha-256', 'scram-sha-512', 'oauthbearer'])
      .meta({ description: 'How Shoal says who it is.' }),
    username: text().nullable().default(null).meta({ description: 'User (PLAIN, SCRAM).' }),
    password: secretText().meta({ description: 'Password (PLAIN, SCRAM).', writeOnly: true }),
    passwordFile: filePath().meta({ description: 'File that holds the password.' }),
    oauth,
    tokenFile: filePath().meta({
      description: 'File that holds an OAUTHBEARER token, which somebody else keeps fresh.',
    }),
  })
  .nullable()
  .default(null)
  .meta({ description: 'Authentication; `null`: none.' })

export const kafkaKeys = z
  .strictObject({
    brokers: z
      .array(hostPort())
      .min(1)
      .max(100)
      .default(['localhost:9092'])
      .meta({ description: 'Brokers to begin with; the others are learned from them.' }),
    clientId: text(249).default('shoal').meta({ description: "Name that appears in the brokers' logs and quotas." }),
    tls: tlsKeys(),
    sasl,
    sessionTimeoutMs: timerMs(1000, 1_800_000).default(10_000).meta({
      description:
        "A worker that is silent for so long loses its partitions. The broker's `group.min.session.timeout.ms` bounds it.",
    }),
    heartbeatIntervalMs: timerMs(100, 600_000).default(3000).meta({
      description:
        'How often a worker says that it lives; more often in the first seconds after a rebalance. At most a third of the session timeout.',
    }),
    rebalanceTimeoutMs: timerMs(1000, 1_800_000)
      .default(30_000)
      .meta({ description: 'How long a rebalance waits for a worker to finish its transaction.' }),
    transactionTimeoutMs: timerMs(1000, 900_000).default(10_000).meta({
      description:
        'A transaction that a dead worker left open is ended after so long; readers of committed records wait for that.',
    }),
    compression: z
      .enum(['none', 'gzip', 'snappy', 'lz4', 'zstd'])
      .default('none')
      .meta({ description: 'Compression of what is written. All are read.' }),
  })
  .prefault({})
  .meta({ description: 'The connection to Kafka.' })
