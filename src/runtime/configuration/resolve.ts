/** From settings that break no rule, and the texts of their files, to the configuration. */
import { resolve } from 'node:path'
import { fingerprintOf } from '../../core/codec/fingerprint.ts'
import { columnCount } from '../../core/features/feature-plan.ts'
import { birthEvents } from '../../core/kmeans/k-choice.ts'
import type {
  Address,
  Configuration,
  Origin,
  RedisConfiguration,
  RegistryConfiguration,
  SaslConfiguration,
  TlsConfiguration,
} from './configuration.ts'
import type { FileTexts } from './files.ts'
import { featureSpec, keyEntity } from './resolved-features.ts'
import type { Settings } from './schema.ts'
import { Secret } from './secret.ts'
import { isSecured } from './server-rules.ts'
import { outputTopicName } from './topics.ts'

const unitMs = { ms: 1, s: 1000, us: 0.001 } as const

export function resolveSettings(
  settings: Settings,
  files: FileTexts,
  folder: string,
  origins: ReadonlyMap<string, Origin>,
): Configuration {
  const { timeUnit, schemaFile: _, ...input } = settings.input
  const { prefix: _prefix, ...topics } = settings.topics
  const { name, clusters, bootstrap, kafka } = settings
  const { tokensFile, ...http } = settings.http
  const features = settings.features.map(featureSpec)
  const timeUnitMs = unitMs[timeUnit]
  return {
    ...settings,
    input: { ...input, timeUnitMs, schema: files.get('input.schemaFile')?.() ?? null },
    features,
    profiles: { key: keyEntity(settings), limit: settings.profiles.limit },
    columns: features.reduce((sum, spec) => sum + columnCount(spec), 0),
    fingerprint: fingerprintOf({ id: input.id, time: input.time, timeUnitMs, features }, clusters.k),
    bootstrap: { ...bootstrap, minEvents: bootstrap.minEvents ?? birthEvents(clusters.k) },
    topics: {
      ...topics,
      assignments: outputTopicName(settings, 'assignments'),
      anomalies: outputTopicName(settings, 'anomalies'),
      deadLetters: outputTopicName(settings, 'deadLetters'),
      driftEvents: outputTopicName(settings, 'driftEvents'),
      modelUpdates: outputTopicName(settings, 'modelUpdates'),
      models: outputTopicName(settings, 'models'),
      audit: outputTopicName(settings, 'audit'),
      profiles: outputTopicName(settings, 'profiles'),
      primary: outputTopicName(settings, 'primary'),
      shadowAssignments: outputTopicName(settings, 'shadowAssignments'),
      shadowAnomalies: outputTopicName(settings, 'shadowAnomalies'),
    },
    kafka: {
      ...kafka,
      tls: kafka.tls.enabled ? tlsOf(kafka.tls, 'kafka.tls', files) : null,
      sasl: kafka.sasl === null ? null : saslOf(kafka.sasl, files, folder),
    },
    registry: registryOf(settings.registry, files),
    redis: settings.redis === null ? null : redisOf(settings.redis, files),
    http: { ...http, tokensPath: tokensFile === null ? null : resolve(folder, tokensFile) },
    name,
    origins,
  }
}

/** The value, or the text of the file that holds it, as it is whenever it is needed. */
function secretOf(value: string | null, key: string, files: FileTexts): Secret | null {
  const text = value ?? files.get(`${key}File`) ?? null
  return text === null ? null : new Secret(text)
}

/** A secret that a rule has already made sure of. */
function neededSecret(value: string | null, key: string, files: FileTexts): Secret {
  return secretOf(value, key, files) ?? new Secret('')
}

function tlsOf(tls: Settings['kafka']['tls'], section: string, files: FileTexts): TlsConfiguration {
  return {
    ca: files.get(`${section}.caFile`) ?? null,
    cert: files.get(`${section}.certFile`) ?? null,
    key: secretOf(null, `${section}.key`, files),
    keyPassphrase: secretOf(null, `${section}.keyPassphrase`, files),
    serverName: tls.serverName,
  }
}

function saslOf(sasl: NonNullable<Settings['kafka']['sasl']>, files: FileTexts, folder: string): SaslConfiguration {
  if (sasl.mechanism !== 'oauthbearer') {
    const password = neededSecret(sasl.password, 'kafka.sasl.password', files)
    return { mechanism: sasl.mechanism, username: sasl.username ?? '', password }
  }
  const { mechanism, oauth, tokenFile } = sasl
  if (oauth === null) {
    const token = neededSecret(null, 'kafka.sasl.token', files)
    return { mechanism, token: { from: 'file', path: resolve(folder, tokenFile ?? ''), token } }
  }
  const clientSecret = neededSecret(oauth.clientSecret, 'kafka.sasl.oauth.clientSecret', files)
  const { tokenEndpoint: url, clientId, scope } = oauth
  const ca = files.get('kafka.sasl.oauth.caFile') ?? null
  return { mechanism, token: { from: 'endpoint', url, clientId, clientSecret, scope, ca } }
}

function registryOf(registry: Settings['registry'], files: FileTexts): RegistryConfiguration | null {
  const { url, username } = registry
  if (url === null) return null
  const token = secretOf(registry.token, 'registry.token', files)
  const password = secretOf(registry.password, 'registry.password', files)
  const encrypted = registry.tls.enabled || isSecured(url)
  const tls = encrypted ? tlsOf(registry.tls, 'registry.tls', files) : null
  if (token !== null) return { url, auth: { kind: 'bearer', token }, tls }
  if (username === null || password === null) return { url, auth: { kind: 'none' }, tls }
  return { url, auth: { kind: 'basic', username, password }, tls }
}

function redisOf(redis: NonNullable<Settings['redis']>, files: FileTexts): RedisConfiguration {
  const { url, username, keyPrefix, historyLimit } = redis
  const password = secretOf(redis.password, 'redis.password', files)
  const encrypted = redis.tls.enabled || isSecured(url ?? '')
  const tls = encrypted ? tlsOf(redis.tls, 'redis.tls', files) : null
  return { endpoint: endpointOf(redis, username, password, files), tls, keyPrefix, historyLimit }
}

function endpointOf(
  redis: NonNullable<Settings['redis']>,
  username: string | null,
  password: Secret | null,
  files: FileTexts,
): RedisConfiguration['endpoint'] {
  const { url, sentinel, cluster } = redis
  if (sentinel !== null) {
    return {
      kind: 'sentinel',
      master: sentinel.master,
      sentinels: sentinel.nodes.map(addressOf),
      sentinelUsername: sentinel.username,
      sentinelPassword: secretOf(sentinel.password, 'redis.sentinel.password', files),
      username,
      password,
    }
  }
  if (cluster !== null) return { kind: 'cluster', nodes: cluster.nodes.map(addressOf), username, password }
  return serverOf(url ?? '', username, password)
}

/** The URL's credentials, unless they have keys of their own: a rule has seen to it that they are not in both. */
function serverOf(url: string, username: string | null, password: Secret | null): RedisConfiguration['endpoint'] {
  const bare = new URL(url)
  const [itsUser, itsPassword] = [bare.username, bare.password].map(decodeURIComponent)
  bare.username = ''
  bare.password = ''
  return {
    kind: 'server',
    url: bare.href,
    username: itsUser === '' ? username : itsUser,
    password: itsPassword === '' ? password : new Secret(itsPassword),
  }
}

/** `host:port` and `[address]:port`. */
function addressOf(hostPort: string): Address {
  const colon = hostPort.lastIndexOf(':')
  return { host: hostPort.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(hostPort.slice(colon + 1)) }
}
