import { describe, expect, test } from 'vitest'
import { bytesText, configurationScreen, durationText } from '../../../src/cli/config-screen.ts'
import { explain } from '../../../src/runtime/configuration/explain.ts'
import { load } from './loading.ts'

describe('an explanation', () => {
  const facts = explain(load('name: pay\nclusters: { k: 8 }', { SHOAL_ANOMALIES_BUDGET: '0.0005' }))

  test('says what is read, learned, called anomalous and written', () => {
    expect(facts).toMatchObject({
      name: 'pay',
      reads: { topic: 'transactions', format: 'avro', schemas: 'registry' },
      columns: 10,
      learns: { k: 8, bornFromEvents: 1000, atLeastEvents: 16 },
      callsAnomalous: { budget: 0.0005 },
      set: { 'clusters.k': { by: 'file' }, 'anomalies.budget': { by: 'SHOAL_ANOMALIES_BUDGET' } },
      warnings: [],
    })
    expect(facts.features.map(({ columns }) => columns).reduce((a, b) => a + b)).toBe(facts.columns)
    expect(facts.writes.map(({ topic, partitions, cleanup }) => [topic, partitions, cleanup])).toEqual([
      ['pay.assignments', null, 'delete'],
      ['pay.anomalies', null, 'delete'],
      ['pay.dead-letters', null, 'delete'],
      ['pay.drift-events', 1, 'delete'],
      ['pay.model-updates', 1, 'delete'],
      ['pay.models', 1, 'compact'],
      ['pay.audit', 1, 'delete'],
      ['pay.primary', 1, 'compact'],
    ])
  })

  test('is the same after a journey through JSON', () => {
    expect(JSON.parse(JSON.stringify(facts))).toEqual(facts)
  })

  test('reads as words', () => {
    const screen = configurationScreen(facts)
    expect(screen).toContain('about 500 of 1,000,000 events')
    expect(screen).toContain('8 clusters, born from the first 1,000 valid events')
    expect(screen).toMatch(/^ {2}channel +channel +one of pos, ecom, atm, app +1 +the mean +4$/m)
    expect(screen).toMatch(/^ {2}clusters\.k +8 +file$/m)
    expect(screen).toMatch(/^ {2}anomalies\.budget +0\.0005 +SHOAL_ANOMALIES_BUDGET$/m)
    expect(screen).not.toContain('Warnings')
  })

  test('says of the default budget that it is 5 of 1,000', () => {
    expect(configurationScreen(explain(load('')))).toContain('about 5 of 1,000 events')
  })

  test.each([
    ['kafka: { sasl: { mechanism: plain, username: u, password: x } }', 'kafka.tls is off'],
    ['registry: { token: x }', 'registry.url is http'],
    ['redis: { url: "redis://:x@h" }', 'redis.tls is off'],
    ['http: { host: 0.0.0.0, oidc: { issuer: "https://i", audience: a } }', 'http.host is 0.0.0.0'],
    ['topics: { modelUpdatesRetentionMs: 60000 }', 'topics.modelUpdatesRetentionMs is less'],
    ['topics: { replicationFactor: 1 }', 'topics.replicationFactor is 1'],
  ])('warns of %s', (text, warning) => {
    const { warnings } = explain(load(text))
    expect(warnings).toHaveLength(1)
    expect(warnings[0]).toContain(warning)
  })
})

test('durations and sizes are in the largest unit that leaves them whole', () => {
  expect([0, 999, 1000, 90_000, 120_000, 7_200_000, 2_592_000_000].map(durationText)).toEqual([
    '0 ms',
    '999 ms',
    '1 s',
    '90 s',
    '2 min',
    '2 h',
    '30 d',
  ])
  expect([512, 1024, 1536, 8_388_608].map(bytesText)).toEqual(['512 bytes', '1 KiB', '1,536 bytes', '8 MiB'])
})
