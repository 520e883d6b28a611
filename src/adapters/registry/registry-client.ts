/** Requests to the registry, each with a deadline, and what their failures mean. */
import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { RestError } from '@confluentinc/schemaregistry/dist/rest-error.js'
// Not the package's index: that loads the key stores of four clouds, for 0.7 s.
import { SchemaRegistryClient } from '@confluentinc/schemaregistry/dist/schemaregistry-client.js'
import type { RegistryConfiguration } from '../../runtime/configuration/configuration.ts'
import { tlsOptions } from '../../runtime/configuration/tls-options.ts'
import { ShoalError } from '../../runtime/errors.ts'
import { tlsTrouble } from '../../runtime/tls-trouble.ts'

export interface RegistryEndpoint extends RegistryConfiguration {
  /** The longest that one request may take, in ms: so long only after it has been found slow. */
  readonly timeoutMs: number
}

export interface RegistryRequests {
  /** Null when the registry says that there is no such thing. Anything else that fails is `registry.unavailable` or `registry.refused`. */
  ask<T>(what: string, work: (client: SchemaRegistryClient) => Promise<T>, timeoutMs?: number): Promise<T | null>
  close(): void
}

const firstMs = 5_000
/** An answer larger than this is not a schema. */
const largestAnswerBytes = 16 << 20

export function registryRequests(endpoint: RegistryEndpoint): RegistryRequests {
  const { url, auth, tls, timeoutMs } = endpoint
  /** How long the next request may take: a registry that hangs is asked anew soon, one that is slow gets its time. */
  let patienceMs = Math.min(firstMs, timeoutMs)
  const httpAgent = new HttpAgent({ keepAlive: true })
  const httpsAgent = new HttpsAgent({ keepAlive: true })
  // On the agent's own options: what is given to its constructor is copied there, but files are to be read for each connection.
  if (tls !== null) Object.defineProperties(httpsAgent.options, Object.getOwnPropertyDescriptors(tlsOptions(tls)))

  // A client per request: its caches would remember what a registry has lost, its locks would queue every request
  // behind one that is stuck, and only so has each its own deadline. The connections are kept by the agents.
  const clientUntil = (signal: AbortSignal): SchemaRegistryClient =>
    new SchemaRegistryClient({
      baseURLs: [url],
      cacheCapacity: 1,
      maxRetries: 0,
      createAxiosDefaults: {
        httpAgent,
        httpsAgent,
        signal,
        maxContentLength: largestAnswerBytes,
        ...(auth.kind === 'none' ? {} : { headers: { Authorization: authorization(auth) } }),
      },
    })

  return {
    async ask(what, work, withinMs = timeoutMs) {
      const grantedMs = Math.min(patienceMs, withinMs)
      const deadline = AbortSignal.timeout(grantedMs)
      try {
        return await work(clientUntil(deadline))
      } catch (error) {
        if (isUnknown(error)) return null
        if (deadline.aborted) patienceMs = Math.min(2 * grantedMs, timeoutMs)
        throw failureOf(what, error, grantedMs, endpoint)
      }
    },
    close() {
      httpAgent.destroy()
      httpsAgent.destroy()
    },
  }
}

/**
 * 404 in the registry's own form: its codes begin with the status. Any other comes from what stands before it, or from
 * a wrong path, and says nothing about a schema: an event must not become a dead letter for that.
 */
function isUnknown(error: unknown): boolean {
  return error instanceof RestError && error.status === 404 && Math.floor(error.errorCode / 100) === 404
}

function authorization(auth: Exclude<RegistryConfiguration['auth'], { kind: 'none' }>): string {
  if (auth.kind === 'bearer') return `Bearer ${auth.token.reveal()}`
  return `Basic ${Buffer.from(`${auth.username}:${auth.password.reveal()}`).toString('base64')}`
}

/** Only the words of an error go further: the HTTP client's own carries the request with its credentials. */
function failureOf(what: string, error: unknown, timeoutMs: number, { url, auth, tls }: RegistryEndpoint): ShoalError {
  if (error instanceof ShoalError) return error
  const words = error instanceof Error ? error.message || error.name : String(error)
  if (error instanceof RestError && !mayHeal(error.status)) {
    const todo = whatToDo(error.status, auth)
    const said = `the registry ${url} refuses ${what} (${error.status}): ${words}`
    return new ShoalError('registry.refused', todo === null ? said : `${said}: ${todo}`)
  }
  const trouble = tlsTrouble(error, 'registry.tls', tls === null ? null : tlsOptions(tls))
  if (trouble !== null) return new ShoalError('registry.unavailable', `no TLS with the registry ${url}: ${trouble}`)
  const reason = words === 'canceled' ? `no answer within ${timeoutMs} ms` : words
  return new ShoalError('registry.unavailable', `the registry ${url} cannot be asked for ${what}: ${reason}`)
}

/** What to do about a refusal of who is asking; null where it is about what is asked. */
function whatToDo(status: number, auth: RegistryConfiguration['auth']): string | null {
  const who = auth.kind === 'basic' ? JSON.stringify(auth.username) : 'its user'
  if (status === 403) return `give ${who} the right to read and to write schemas`
  if (status !== 401) return null
  if (auth.kind === 'none') return 'it asks who is there: set registry.username and passwordFile, or tokenFile'
  if (auth.kind === 'bearer') return 'it does not take the token: check registry.tokenFile'
  return `it does not let ${who} in: check registry.username and passwordFile`
}

/** What a proxy says in the registry's place is no answer. */
export function notTheRegistry(what: string, answer: unknown): ShoalError {
  const got = typeof answer === 'string' ? JSON.stringify(answer.slice(0, 100)) : kindOf(answer)
  return new ShoalError('registry.unavailable', `the registry must answer about ${what}: something else did, ${got}`)
}

/** Without looking inside: an answer may be nested so deep that nothing recursive survives it. */
function kindOf(answer: unknown): string {
  if (answer === null) return 'null'
  if (Array.isArray(answer)) return 'an array'
  if (typeof answer !== 'object') return String(answer)
  return `an object of ${JSON.stringify(Object.keys(answer).slice(0, 5).join(', ').slice(0, 100))}`
}

/** Too slow, too many, broken inside; or not the registry at all, since its own 404 is known by its form. */
function mayHeal(status: number): boolean {
  return status === 404 || status === 408 || status === 429 || status >= 500
}
