import { describe, expect, test } from 'vitest'
import { configurationScreen } from '../../../src/cli/config-screen.ts'
import { fingerprintOf } from '../../../src/core/codec/fingerprint.ts'
import { explain } from '../../../src/runtime/configuration/explain.ts'
import { load } from './loading.ts'

describe('an empty file', () => {
  test('is valid, and means what the reference says', () => {
    const { origins, features, ...rest } = load('')
    expect(origins.size).toBe(0)
    expect(features.map(({ name, transform, missing }) => [name, transform.kind, missing])).toEqual([
      ['amount', 'log', 'reject'],
      ['occurredAt', 'hourOfDay', 'reject'],
      ['latitude', 'none', 'mean'],
      ['longitude', 'none', 'mean'],
      ['deviceRisk', 'none', 'mean'],
      ['channel', 'oneHot', 'mean'],
    ])
    expect(rest).toMatchObject({
      name: 'shoal',
      columns: 10,
      input: { topic: 'transactions', format: 'avro', id: 'id', time: 'occurredAt', timeUnitMs: 1, schema: null },
      clusters: { k: 16, halfLifeEvents: 1_000_000 },
      bootstrap: { minEvents: 1000, maxWaitMs: 30_000 },
      kafka: { brokers: ['localhost:9092'], tls: null, sasl: null },
      redis: null,
    })
  })

  test.each(['', '\n', '# nothing\n', '---\n', '{}', 'null', '~'])('may be written %j', (text) => {
    expect(load(text)).toEqual(load('{}'))
  })
})

test('a JSON topic of twelve numbers is nine lines', () => {
  const text = `
name: fraudsim
input: { topic: fraudsim, format: json, id: id, time: null }
clusters: { k: 16 }
features: [${Array.from({ length: 12 }, (_, at) => `{ field: f${at} }`).join(', ')}]`
  const configuration = load(text)
  expect(configuration.columns).toBe(12)
  expect(configuration.input).toMatchObject({ format: 'json', time: null })
  expect(configuration.topics.assignments).toBe('fraudsim.assignments')
})

describe('features', () => {
  test('are named after their field, and a transform is a word or a mapping', () => {
    const text = `
features:
  - { field: a.b, transform: dayOfWeek, weight: 2 }
  - { field: c, name: cc, transform: { oneHot: [x, 1, true] }, missing: indicator }
  - { field: d, transform: { hash: 8 } }`
    const { features, columns } = load(text)
    expect(features).toEqual([
      { name: 'a.b', field: 'a.b', transform: { kind: 'dayOfWeek' }, weight: 2, missing: 'mean' },
      {
        name: 'cc',
        field: 'c',
        transform: { kind: 'oneHot', values: ['x', '1', 'true'] },
        weight: 1,
        missing: 'indicator',
      },
      { name: 'd', field: 'd', transform: { kind: 'hash', buckets: 8 }, weight: 1, missing: 'mean' },
    ])
    expect(columns).toBe(2 + 4 + 8)
  })

  test('decide the fingerprint, and servers do not', () => {
    const { fingerprint, features } = load('')
    expect(fingerprint).toBe(fingerprintOf({ id: 'id', time: 'occurredAt', timeUnitMs: 1, features }, 16))
    expect(load('kafka: { brokers: ["a:1"] }').fingerprint).toBe(fingerprint)
    expect(load('clusters: { k: 17 }').fingerprint).not.toBe(fingerprint)
    expect(load('features: [{ field: amount }]').fingerprint).not.toBe(fingerprint)
  })
})

describe('profile features', () => {
  const text = `
input: { time: at }
features:
  - { field: amount }
  - { profile: { entity: customerId, of: amount, as: ratio, halfLifeMs: 86400000 }, transform: log }
  - { profile: { entity: customerId, as: kmPerHour, latitude: lat }, name: speed }
  - { profile: { entity: terminalId, of: amount, as: zScore } }`

  test('have a name that says what they are, and read what they profile', () => {
    const { features } = load(text)
    expect(features.map(({ name }) => name)).toEqual([
      'amount',
      'amount ratio by customerId',
      'speed',
      'amount zScore by terminalId',
    ])
    expect(features[1]).toMatchObject({
      field: 'amount',
      transform: { kind: 'log' },
      profile: { entity: 'customerId', of: 'amount', as: 'ratio', halfLifeMs: 86_400_000 },
    })
    expect(features[2].profile).toMatchObject({ latitude: 'lat', longitude: 'longitude', halfLifeMs: 2_592_000_000 })
  })

  test('say by which entity producers key, unless that is set', () => {
    expect(load(text).profiles).toEqual({ key: 'customerId', limit: 200_000 })
    expect(load(`${text}\nprofiles: { key: terminalId, limit: 5 }`).profiles).toEqual({ key: 'terminalId', limit: 5 })
    expect(load('').profiles.key).toBeNull()
  })

  test('give the topics one more, and warn of an entity of which a partition sees only a share', () => {
    const facts = explain(load(`name: pay${text}`))
    expect(facts.writes.at(-1)).toMatchObject({ topic: 'pay.profiles', partitions: null, cleanup: 'compact' })
    expect(facts.warnings).toEqual([
      'features profile terminalId, which producers do not key by: each partition sees only its share of its events.',
    ])
    const screen = configurationScreen(facts)
    expect(screen).toContain('ratio of amount of its customerId, half-life 1 d')
    expect(screen).toContain('at most 200,000 profiles of each entity and partition; producers key by customerId')
  })
})

test('the birth waits for 50 events a cluster, and for 1,000 at least', () => {
  expect(load('clusters: { k: 100 }').bootstrap.minEvents).toBe(5000)
  expect(load('bootstrap: { minEvents: 500 }').bootstrap.minEvents).toBe(500)
})

test('output topics begin with the name, or with their prefix, or have a name of their own', () => {
  expect(load('name: a').topics.deadLetters).toBe('a.dead-letters')
  const { topics } = load('name: a\ntopics: { prefix: b, models: c }')
  expect(topics.modelUpdates).toBe('b.model-updates')
  expect(topics.models).toBe('c')
})

test.each([
  ['ms', 1],
  ['s', 1000],
  ['us', 0.001],
])('a time in %s has %d milliseconds a unit', (unit, ms) => {
  expect(load(`input: { timeUnit: ${unit} }`).input.timeUnitMs).toBe(ms)
})

describe('Redis is reached', () => {
  test('by a URL, and by credentials that are not in it', () => {
    const redis = load('redis: { url: "redis://h:6380/2", username: "a@b", password: "p/w:%" }').redis
    expect(redis?.endpoint).toMatchObject({ kind: 'server', url: 'redis://h:6380/2', username: 'a@b' })
    expect(redis?.endpoint.password?.reveal()).toBe('p/w:%')
    expect(redis?.tls).toBeNull()
  })

  test('with TLS, when the URL says so', () => {
    expect(load('redis: { url: "rediss://h" }').redis?.tls).toMatchObject({ ca: null, cert: null })
  })

  test('through sentinels', () => {
    const redis = load('redis: { sentinel: { nodes: ["s1:26379", "[::1]:26380"] }, password: x }').redis
    expect(redis?.endpoint).toMatchObject({
      kind: 'sentinel',
      master: 'mymaster',
      sentinels: [
        { host: 's1', port: 26379 },
        { host: '::1', port: 26380 },
      ],
      sentinelPassword: null,
    })
  })

  test('as a cluster', () => {
    const redis = load('redis: { cluster: { nodes: ["n1:7000"] } }').redis
    expect(redis?.endpoint).toMatchObject({ kind: 'cluster', nodes: [{ host: 'n1', port: 7000 }], username: null })
  })
})
