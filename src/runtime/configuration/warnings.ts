/** What a configuration may say and probably does not mean. */
import type { Configuration } from './configuration.ts'
import { isLoopback } from './server-rules.ts'

export function warningsOf(configuration: Configuration): readonly string[] {
  return [
    ...unencrypted(configuration),
    ...exposed(configuration),
    ...shortLived(configuration),
    ...shared(configuration),
  ]
}

function* unencrypted({ kafka, registry, redis }: Configuration): Generator<string> {
  if (kafka.tls === null && (kafka.sasl?.mechanism === 'plain' || kafka.sasl?.mechanism === 'oauthbearer')) {
    yield `kafka.tls is off, so ${kafka.sasl.mechanism} sends its secret to the brokers unencrypted.`
  }
  if (registry !== null && registry.auth.kind !== 'none' && registry.url.toLowerCase().startsWith('http:')) {
    yield 'registry.url is http, so its credentials are sent unencrypted.'
  }
  if (redis !== null && redis.tls === null && redis.endpoint.password !== null) {
    yield 'redis.tls is off, so its password is sent unencrypted.'
  }
}

function* shared({ features, profiles }: Configuration): Generator<string> {
  const entities = new Set(features.flatMap(({ profile }) => (profile === undefined ? [] : [profile.entity])))
  for (const entity of entities) {
    if (entity === profiles.key) continue
    yield `features profile ${entity}, which producers do not key by: each partition sees only its share of its events.`
  }
}

function* exposed({ http }: Configuration): Generator<string> {
  if (http.port !== null && !isLoopback(http.host)) {
    yield `http.host is ${http.host}: tokens are sent unencrypted, unless what stands before it speaks TLS.`
  }
}

function* shortLived({ topics, models }: Configuration): Generator<string> {
  if (topics.modelUpdatesRetentionMs < models.keep.allForMs) {
    yield 'topics.modelUpdatesRetentionMs is less than models.keep.allForMs: thinned versions can never be rebuilt.'
  }
  if (topics.create && topics.replicationFactor === 1) {
    yield 'topics.replicationFactor is 1: what Shoal writes is lost with the disk of one broker.'
  }
}
