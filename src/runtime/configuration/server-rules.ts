/** Rules across the keys of one server: timeouts, TLS and credentials. Values of secrets are only counted here. */
import type { Settings } from './schema.ts'
import { broken, masked, type Violation, valueText } from './violation.ts'

type Kafka = Settings['kafka']
type Sasl = NonNullable<Kafka['sasl']>
type Tls = Kafka['tls']

export function* kafkaRules(kafka: Kafka): Generator<Violation> {
  const { heartbeatIntervalMs, sessionTimeoutMs, rebalanceTimeoutMs, transactionTimeoutMs } = kafka
  if (heartbeatIntervalMs * 3 > sessionTimeoutMs) {
    const rule = `must be at most a third of kafka.sessionTimeoutMs, ${sessionTimeoutMs}`
    yield broken('kafka.heartbeatIntervalMs', rule, heartbeatIntervalMs)
  }
  if (heartbeatIntervalMs >= transactionTimeoutMs) {
    const rule = `must be more than kafka.heartbeatIntervalMs, ${heartbeatIntervalMs}`
    yield broken('kafka.transactionTimeoutMs', rule, transactionTimeoutMs)
  }
  if (rebalanceTimeoutMs < sessionTimeoutMs) {
    yield broken(
      'kafka.rebalanceTimeoutMs',
      `must be at least kafka.sessionTimeoutMs, ${sessionTimeoutMs}`,
      rebalanceTimeoutMs,
    )
  }
  yield* tlsRules('kafka.tls', kafka.tls, kafka.tls.enabled)
  if (kafka.sasl !== null) yield* saslRules(kafka.sasl)
}

function* saslRules(sasl: Sasl): Generator<Violation> {
  const of = `when kafka.sasl.mechanism is ${sasl.mechanism}`
  if (sasl.mechanism !== 'oauthbearer') {
    if (sasl.username === null) yield broken('kafka.sasl.username', `must be set ${of}`, null)
    yield* exactlyOne('kafka.sasl', { password: sasl.password, passwordFile: sasl.passwordFile }, of)
    if (sasl.oauth !== null) yield broken('kafka.sasl.oauth', `must be null ${of}`, sasl.oauth)
    if (sasl.tokenFile !== null) yield broken('kafka.sasl.tokenFile', `must be null ${of}`, sasl.tokenFile)
    return
  }
  for (const key of ['username', 'password', 'passwordFile'] as const) {
    if (sasl[key] !== null)
      yield {
        key: `kafka.sasl.${key}`,
        rule: `must be null ${of}`,
        got: key === 'password' ? masked : valueText(sasl[key]),
      }
  }
  yield* exactlyOne('kafka.sasl', { oauth: sasl.oauth, tokenFile: sasl.tokenFile }, of)
  if (sasl.oauth !== null) {
    const { clientSecret, clientSecretFile } = sasl.oauth
    yield* exactlyOne('kafka.sasl.oauth', { clientSecret, clientSecretFile })
    if (sasl.oauth.caFile !== null && !isSecured(sasl.oauth.tokenEndpoint)) {
      yield broken('kafka.sasl.oauth.caFile', 'must be null when the token endpoint is not https', sasl.oauth.caFile)
    }
  }
}

const tlsFiles = ['caFile', 'certFile', 'keyFile', 'keyPassphraseFile', 'serverName'] as const

/** Files that would go unused are refused: their owner believes that the connection is encrypted. */
function* tlsRules(section: string, tls: Tls, enabled: boolean): Generator<Violation> {
  const unused = enabled ? undefined : tlsFiles.find((key) => tls[key] !== null)
  if (unused !== undefined)
    yield broken(`${section}.enabled`, `must be true when ${section}.${unused} is set`, tls.enabled)
  if (tls.certFile !== null && tls.keyFile === null)
    yield broken(`${section}.keyFile`, `must be set when ${section}.certFile is`, null)
  if (tls.keyFile !== null && tls.certFile === null)
    yield broken(`${section}.certFile`, `must be set when ${section}.keyFile is`, null)
  if (tls.keyPassphraseFile !== null && tls.keyFile === null) {
    yield broken(`${section}.keyFile`, `must be set when ${section}.keyPassphraseFile is`, null)
  }
}

export function* registryRules({ registry, input }: Settings): Generator<Violation> {
  const { url, username, password, passwordFile, token, tokenFile } = registry
  if (url === null && input.format === 'avro' && input.schemaFile === null) {
    yield broken('registry.url', 'must be set when input.format is avro, unless input.schemaFile is', null)
  }
  if (url !== null && hasCredentials(url)) {
    yield broken('registry.url', 'must not hold credentials: they have keys of their own', url)
  }
  yield* credentials('registry', { username, password, passwordFile }, true)
  yield* atMostOne('registry', { token, tokenFile })
  if (username !== null && (token !== null || tokenFile !== null)) {
    yield broken('registry.username', 'must be null when there is a token', username)
  }
  const asked = registry.tls.enabled ? 'enabled' : tlsFiles.find((key) => registry.tls[key] !== null)
  if (asked !== undefined && !isSecured(url ?? '')) {
    yield broken('registry.url', `must be https when registry.tls.${asked} is set`, url)
  }
  yield* tlsRules('registry.tls', registry.tls, true)
}

export function* redisRules(redis: Settings['redis']): Generator<Violation> {
  if (redis === null) return
  const { url, sentinel, cluster, username, password, passwordFile } = redis
  yield* exactlyOne('redis', { url, sentinel, cluster })
  yield* credentials('redis', { username, password, passwordFile }, false)
  if (url !== null && hasCredentials(url) && (username !== null || password !== null || passwordFile !== null)) {
    yield broken('redis.url', 'must not hold credentials when redis.username or a password is set', url)
  }
  if (sentinel !== null) {
    const { username: user, password: word, passwordFile: file } = sentinel
    yield* credentials('redis.sentinel', { username: user, password: word, passwordFile: file }, false)
  }
  yield* tlsRules('redis.tls', redis.tls, redis.tls.enabled || isSecured(url ?? ''))
}

/** Whether the scheme of a URL asks for TLS. */
export function isSecured(url: string): boolean {
  return /^(https|rediss):/i.test(url)
}

function hasCredentials(url: string): boolean {
  const { username, password } = new URL(url)
  return username !== '' || password !== ''
}

interface Credentials {
  readonly username: string | null
  readonly password: string | null
  readonly passwordFile: string | null
}

/** `paired`: a password without a user means nothing. */
function* credentials(
  section: string,
  { username, password, passwordFile }: Credentials,
  paired: boolean,
): Generator<Violation> {
  yield* atMostOne(section, { password, passwordFile })
  const withPassword = password !== null || passwordFile !== null
  if (username !== null && !withPassword)
    yield broken(`${section}.password`, `must be set (or ${section}.passwordFile) when ${section}.username is`, null)
  if (paired && withPassword && username === null)
    yield broken(`${section}.username`, `must be set when a password is`, null)
}

function* atMostOne(section: string, values: Readonly<Record<string, unknown>>): Generator<Violation> {
  const set = Object.keys(values).filter((name) => values[name] !== null)
  if (set.length > 1)
    yield { key: section, rule: `must have at most one of ${Object.keys(values).join(', ')}`, got: set.join(' and ') }
}

function* exactlyOne(section: string, values: Readonly<Record<string, unknown>>, when = ''): Generator<Violation> {
  const set = Object.keys(values).filter((name) => values[name] !== null)
  if (set.length === 1) return
  const rule = `must have exactly one of ${Object.keys(values).join(', ')}${when === '' ? '' : ` ${when}`}`
  yield { key: section, rule, got: set.length === 0 ? 'none' : set.join(' and ') }
}

/** Whoever reaches the address can steer the model: without tokens only this machine may. */
export function* httpRules({ port, host, tokensFile, oidc }: Settings['http']): Generator<Violation> {
  if (port === null || isLoopback(host) || tokensFile !== null || oidc !== null) return
  yield broken('http.host', 'must be a loopback address unless http.tokensFile or http.oidc is set', host)
}

/** Whether only this machine reaches an address. */
export function isLoopback(host: string): boolean {
  return /^(127\.\d{1,3}\.\d{1,3}\.\d{1,3}|localhost|::1)$/.test(host)
}
