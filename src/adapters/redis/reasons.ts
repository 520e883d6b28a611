/** Why Redis cannot be used, in words that name the server, say what is wrong and what to do. */
import { addressText } from '../../runtime/configuration/address-text.ts'
import type { RedisEndpoint, TlsConfiguration } from '../../runtime/configuration/configuration.ts'
import { tlsOptions } from '../../runtime/configuration/tls-options.ts'
import { tlsTrouble } from '../../runtime/tls-trouble.ts'

interface Reached {
  readonly endpoint: RedisEndpoint
  readonly tls: TlsConfiguration | null
}

/** The client's errors carry the command and its arguments: only their words are looked at. */
export function reasonOf(error: Error, { endpoint, tls }: Reached): string {
  // Of a Cluster's own error it is the last node's that says why.
  const { lastNodeError } = error as { readonly lastNodeError?: Error }
  const cause = lastNodeError ?? error
  const where = placeOf(endpoint)
  const trouble = tlsTrouble(cause, 'redis.tls', tls === null ? null : tlsOptions(tls))
  if (trouble !== null) return `no TLS with ${where}: ${trouble}`
  // A server in the clear waits for the rest of what it takes for a command.
  if (tls !== null && cause.message === 'connect ETIMEDOUT') {
    return `${where}: no answer while TLS begins: check the address, and whether it speaks TLS`
  }
  const ofSentinel = cause.message.startsWith('All sentinels')
  const section = ofSentinel ? 'redis.sentinel' : 'redis'
  const user = endpoint.kind === 'sentinel' && ofSentinel ? endpoint.sentinelUsername : endpoint.username
  const who = user === null ? 'the default user' : JSON.stringify(user)
  // How soon it is tried again differs from one attempt to the next.
  const words = cause.message.replace(/ Retrying from scratch after \d+ms\./, '')
  if (words.includes('WRONGPASS')) {
    return `${where} does not let ${who} in (WRONGPASS): check ${section}.username and passwordFile`
  }
  if (words.includes('NOAUTH')) {
    return `${where} asks who is there (NOAUTH): set ${section}.username and passwordFile`
  }
  if (words.includes('NOPERM'))
    return `${where} does not allow it (${words}): give ${who} the rights of docs/security.md`
  return `${where}: ${words}`
}

function placeOf(endpoint: RedisEndpoint): string {
  if (endpoint.kind === 'server') return endpoint.url
  const nodes = endpoint.kind === 'sentinel' ? endpoint.sentinels : endpoint.nodes
  const at = nodes.map(addressText).join(', ')
  return endpoint.kind === 'sentinel' ? `${endpoint.master} of the sentinels ${at}` : `the Cluster at ${at}`
}
