import { describe, expect, test } from 'vitest'
import { load, refusalOf } from './loading.ts'

const sasl = (rest: string) => `kafka: { sasl: { mechanism: plain, ${rest} } }`
const oauth = (rest: string) => `kafka: { sasl: { mechanism: oauthbearer, ${rest} } }`

describe('a wrong value is refused in one line of key, rule and value', () => {
  test.each([
    ['clusters: { k: 1 }', 'clusters.k must be at least 2: got 1'],
    ['clusters: { k: 1025 }', 'clusters.k must be at most 1024: got 1025'],
    ['clusters: { k: 2.5 }', 'clusters.k must be a whole number from 2 to 1024, or auto: got 2.5'],
    ['clusters: { k: 1e300 }', 'clusters.k must be at most 1024: got 1e+300'],
    ['clusters: { k: "16" }', 'clusters.k must be a whole number from 2 to 1024, or auto: got "16"'],
    ['clusters: { k: .nan }', 'clusters.k must be a whole number from 2 to 1024, or auto: got NaN'],
    ['clusters: { k: .inf }', 'clusters.k must be a whole number from 2 to 1024, or auto: got Infinity'],
    ['clusters: { k: }', 'clusters.k must be a whole number from 2 to 1024, or auto: got null'],
    ['clusters: { k: [2] }', 'clusters.k must be a whole number from 2 to 1024, or auto: got a list of 1'],
    ['clusters: 16', 'clusters must be a mapping: got a number'],
    ['[]', 'configuration must be a mapping: got an empty list'],
    ['clusters: { halfLifeEvents: 10 }', 'clusters.halfLifeEvents must be at least 500: got 10'],
    ['anomalies: { budget: 0 }', 'anomalies.budget must be more than 0: got 0'],
    ['anomalies: { budget: 0.6 }', 'anomalies.budget must be at most 0.5: got 0.6'],
    ['topics: { create: "yes" }', 'topics.create must be true or false: got "yes"'],
    ['name: ""', "name must be 1 to 200 letters, digits, '.', '_' or '-', the first a letter or digit: got \"\""],
    ['input: { format: protobuf }', 'input.format must be one of avro, json: got "protobuf"'],
    ['input: { topic: "a b" }', "input.topic must be 1 to 249 letters, digits, '.', '_' or '-': got \"a b\""],
    ['input: { id: a..b }', 'input.id must be a field name, or names joined by \'.\': got "a..b"'],
    ['input: { maxEventBytes: 67108865 }', 'input.maxEventBytes must be at most 67108864: got 67108865'],
    ['features: []', 'features must have at least 1 entry: got an empty list'],
    ['features: amount', 'features must be a list: got "amount"'],
    ['features: [amount]', 'features[0] must be a mapping: got a text'],
    ['features: [{ transform: log }]', 'features[0].field must be set, unless profile is: got nothing'],
    [
      'features: [{ field: a, profile: { entity: c, as: count1h } }]',
      'features[0].field must not be set beside profile: got "a"',
    ],
    ['features: [{ profile: { as: count1h } }]', 'features[0].profile.entity must be set: got nothing'],
    [
      'features: [{ profile: { entity: c, as: mean } }]',
      'features[0].profile.as must be one of ratio, zScore, unrest, count1h, count24h, sinceLast, kmPerHour, newValue: got "mean"',
    ],
    ['features: [{ profile: { entity: c, as: ratio } }]', 'features[0].profile.of must be set for ratio: got nothing'],
    [
      'features: [{ profile: { entity: c, as: sinceLast, of: a } }]',
      'features[0].profile.of must not be set for sinceLast: got "a"',
    ],
    [
      'features: [{ profile: { entity: c, as: ratio, of: a, halfLifeMs: 10 } }]',
      'features[0].profile.halfLifeMs must be at least 1000: got 10',
    ],
    [
      'features: [{ profile: { entity: c, as: ratio, of: a }, transform: hourOfDay }]',
      'features[0].transform must be one of none, log, auto, squash for a profile feature: got "hourOfDay"',
    ],
    [
      'features: [{ profile: { entity: c, as: count1h } }, { profile: { entity: t, as: count24h } }]',
      'features[1].profile.as must be none of count1h, count24h, sinceLast for an entity other than profiles.key, c: a partition sees only a share of its events: got "count24h"',
    ],
    [
      '{ features: [{ profile: { entity: c, as: count1h } }, { profile: { entity: d, as: ratio, of: a } }], profiles: { key: d } }',
      'features[0].profile.as must be none of count1h, count24h, sinceLast for an entity other than profiles.key, d: a partition sees only a share of its events: got "count1h"',
    ],
    [
      '{ features: [{ profile: { entity: c, as: ratio, of: a } }], profiles: { key: d } }',
      'profiles.key must be the entity of a profile feature: got "d"',
    ],
    ['profiles: { limit: 0 }', 'profiles.limit must be at least 1: got 0'],
    ['features: [{ field: a, weight: 0 }]', 'features[0].weight must be more than 0: got 0'],
    [
      'features: [{ field: a, missing: skip }]',
      'features[0].missing must be one of reject, mean, indicator: got "skip"',
    ],
    ['features: [{ field: a, transform: { hash: 1 } }]', 'features[0].transform.hash must be at least 2: got 1'],
    [
      'features: [{ field: a, transform: { oneHot: [] } }]',
      'features[0].transform.oneHot must have at least 1 entry: got an empty list',
    ],
    ['kafka: { brokers: [b1] }', 'kafka.brokers[0] must be host:port, the port 1 to 65535: got "b1"'],
    ['kafka: { brokers: ["b1:9092", "b2:0"] }', 'kafka.brokers[1] must be host:port, the port 1 to 65535: got "b2:0"'],
    ['kafka: { compression: brotli }', 'kafka.compression must be one of none, gzip, snappy, lz4, zstd: got "brotli"'],
    ['registry: { url: "ftp://r" }', 'registry.url must be a URL that starts with http:// or https://: got "ftp://r"'],
    ['redis: { url: "redis://" }', 'redis.url must be a URL that starts with redis:// or rediss://: got "redis://"'],
    ['http: { port: 65536 }', 'http.port must be at most 65535: got 65536'],
    [
      'http: { host: 0.0.0.0 }',
      'http.host must be a loopback address unless http.tokensFile or http.oidc is set: got "0.0.0.0"',
    ],
    ['http: { host: "" }', 'http.host must not be empty: got ""'],
    ['log: { level: debug }', 'log.level must be one of info, warn, error: got "debug"'],
    ['kafka: { sasl: {} }', 'kafka.sasl.mechanism must be set: got nothing'],
  ])('%s', (text, line) => {
    const refusal = refusalOf(text)
    expect(refusal.code).toBe('config.invalid')
    expect(refusal.message).toBe(line)
  })

  test('a transform that is none names them all', () => {
    const rule =
      'must be one of none, log, auto, squash, hourOfDay, dayOfWeek, boolean, {oneHot: [values]}, {hash: buckets}'
    expect(refusalOf('features: [{ field: a }, { field: b, transform: sqrt }]').message).toBe(
      `features[1].transform ${rule}: got "sqrt"`,
    )
    expect(refusalOf('features: [{ field: b, transform: { bins: 3 } }]').message).toBe(
      `features[0].transform ${rule}: got a mapping of bins`,
    )
  })

  test('a long value is cut, and one with line breaks or terminal codes stays on its line', () => {
    expect(refusalOf(`log: { level: ${'x'.repeat(500)} }`).message).toBe(
      `log.level must be one of info, warn, error: got "${'x'.repeat(79)}…"`,
    )
    expect(refusalOf('log: { level: "a\\nb\\e[2J\\u009b\\u202e" }').message).toBe(
      'log.level must be one of info, warn, error: got "a\\nb\\u001b[2J\\u009b\\u202e"',
    )
  })
})

describe('an unknown key is refused by name', () => {
  test.each([
    ['kafka: { broker: ["b1:9092"] }', 'kafka.broker is not a key (did you mean kafka.brokers?): got a list of 1'],
    [
      'clusters: { halflifeevents: 5 }',
      'clusters.halflifeevents is not a key (did you mean clusters.halfLifeEvents?): got 5',
    ],
    ['k: 5', 'k is not a key (did you mean clusters.k?): got 5'],
    ['brokers: b1', 'brokers is not a key (did you mean kafka.brokers?): got "b1"'],
    [
      'features: [{ field: a, wieght: 2 }]',
      'features[0].wieght is not a key (did you mean features[0].weight?): got 2',
    ],
    [
      'clusters: { colour: red }',
      'clusters.colour is not a key; there are k, halfLifeEvents, keyShare, seed: got "red"',
    ],
    [
      'clusters: { __proto__: { k: 3 } }',
      'clusters.__proto__ is not a key; there are k, halfLifeEvents, keyShare, seed: got a mapping of k',
    ],
    ['clusters: { "a b\\n": 1 }', 'clusters."a b\\n" is not a key; there are k, halfLifeEvents, keyShare, seed: got 1'],
    [
      'kafka: { tls: { rejectUnauthorized: false } }',
      'kafka.tls.rejectUnauthorized is not a key; there are enabled, caFile, certFile, keyFile, keyPassphraseFile, serverName: got ***',
    ],
  ])('%s', (text, line) => {
    expect(refusalOf(text).message).toBe(line)
  })
})

describe('a rule across keys is refused in the same form', () => {
  test.each([
    [
      'input: { format: json, schemaFile: a.avsc }',
      'input.schemaFile must be null when input.format is json: got "a.avsc"',
    ],
    [
      'features: [{ field: a }, { field: a, transform: log }]',
      'features[1].name must be unique (its default is the field): got "a"',
    ],
    [
      'features: [{ field: a, transform: { oneHot: [1, "1"] } }]',
      'features[0].transform.oneHot must not name a value twice: got "1"',
    ],
    [
      'features: [{ field: a, transform: { hash: 256 } }, { field: b }]',
      'features must have at most 256 columns in total: got 257',
    ],
    ['bootstrap: { minEvents: 31 }', 'bootstrap.minEvents must be at least 32 with clusters.k 16: got 31'],
    [
      'models: { keep: { hourlyForMs: 1000 } }',
      'models.keep.hourlyForMs must be at least models.keep.allForMs, 3600000: got 1000',
    ],
    [
      'models: { keep: { dailyForMs: 3600000 } }',
      'models.keep.dailyForMs must be at least models.keep.hourlyForMs, 86400000: got 3600000',
    ],
    ['input: { topic: shoal.models }', 'topics.models must differ from input.topic: got "shoal.models"'],
    ['topics: { anomalies: a, deadLetters: a }', 'topics.deadLetters must differ from topics.anomalies: got "a"'],
    ['shadow: { of: shoal }', 'shadow.of must be another deployment than this one, whose `name` it is: got "shoal"'],
    ['name: a.train\nshadow: { of: a }', 'name must not be the group of those who train a: got "a.train"'],
    [
      'input: { maxEventBytes: 16777216 }',
      'worker.maxBytesPerTransaction must be at least input.maxEventBytes, 16777216: got 8388608',
    ],
    [
      'kafka: { heartbeatIntervalMs: 4000 }',
      'kafka.heartbeatIntervalMs must be at most a third of kafka.sessionTimeoutMs, 10000: got 4000',
    ],
    [
      'kafka: { transactionTimeoutMs: 3000 }',
      'kafka.transactionTimeoutMs must be more than kafka.heartbeatIntervalMs, 3000: got 3000',
    ],
    [
      'kafka: { rebalanceTimeoutMs: 9999 }',
      'kafka.rebalanceTimeoutMs must be at least kafka.sessionTimeoutMs, 10000: got 9999',
    ],
    ['kafka: { tls: { caFile: ca.pem } }', 'kafka.tls.enabled must be true when kafka.tls.caFile is set: got false'],
    [
      'kafka: { tls: { enabled: true, certFile: c.pem } }',
      'kafka.tls.keyFile must be set when kafka.tls.certFile is: got null',
    ],
    [
      'kafka: { tls: { enabled: true, keyFile: k.pem } }',
      'kafka.tls.certFile must be set when kafka.tls.keyFile is: got null',
    ],
    [
      'redis: { url: "redis://h", tls: { serverName: h } }',
      'redis.tls.enabled must be true when redis.tls.serverName is set: got false',
    ],
    [sasl('password: x'), 'kafka.sasl.username must be set when kafka.sasl.mechanism is plain: got null'],
    [
      sasl('username: u'),
      'kafka.sasl must have exactly one of password, passwordFile when kafka.sasl.mechanism is plain: got none',
    ],
    [
      sasl('username: u, password: x, passwordFile: f'),
      'kafka.sasl must have exactly one of password, passwordFile when kafka.sasl.mechanism is plain: got password and passwordFile',
    ],
    [
      sasl('username: u, password: x, tokenFile: f'),
      'kafka.sasl.tokenFile must be null when kafka.sasl.mechanism is plain: got "f"',
    ],
    [
      oauth('username: u, tokenFile: f'),
      'kafka.sasl.username must be null when kafka.sasl.mechanism is oauthbearer: got "u"',
    ],
    [
      oauth(''),
      'kafka.sasl must have exactly one of oauth, tokenFile when kafka.sasl.mechanism is oauthbearer: got none',
    ],
    [
      oauth('oauth: { tokenEndpoint: "https://t", clientId: c }'),
      'kafka.sasl.oauth must have exactly one of clientSecret, clientSecretFile: got none',
    ],
    [
      oauth('oauth: { tokenEndpoint: "http://t", clientId: c, clientSecret: x, caFile: ca.pem }'),
      'kafka.sasl.oauth.caFile must be null when the token endpoint is not https: got "ca.pem"',
    ],
    [
      'registry: { url: "http://r", tls: { caFile: ca.pem } }',
      'registry.url must be https when registry.tls.caFile is set: got "http://r"',
    ],
    [
      'registry: { url: "http://r", tls: { enabled: true } }',
      'registry.url must be https when registry.tls.enabled is set: got "http://r"',
    ],
    [
      'registry: { url: "https://r", tls: { certFile: c.pem } }',
      'registry.tls.keyFile must be set when registry.tls.certFile is: got null',
    ],
    [
      'registry: { url: null }',
      'registry.url must be set when input.format is avro, unless input.schemaFile is: got null',
    ],
    [
      'registry: { url: "http://u:hunter2@r" }',
      'registry.url must not hold credentials: they have keys of their own: got "http://***@r"',
    ],
    [
      'registry: { username: u }',
      'registry.password must be set (or registry.passwordFile) when registry.username is: got null',
    ],
    ['registry: { password: x }', 'registry.username must be set when a password is: got null'],
    [
      'registry: { token: x, tokenFile: f }',
      'registry must have at most one of token, tokenFile: got token and tokenFile',
    ],
    [
      'registry: { username: u, password: x, token: y }',
      'registry.username must be null when there is a token: got "u"',
    ],
    ['redis: {}', 'redis must have exactly one of url, sentinel, cluster: got none'],
    [
      'redis: { url: "redis://h", cluster: { nodes: ["h:1"] } }',
      'redis must have exactly one of url, sentinel, cluster: got url and cluster',
    ],
    [
      'redis: { url: "redis://:hunter2@h", password: x }',
      'redis.url must not hold credentials when redis.username or a password is set: got "redis://***@h"',
    ],
    [
      'redis: { sentinel: { nodes: ["h:1"], password: x, passwordFile: f } }',
      'redis.sentinel must have at most one of password, passwordFile: got password and passwordFile',
    ],
  ])('%s', (text, line) => {
    const refusal = refusalOf(text)
    expect(refusal.code).toBe('config.invalid')
    expect(refusal.message).toBe(line)
  })
})

test('every broken rule has its line, in the order of the schema', () => {
  const text = 'clusters: { k: 1, seed: -1 }\ninput: { format: xml, x: 1 }\nnames: a'
  expect(refusalOf(text).message.split('\n')).toEqual([
    'input.format must be one of avro, json: got "xml"',
    'input.x is not a key; there are topic, format, id, time, timeUnit, maxEventBytes, onExpiredEvents, schemaFile: got 1',
    'clusters.k must be at least 2: got 1',
    'clusters.seed must be at least 0: got -1',
    'names is not a key (did you mean name?): got "a"',
  ])
})

test('what lies just inside a bound is taken', () => {
  expect(load('clusters: { k: 2 }').clusters.k).toBe(2)
  expect(load('clusters: { k: 1024 }').clusters.k).toBe(1024)
  expect(load('anomalies: { budget: 0.5 }').anomalies.budget).toBe(0.5)
  expect(load('bootstrap: { minEvents: 32 }').bootstrap.minEvents).toBe(32)
  expect(load('features: [{ field: a, transform: { hash: 255 } }, { field: b }]').columns).toBe(256)
  expect(load('kafka: { sessionTimeoutMs: 9000, heartbeatIntervalMs: 3000 }').kafka.sessionTimeoutMs).toBe(9000)
})
