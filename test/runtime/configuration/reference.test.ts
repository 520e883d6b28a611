import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { configurationJsonSchema } from '../../../src/runtime/configuration/json-schema.ts'
import { elementOf, type Key, keysOf, unwrap } from '../../../src/runtime/configuration/keys.ts'
import { configurationPage } from '../../../src/runtime/configuration/reference.ts'
import { configurationSchema } from '../../../src/runtime/configuration/schema.ts'
import { load, reference } from './loading.ts'

const root = join(import.meta.dirname, '..', '..', '..')
const committed = (path: string) => readFileSync(join(root, path), 'utf8')

describe('every key', () => {
  const entries = keysOf(elementOf(configurationSchema.shape.features) ?? undefined, ['features[]'])
  const keys = [...keysOf(), ...entries]
  const nameOf = ({ path }: Key) => path.join('.')

  test('says what it means', () => {
    expect(keys.filter(({ schema }) => (schema.meta()?.description ?? '') === '').map(nameOf)).toEqual([])
  })

  test('has a default, but for what an optional section or a feature cannot do without', () => {
    const without = keys.filter(({ schema }) => unwrap(schema).fallback === undefined).map(nameOf)
    expect(without).toEqual([
      'kafka.sasl.mechanism',
      'kafka.sasl.oauth.tokenEndpoint',
      'kafka.sasl.oauth.clientId',
      'redis.sentinel.nodes',
      'redis.cluster.nodes',
      'http.oidc.issuer',
      'http.oidc.audience',
      'features[].field',
      'features[].profile',
      'features[].profile.entity',
      'features[].profile.as',
      'features[].profile.of',
      'features[].name',
    ])
  })

  test('is in the reference', () => {
    const page = configurationPage()
    const sections = keys.filter(
      ({ path, schema }) =>
        path.length === 1 && (unwrap(schema).schema instanceof z.ZodObject || elementOf(schema) !== null),
    )
    const rows = keys.filter((key) => !sections.includes(key))
    expect(rows.filter((key) => !page.includes(`\n| \`${nameOf(key)}\` |`)).map(nameOf)).toEqual([])
    expect(sections.filter((key) => !page.includes(`\n### ${nameOf(key)}\n`)).map(nameOf)).toEqual([])
  })

  test('that ends in File is a path, and none other is', () => {
    const files = keys.filter(({ path }) => path.at(-1)?.endsWith('File'))
    expect(files.length).toBeGreaterThan(10)
    expect(files.every(({ kind, nullable, secret }) => kind === 'text' && nullable && !secret)).toBe(true)
  })

  test('whose name says that it is a secret is kept one', () => {
    const suspicious = keys.filter(({ path }) => /^(password|token|clientSecret)$/.test(path.at(-1) ?? ''))
    expect(suspicious.length).toBe(6)
    expect(suspicious.every(({ secret }) => secret)).toBe(true)
  })
})

test('docs/configuration.md is what `npm run docs` writes', () => {
  expect(committed('docs/configuration.md')).toBe(configurationPage())
})

test('the example in docs/configuration.md is valid, and its refusals are real', () => {
  const example = /```yaml\n(name: payments[^`]*)```/.exec(configurationPage())?.[1] ?? 'absent'
  expect(load(example)).toMatchObject({ name: 'payments', columns: 1 + 2 + 2 + 16 + 3 })
})

test('so is the example of profiles', () => {
  const example = /```yaml\n(name: cards[^`]*)```/.exec(configurationPage())?.[1] ?? 'absent'
  expect(load(example)).toMatchObject({ name: 'cards', columns: 7, profiles: { key: 'customerId', limit: 500_000 } })
})

describe('the JSON Schema', () => {
  test('in schemas/ is what `npm run docs` writes', () => {
    expect(committed('schemas/configuration.schema.json')).toBe(configurationJsonSchema())
  })

  test.each([
    ['', true],
    ['clusters: { k: 8 }', true],
    [`clusters: { k: "${reference('K:-8')}" }`, true],
    [`kafka: { brokers: "${reference('B')}" }`, true],
    [`redis: { url: "${reference('R')}" }`, true],
    ['features: [{ field: a, transform: { hash: 4 } }]', true],
    ['kafka: { sasl: { mechanism: plain, username: u, password: x } }', true],
    ['clusters: { k: 1 }', false],
    ['clusters: { k: "8" }', false],
    ['clusters: { kk: 8 }', false],
    ['features: [{ field: a, transform: sqrt }]', false],
    ['kafka: { sasl: { username: u } }', false],
    ['log: { level: debug }', false],
  ])('of %j is %j', async (text, valid) => {
    const { parse } = await import('yaml')
    const schema = z.fromJSONSchema(JSON.parse(configurationJsonSchema()))
    expect(schema.safeParse(parse(text) ?? {}).success).toBe(valid)
  })
})
