/** The whole of the configuration: every key with its type, bounds, default and meaning. Rules across keys: rules.ts. */
import { z } from 'zod'
import { modelNamePattern } from '../model-name.ts'
import { driftKeys } from './drift-keys.ts'
import { featureKeys, inputKeys } from './input-keys.ts'
import { kafkaKeys } from './kafka-keys.ts'
import { anomalyKeys, bootstrapKeys, clusterKeys, modelKeys } from './learning-keys.ts'
import { httpKeys, logKeys, topicKeys, workerKeys } from './process-keys.ts'
import { profileKeys } from './profile-keys.ts'
import { shadowKeys } from './shadow-keys.ts'
import { redisKeys, registryKeys } from './store-keys.ts'

const nameRule = "must be 1 to 200 letters, digits, '.', '_' or '-', the first a letter or digit"

export const configurationSchema = z
  .strictObject({
    name: z
      .string()
      .regex(modelNamePattern, { error: nameRule })
      .default('shoal')
      .meta({ description: 'Name of the model, and what the output topics begin with.' }),
    input: inputKeys,
    features: featureKeys,
    profiles: profileKeys,
    clusters: clusterKeys,
    bootstrap: bootstrapKeys,
    anomalies: anomalyKeys,
    drift: driftKeys,
    models: modelKeys,
    topics: topicKeys,
    shadow: shadowKeys,
    worker: workerKeys,
    kafka: kafkaKeys,
    registry: registryKeys,
    redis: redisKeys,
    http: httpKeys,
    log: logKeys,
  })
  .meta({ title: 'Shoal', description: 'Configuration of Shoal. Every key has a default: an empty file is valid.' })

/** What the file and the environment say, with defaults: not yet resolved. */
export type Settings = z.output<typeof configurationSchema>
