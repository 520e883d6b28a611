/** What docs/security.md shows is what Shoal takes: every configuration on it is loaded by the real one. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { Configuration } from '../../src/runtime/configuration/configuration.ts'
import { explain } from '../../src/runtime/configuration/explain.ts'
import { loadConfiguration } from '../../src/runtime/configuration/load.ts'
import { newAuthority } from '../stack/certificates.ts'

const root = join(import.meta.dirname, '..', '..')
const page = readFileSync(join(root, 'docs', 'security.md'), 'utf8')
const examples = [...page.matchAll(/```yaml\n(.*?)```/gs)].map(([, text]) => text)

const folder = mkdtempSync(join(tmpdir(), 'shoal-security-page-'))
afterAll(() => rmSync(folder, { recursive: true }))
const authority = newAuthority(folder, 'authority')
const own = authority.issue('shoal')

/** What lies where the page says that it does. */
function fileOf(path: string): string {
  if (path.endsWith('-ca.crt')) return authority.ca
  if (path.endsWith('tls.crt')) return own.cert
  return path.endsWith('tls.key') ? own.key : 'hunter2\n'
}

const load = (text: string): Configuration =>
  loadConfiguration({ text, env: {}, path: '/etc/shoal/shoal.yaml', readFile: fileOf })

test('there are configurations for each server', () => {
  expect(examples).toHaveLength(9)
})

test.each(examples)('%s is a configuration that breaks no rule, and warns of nothing that is sent', (text) => {
  const { warnings, servers } = explain(load(text))
  expect(warnings).toEqual([])
  expect(JSON.stringify(servers)).not.toContain('hunter2')
})

test.each([
  ['kafka.sasl of SCRAM', ({ kafka: { sasl } }: Configuration) => sasl?.mechanism === 'scram-sha-512'],
  [
    'tokens of an endpoint',
    ({ kafka: { sasl } }: Configuration) => sasl?.mechanism === 'oauthbearer' && sasl.token.from === 'endpoint',
  ],
  [
    'tokens of a file',
    ({ kafka: { sasl } }: Configuration) => sasl?.mechanism === 'oauthbearer' && sasl.token.from === 'file',
  ],
  ['a certificate for Kafka', ({ kafka: { tls } }: Configuration) => tls?.key != null],
  [
    'a password at the registry',
    ({ registry }: Configuration) => registry?.auth.kind === 'basic' && registry.tls?.key != null,
  ],
  ['a token at the registry', ({ registry }: Configuration) => registry?.auth.kind === 'bearer'],
  ['one Redis', ({ redis }: Configuration) => redis?.endpoint.kind === 'server' && redis.tls !== null],
  [
    'Sentinels',
    ({ redis }: Configuration) => redis?.endpoint.kind === 'sentinel' && redis.endpoint.sentinelPassword !== null,
  ],
  ['a Cluster', ({ redis }: Configuration) => redis?.endpoint.kind === 'cluster' && redis.endpoint.password !== null],
])('one of them is of %s', (_, is) => {
  expect(examples.map(load).filter(is)).toHaveLength(1)
})
