/** Requests to the registry, each with a deadline, and what their failures mean. */
import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { RestError } from '@confluentinc/schemaregistry/dist/rest-error.js'
// Not the package's index: that loads the key stores of four clouds, for 0.7 s.
import { SchemaRegistryClient } from '@confluentinc/schemaregistry/dist/schemaregistry-client.js'
import type { RegistryConfiguration } from '../../runtime/configuration/configuration.ts'
import { ShoalError } from '../../runtime/errors.ts'

export interface RegistryEndpoint extends RegistryConfiguration {
  /** The longest that one request may take, in ms. */
  readonly timeoutMs: number
}

export interface RegistryRequests {
  /** Null for 404. Anything else that fails is `registry.unavailable` or `registry.refused`. */
  ask<T>(what: string, work: (client: SchemaRegistryClient) => Promise<T>): Promise<T | null>
  close(): void
}

/** An answer larger than this is not a schema. */
const largestAnswerBytes = 16 << 20

export function registryRequests(endpoint: RegistryEndpoint): RegistryRequests {
  const { url, auth, ca, timeoutMs } = endpoint
  const httpAgent = new HttpAgent({ keepAlive: true })
  const httpsAgent = new HttpsAgent({ keepAlive: true, ...(ca === null ? {} : { ca }) })

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
    async ask(what, work) {
      try {
        return await work(clientUntil(AbortSignal.timeout(timeoutMs)))
      } catch (error) {
        if (error instanceof RestError && error.status === 404) return null
        throw failureOf(what, error, timeoutMs)
      }
    },
    close() {
      httpAgent.destroy()
      httpsAgent.destroy()
    },
  }
}

function authorization(auth: Exclude<RegistryConfiguration['auth'], { kind: 'none' }>): string {
  if (auth.kind === 'bearer') return `Bearer ${auth.token.reveal()}`
  return `Basic ${Buffer.from(`${auth.username}:${auth.password.reveal()}`).toString('base64')}`
}

/** Only the words of an error go further: the HTTP client's own carries the request with its credentials. */
function failureOf(what: string, error: unknown, timeoutMs: number): ShoalError {
  if (error instanceof ShoalError) return error
  const words = error instanceof Error ? error.message || error.name : String(error)
  if (error instanceof RestError && !mayHeal(error.status)) {
    return new ShoalError('registry.refused', `the registry refuses ${what} (${error.status}): ${words}`)
  }
  const reason = words === 'canceled' ? `no answer within ${timeoutMs} ms` : words
  return new ShoalError('registry.unavailable', `the registry cannot be asked for ${what}: ${reason}`)
}

/** What a proxy says in the registry's place is no answer. */
export function notTheRegistry(what: string, answer: unknown): ShoalError {
  const got = JSON.stringify(answer)?.slice(0, 100)
  return new ShoalError('registry.unavailable', `the registry must answer about ${what}: something else did, ${got}`)
}

/** Too slow, too many, or broken inside. */
function mayHeal(status: number): boolean {
  return status === 408 || status === 429 || status >= 500
}
