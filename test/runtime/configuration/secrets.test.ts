import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterAll, describe, expect, test } from 'vitest'
import { configurationScreen } from '../../../src/cli/config-screen.ts'
import { explain } from '../../../src/runtime/configuration/explain.ts'
import { newAuthority } from '../../stack/certificates.ts'
import { load, reference, refusalOf } from './loading.ts'

const folder = mkdtempSync(join(tmpdir(), 'shoal-secrets-'))
afterAll(() => rmSync(folder, { recursive: true }))
const authority = newAuthority(folder, 'authority')
const { cert: pem, key: pemKey } = authority.issue('shoal', { passphrase: 'hunter2' })
const key = pemKey.trimEnd()
/** A line in the midst of it, by which it would be known again. */
const keyLine = key.split('\n')[2]
const files = {
  '/etc/shoal/word': 'hunter2\n',
  '/run/word': 'hunter2\r\n',
  '/etc/shoal/ca.pem': pem,
  '/etc/shoal/cert.pem': pem,
  '/etc/shoal/key.pem': key,
  '/etc/shoal/empty': '\n',
}

const full = `
kafka:
  tls: { enabled: true, caFile: ca.pem, certFile: cert.pem, keyFile: key.pem, keyPassphraseFile: word }
  sasl: { mechanism: scram-sha-512, username: u, passwordFile: /run/word }
registry: { username: u, password: hunter2 }
redis: { url: "redis://u:hunter2@h:6379/1" }`

const oauth = `
kafka: { sasl: { mechanism: oauthbearer, oauth: { tokenEndpoint: "https://t", clientId: c, clientSecret: hunter2 } } }
registry: { token: hunter2 }
redis: { sentinel: { nodes: ["s:1"], password: hunter2 }, password: hunter2 }`

describe('a secret', () => {
  test('comes from the file, from a variable or from a file of its own, without the newline at its end', () => {
    const { kafka, registry, redis } = load(full, {}, files)
    expect(kafka.sasl?.mechanism === 'scram-sha-512' && kafka.sasl.password.reveal()).toBe('hunter2')
    expect(kafka.tls?.keyPassphrase?.reveal()).toBe('hunter2')
    expect(kafka.tls?.key?.reveal()).toBe(key)
    expect(registry?.auth.kind === 'basic' && registry.auth.password.reveal()).toBe('hunter2')
    expect(redis?.endpoint.kind === 'server' && redis.endpoint.url).toBe('redis://h:6379/1')
    expect(redis?.endpoint.password?.reveal()).toBe('hunter2')
    const token = load(oauth).kafka.sasl
    expect(
      token?.mechanism === 'oauthbearer' && token.token.from === 'endpoint' && token.token.clientSecret.reveal(),
    ).toBe('hunter2')
  })

  test.each([
    ['basic', full],
    ['tokens', oauth],
  ])('is in no explanation, screen, JSON or dump: %s', (_, text) => {
    const configuration = load(text, { SHOAL_KAFKA_CLIENT_ID: 'me' }, files)
    const facts = explain(configuration)
    const dumps = [
      configurationScreen(facts),
      JSON.stringify(facts),
      JSON.stringify(configuration),
      inspect(configuration, { depth: 20, showHidden: true }),
      `${configuration.kafka.tls?.key}`,
    ]
    expect(dumps.filter((dump) => dump.includes('hunter2') || dump.includes(keyLine))).toEqual([])
    expect(dumps.join()).toContain('***')
  })

  test.each([
    ['of the wrong kind', 'registry: { username: u, password: [hunter2] }'],
    ['that is a number', 'registry: { username: u, password: 4242 }'],
    ['that is too much', `registry: { username: u, password: ${'hunter2'.repeat(10_000)} }`],
    ['under a mistyped key', 'registry: { username: u, pasword: hunter2 }'],
    ['under a key that nobody knows, beside secrets', 'redis: { url: "redis://h", foo: hunter2 }'],
    ['where a section should be', 'kafka: { sasl: hunter2 }'],
    ['in a URL that is none', 'redis: { url: "rdis://u:hunter2@h" }'],
    ['with @ and / in a URL', 'redis: { url: "rdis://u:hun@/hunter2@h" }'],
    ['where it may not be', 'kafka: { sasl: { mechanism: oauthbearer, password: hunter2, tokenFile: word } }'],
    ['in an open reference', `registry: { username: u, password: "hunter2${reference('A').slice(0, -1)}" }`],
    ['on a line that is not YAML', 'registry: { password: "hunter2" hunter2 }'],
    ['behind a reserved character', 'registry:\n  password: @hunter2'],
    ['that looks like an alias', 'registry:\n  password: *hunter2'],
    ['that looks like a tag', 'registry:\n  password: !hunter2 x'],
    ['in a quote that never ends', 'registry:\n  password: "hunter2'],
    ['with an unknown escape', 'registry:\n  password: "\\hunter2"'],
  ])('%s is in no error', (_, text) => {
    const { message, stack, cause } = refusalOf(text, {}, files)
    expect(message).not.toMatch(/hunter2|4242/)
    expect(stack).not.toMatch(/hunter2|4242/)
    expect(cause).toBeUndefined()
  })

  test('of the environment is in no error', () => {
    const env = {
      SHOAL_REGISTRY_PASSWORD: 'hunter2',
      SHOAL_REGISTRY_TOKE: 'hunter2',
      SHOAL_SECRET: 'hunter2',
      SHOAL_CLUSTERS_K: '1',
    }
    expect(refusalOf('', env).message).not.toContain('hunter2')
  })
})

describe('a file that a key names', () => {
  test.each([
    [
      'registry: { username: u, passwordFile: nope }',
      'config.unreadable',
      'registry.passwordFile must name a file that can be read: got "nope" (ENOENT)',
    ],
    [
      'input: { schemaFile: a.avsc }',
      'config.unreadable',
      'input.schemaFile must name a file that can be read: got "a.avsc" (ENOENT)',
    ],
    [
      'registry: { tokenFile: empty }',
      'config.invalid',
      'registry.tokenFile must name a file that is not empty: got "empty"',
    ],
    [
      'registry: { url: "https://r", tls: { caFile: word } }',
      'config.invalid',
      'registry.tls.caFile must name a PEM file with a certificate: got "word"',
    ],
    [
      'kafka: { tls: { enabled: true, certFile: cert.pem, keyFile: cert.pem } }',
      'config.invalid',
      'kafka.tls.keyFile must name a PEM file with a private key: got "cert.pem"',
    ],
    [
      'input: { schemaFile: word }',
      'config.invalid',
      'input.schemaFile must name an Avro schema of a record, in JSON: got "word"',
    ],
    [
      'kafka: { sasl: { mechanism: oauthbearer, tokenFile: nope } }',
      'config.unreadable',
      'kafka.sasl.tokenFile must name a file that can be read: got "nope" (ENOENT)',
    ],
  ])('%s is refused as %s', (text, code, line) => {
    const refusal = refusalOf(text, {}, files)
    expect(refusal.code).toBe(code)
    expect(refusal.message).toBe(line)
  })

  test('is relative to the folder of the configuration', () => {
    const schema = '{"type":"record","name":"A","fields":[]}'
    const texts = { '/etc/shoal/sub/a.avsc': schema, '/etc/shoal/token': 't' }
    const configuration = load('input: { schemaFile: sub/a.avsc }', {}, texts)
    expect(configuration.input.schema).toBe(schema)
    const sasl = load('kafka: { sasl: { mechanism: oauthbearer, tokenFile: token } }', {}, texts).kafka.sasl
    expect(sasl).toMatchObject({ mechanism: 'oauthbearer', token: { from: 'file', path: '/etc/shoal/token' } })
  })

  test('all of them that cannot be read are named', () => {
    const text = 'registry: { url: "https://r", tokenFile: x, tls: { caFile: y } }'
    expect(refusalOf(text).message.split('\n')).toHaveLength(2)
  })
})
