/** The schema registry by Confluent's API: Confluent's own, Karapace, Apicurio, Redpanda. */
import { Compatibility, type SchemaInfo } from '@confluentinc/schemaregistry/dist/schemaregistry-client.js'
import { ShoalError } from '../../runtime/errors.ts'
import type { Clock, SchemaRegistry, WriterSchema } from '../../runtime/ports.ts'
import { BoundedCache } from './bounded-cache.ts'
import { notTheRegistry, type RegistryEndpoint, type RegistryRequests, registryRequests } from './registry-client.ts'

interface ConfluentRegistryOptions extends RegistryEndpoint {
  readonly clock: Pick<Clock, 'now'>
}

/** Schemas kept by id: what an id means never changes. */
const knownLimit = 1000
/** Ids of which the registry says that it has none, so that a stream of poison does not become a stream of requests. */
const unknownLimit = 10_000
const unknownForMs = 60_000
/** Referred schemas of one schema, at any depth. */
const referencesLimit = 100

/**
 * Errors: `registry.unavailable` (not reached, too slow, 408, 429, 5xx) and `registry.refused` (any other answer:
 * credentials, an incompatible or invalid schema), with the registry's own words.
 */
export function confluentRegistry(options: ConfluentRegistryOptions): SchemaRegistry {
  const requests = registryRequests(options)
  const known = new BoundedCache<number, WriterSchema>(knownLimit)
  const unknownUntilMs = new BoundedCache<number, number>(unknownLimit)
  const underWay = new Map<number, Promise<WriterSchema | null>>()

  async function fetchSchema(id: number): Promise<WriterSchema | null> {
    const schema = await requests.ask(`schema ${id}`, (client) => client.getBySubjectAndId('', id))
    if (schema === null) {
      unknownUntilMs.set(id, options.clock.now() + unknownForMs)
      return null
    }
    if (typeof schema.schema !== 'string') throw notTheRegistry(`schema ${id}`, schema)
    const writer = { type: typeOf(schema), text: schema.schema, references: await referencesOf(requests, id, schema) }
    known.set(id, writer)
    return writer
  }

  return {
    register: (subject, schema) => register(requests, subject, schema),
    async lookup(id) {
      const schema = known.get(id)
      if (schema !== undefined) return schema
      if (options.clock.now() < (unknownUntilMs.get(id) ?? 0)) return null
      // Several partitions that meet a new schema at the same time ask once.
      const asked = underWay.get(id)
      if (asked !== undefined) return asked
      const asking = fetchSchema(id).finally(() => underWay.delete(id))
      underWay.set(id, asking)
      return asking
    },
    close: async () => requests.close(),
  }
}

async function register(requests: RegistryRequests, subject: string, schema: string): Promise<number> {
  if (!(await hasCompatibility(requests, subject))) await setBackward(requests, subject)
  const id = await requests.ask(`the schema of ${subject}`, (client) => client.register(subject, { schema }))
  if (id === null) throw new ShoalError('registry.refused', `the registry refuses the schema of ${subject} (404)`)
  if (!Number.isInteger(id)) throw notTheRegistry(`the schema of ${subject}`, id)
  return id
}

async function hasCompatibility(requests: RegistryRequests, subject: string): Promise<boolean> {
  const level = await requests.ask(`the compatibility of ${subject}`, (client) => client.getCompatibility(subject))
  return level !== null
}

/** Of processes that start at the same moment one is first: the registry refuses the others, and has what they want. */
async function setBackward(requests: RegistryRequests, subject: string): Promise<void> {
  try {
    await requests.ask(`compatibility BACKWARD for ${subject}`, (client) =>
      client.updateCompatibility(subject, Compatibility.BACKWARD),
    )
  } catch (error) {
    if (!(error instanceof ShoalError) || error.code !== 'registry.refused') throw error
    if (!(await hasCompatibility(requests, subject))) throw error
  }
}

function typeOf(schema: SchemaInfo): WriterSchema['type'] {
  return schema.schemaType === 'JSON' || schema.schemaType === 'PROTOBUF' ? schema.schemaType : 'AVRO'
}

/**
 * What the schema refers to, at any depth, each before those that need it. One that the registry has lost is left
 * out: the schema then cannot be understood, which is for the reader of the event to say, not a reason to stop.
 */
async function referencesOf(
  requests: RegistryRequests,
  id: number,
  schema: SchemaInfo,
): Promise<WriterSchema['references']> {
  const found = new Map<string, { readonly name: string; readonly text: string }>()
  const seen = new Set<string>()
  async function collect(of: SchemaInfo): Promise<void> {
    for (const { name, subject, version } of of.references ?? []) {
      const key = `${subject} ${version}`
      if (seen.has(key)) continue
      seen.add(key)
      if (seen.size > referencesLimit) return
      const referred = await requests.ask(`${subject} version ${version}, which schema ${id} refers to`, (client) =>
        client.getSchemaMetadata(subject, version, true),
      )
      if (referred === null) continue
      await collect(referred)
      found.set(key, { name, text: referred.schema })
    }
  }
  await collect(schema)
  return [...found.values()]
}
