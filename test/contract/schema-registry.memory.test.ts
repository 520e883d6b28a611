import { randomUUID } from 'node:crypto'
import { memoryRegistry } from '../../src/adapters/memory/registry.ts'
import { schemaRegistryContract } from './schema-registry.ts'

schemaRegistryContract('memory', memoryRegistry, randomUUID)
