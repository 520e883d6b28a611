/** The servers of a configuration as facts: addresses and kinds of credentials, never the credentials. */
import { addressText } from './address-text.ts'
import type { Configuration, RedisEndpoint, SaslConfiguration, TlsConfiguration } from './configuration.ts'

interface TlsFacts {
  readonly trusts: 'the system' | 'caFile'
  readonly clientCertificate: boolean
  readonly serverName: string | null
}

export interface ServerFacts {
  readonly kafka: {
    readonly brokers: readonly string[]
    readonly tls: TlsFacts | null
    readonly sasl: { readonly mechanism: string; readonly as: string } | null
    readonly compression: string
  }
  readonly registry: { readonly url: string; readonly as: string | null; readonly tls: TlsFacts | null } | null
  readonly redis: {
    readonly kind: RedisEndpoint['kind']
    readonly at: readonly string[]
    readonly as: string | null
    readonly tls: TlsFacts | null
    readonly historyLimit: number
  } | null
  readonly http: {
    readonly host: string
    readonly port: number
    /** What a request must have. */
    readonly asksFor: readonly ('token of tokensFile' | 'token of oidc')[]
  } | null
}

export function serverFacts({ kafka, registry, redis, http }: Configuration): ServerFacts {
  return {
    kafka: {
      brokers: kafka.brokers,
      tls: tlsFacts(kafka.tls),
      sasl: kafka.sasl === null ? null : { mechanism: kafka.sasl.mechanism, as: saslUser(kafka.sasl) },
      compression: kafka.compression,
    },
    registry:
      registry === null ? null : { url: registry.url, as: registryUser(registry.auth), tls: tlsFacts(registry.tls) },
    redis:
      redis === null
        ? null
        : {
            kind: redis.endpoint.kind,
            at: addressesOf(redis.endpoint),
            as: redisUser(redis.endpoint),
            tls: tlsFacts(redis.tls),
            historyLimit: redis.historyLimit,
          },
    http: http.port === null ? null : { host: http.host, port: http.port, asksFor: asksFor(http) },
  }
}

function asksFor({ tokensPath, oidc }: Configuration['http']): NonNullable<ServerFacts['http']>['asksFor'] {
  return [
    ...(tokensPath === null ? [] : (['token of tokensFile'] as const)),
    ...(oidc === null ? [] : (['token of oidc'] as const)),
  ]
}

function tlsFacts(tls: TlsConfiguration | null): TlsFacts | null {
  if (tls === null) return null
  return {
    trusts: tls.ca === null ? 'the system' : 'caFile',
    clientCertificate: tls.cert !== null,
    serverName: tls.serverName,
  }
}

function saslUser(sasl: SaslConfiguration): string {
  if (sasl.mechanism !== 'oauthbearer') return sasl.username
  return sasl.token.from === 'file' ? `the token in ${sasl.token.path}` : `${sasl.token.clientId} of ${sasl.token.url}`
}

function registryUser(auth: NonNullable<Configuration['registry']>['auth']): string | null {
  if (auth.kind === 'basic') return auth.username
  return auth.kind === 'bearer' ? 'the bearer of a token' : null
}

function addressesOf(endpoint: RedisEndpoint): readonly string[] {
  if (endpoint.kind === 'server') return [endpoint.url]
  return (endpoint.kind === 'sentinel' ? endpoint.sentinels : endpoint.nodes).map(addressText)
}

function redisUser(endpoint: RedisEndpoint): string | null {
  return endpoint.username ?? (endpoint.password === null ? null : 'the default user')
}
