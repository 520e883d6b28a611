import { randomUUID } from 'node:crypto'
import { confluentRegistry } from '../../src/adapters/registry/confluent-registry.ts'
import { describeWith } from '../servers.ts'
import { schemaRegistryContract } from './schema-registry.ts'

describeWith(['registry'], 'on a real registry', ({ registry }) => {
  schemaRegistryContract(
    "Confluent's API",
    () => confluentRegistry({ url: registry, auth: { kind: 'none' }, tls: null, timeoutMs: 20_000, clock: Date }),
    () => `contract-${randomUUID()}-value`,
  )
})
