/** Keys of the schema registry and of Redis. */
import { z } from 'zod'
import { filePath, hostPort, secretText, text, urlOf } from './formats.ts'
import { tlsKeys } from './tls-keys.ts'

export const registryKeys = z
  .strictObject({
    url: urlOf('http', 'https').nullable().default('http://localhost:8081').meta({
      description:
        'Schema registry with the Confluent API; `null`: none. The ids of the outputs are then of a table of Shoal, and other readers take the schemas from `schemas/`.',
    }),
    username: text().nullable().default(null).meta({ description: 'User of basic authentication.' }),
    password: secretText().meta({ description: 'Password of basic authentication.', writeOnly: true }),
    passwordFile: filePath().meta({ description: 'File that holds the password.' }),
    token: secretText().meta({ description: 'Bearer token.', writeOnly: true }),
    tokenFile: filePath().meta({ description: 'File that holds the bearer token.' }),
    tls: tlsKeys(),
  })
  .prefault({})
  .meta({ description: 'The schema registry.' })

const nodes = () => z.array(hostPort()).min(1).max(100)

const sentinel = z
  .strictObject({
    master: text(255).default('mymaster').meta({ description: 'Name of the master that the sentinels watch.' }),
    nodes: nodes().meta({ description: 'The sentinels.' }),
    username: text().nullable().default(null).meta({ description: 'User at the sentinels.' }),
    password: secretText().meta({ description: 'Password at the sentinels.', writeOnly: true }),
    passwordFile: filePath().meta({ description: 'File that holds it.' }),
  })
  .nullable()
  .default(null)
  .meta({ description: 'Redis behind sentinels.' })

const cluster = z
  .strictObject({ nodes: nodes().meta({ description: 'Nodes to begin with; the others are learned from them.' }) })
  .nullable()
  .default(null)
  .meta({ description: 'Redis Cluster.' })

export const redisKeys = z
  .strictObject({
    url: urlOf('redis', 'rediss')
      .nullable()
      .default(null)
      .meta({ description: 'One server: `redis://host:port/database`, or `rediss://` with TLS.' }),
    sentinel,
    cluster,
    username: text().nullable().default(null).meta({ description: 'User of the access control list.' }),
    password: secretText().meta({ description: 'Password.', writeOnly: true }),
    passwordFile: filePath().meta({ description: 'File that holds the password.' }),
    tls: tlsKeys(),
    keyPrefix: z
      .string()
      .regex(/^[A-Za-z0-9._:-]{0,64}$/, { error: "must be at most 64 letters, digits, '.', '_', ':' or '-'" })
      .default('shoal:')
      .meta({ description: 'What every key begins with.' }),
    historyLimit: z
      .int()
      .min(1)
      .max(10_000)
      .default(100)
      .meta({ description: 'Versions that are kept beside the newest.' }),
  })
  .nullable()
  .default(null)
  .meta({
    description:
      'Where snapshots of the model are shared: exactly one of `url`, `sentinel` and `cluster`. `null`: nowhere, and the log alone is used.',
  })
