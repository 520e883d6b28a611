/** The schema registry by Confluent's API: Confluent's own, Karapace, Apicurio, Redpanda. */
import {
  Compatibility,
  type Reference,
  type SchemaRegistryClient,
} from '@confluentinc/schemaregistry/dist/schemaregistry-client.js'
import { isJsonObject } from '../../core/fields/json-text.ts'
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
/**
 * A registry that cannot be asked again then is taken at its word for so long: poison in the input must not hold it up
 * whenever the registry is down.
 */
const deniedForMs = 600_000
/** And it is waited for no longer than that. */
const againMs = 5_000
/** Referred schemas of one schema, at any depth. */
const referencesLimit = 100

/** The registry has said that it has no such id. */
interface Denial {
  readonly atMs: number
  readonly askAgainMs: number
}

/**
 * Errors: `registry.unavailable` (not reached, too slow, 408, 429, 5xx) and `registry.refused` (any other answer:
 * credentials, an incompatible or invalid schema), with the registry's own words.
 */
export function confluentRegistry(options: ConfluentRegistryOptions): SchemaRegistry {
  const requests = registryRequests(options)
  const known = new BoundedCache<number, WriterSchema>(knownLimit)
  const denied = new BoundedCache<number, Denial>(unknownLimit)
  const underWay = new Map<number, Promise<WriterSchema | null>>()

  async function fetchSchema(id: number, timeoutMs: number): Promise<WriterSchema | null> {
    const found = await askForSchema(requests, `schema ${id}`, (client) => client.getBySubjectAndId('', id), timeoutMs)
    if (found === null) {
      denied.set(id, { atMs: options.clock.now(), askAgainMs: options.clock.now() + unknownForMs })
      return null
    }
    const writer = { ...found, references: await referencesOf(requests, id, found.references) }
    known.set(id, writer)
    return writer
  }

  /** Several partitions that meet a new schema at the same time ask once. */
  function askOnce(id: number, timeoutMs: number): Promise<WriterSchema | null> {
    const asked = underWay.get(id)
    if (asked !== undefined) return asked
    const asking = fetchSchema(id, timeoutMs).finally(() => underWay.delete(id))
    underWay.set(id, asking)
    return asking
  }

  return {
    register: (subject, schema) => register(requests, subject, schema),
    async lookup(id) {
      const schema = known.get(id)
      if (schema !== undefined) return schema
      const nowMs = options.clock.now()
      const denial = denied.get(id)
      if (denial === undefined || nowMs - denial.atMs > deniedForMs) return askOnce(id, options.timeoutMs)
      if (nowMs < denial.askAgainMs) return null
      try {
        return await askOnce(id, Math.min(options.timeoutMs, againMs))
      } catch (error) {
        if (!(error instanceof ShoalError)) throw error
        denied.set(id, { ...denial, askAgainMs: options.clock.now() + unknownForMs })
        return null
      }
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
  const what = `the compatibility of ${subject}`
  // An answer without a level is no answer: what stands before the registry may say anything.
  const level = await requests.ask(what, async (client) => answered(what, await client.getCompatibility(subject)))
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

function answered(what: string, text: unknown): string {
  if (typeof text !== 'string') throw notTheRegistry(what, text)
  return text
}

interface FoundSchema {
  readonly type: WriterSchema['type']
  readonly text: string
  readonly references: readonly Reference[]
}

/** Null when the registry says that it has none; what is not a schema is not taken for one, whoever sent it. */
function askForSchema(
  requests: RegistryRequests,
  what: string,
  work: (client: SchemaRegistryClient) => Promise<unknown>,
  timeoutMs?: number,
): Promise<FoundSchema | null> {
  const read = async (client: SchemaRegistryClient): Promise<FoundSchema> => {
    const answer = await work(client)
    if (!isJsonObject(answer)) throw notTheRegistry(what, answer)
    const { schema, schemaType } = answer
    const references = answer.references ?? []
    if (typeof schema !== 'string' || !Array.isArray(references) || !references.every(isReference)) {
      throw notTheRegistry(what, answer)
    }
    return { type: schemaType === 'JSON' || schemaType === 'PROTOBUF' ? schemaType : 'AVRO', text: schema, references }
  }
  return requests.ask(what, read, timeoutMs)
}

function isReference(value: unknown): value is Reference {
  if (!isJsonObject(value)) return false
  const { name, subject, version } = value
  return typeof name === 'string' && typeof subject === 'string' && Number.isInteger(version)
}

/**
 * What the schema refers to, at any depth, each before those that need it. One that the registry has lost is left
 * out: the schema then cannot be understood, which is for the reader of the event to say, not a reason to stop.
 */
async function referencesOf(
  requests: RegistryRequests,
  id: number,
  references: readonly Reference[],
): Promise<WriterSchema['references']> {
  const found = new Map<string, { readonly name: string; readonly text: string }>()
  const seen = new Set<string>()
  async function collect(of: readonly Reference[]): Promise<void> {
    for (const { name, subject, version } of of) {
      const key = `${subject} ${version}`
      if (seen.has(key)) continue
      seen.add(key)
      if (seen.size > referencesLimit) return
      const what = `${subject} version ${version}, which schema ${id} refers to`
      const referred = await askForSchema(requests, what, (client) => client.getSchemaMetadata(subject, version, true))
      if (referred === null) continue
      await collect(referred.references)
      found.set(key, { name, text: referred.text })
    }
  }
  await collect(references)
  return [...found.values()]
}
