/** Secrets and certificates in files that are replaced while the process runs. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { loadConfiguration } from '../../../src/runtime/configuration/load.ts'
import { tlsOptions } from '../../../src/runtime/configuration/tls-options.ts'
import { newAuthority } from '../../stack/certificates.ts'

const folder = mkdtempSync(join(tmpdir(), 'shoal-rotation-'))
afterAll(() => rmSync(folder, { recursive: true }))
const authority = newAuthority(folder, 'authority')

/** The configuration, and the files that it reads whenever they are asked for. */
function world(text: string, files: Record<string, string>) {
  const readFile = (path: string) => {
    const name = path.slice('/etc/shoal/'.length)
    if (!Object.hasOwn(files, name)) throw Object.assign(new Error('none'), { code: 'ENOENT' })
    return files[name]
  }
  return { files, configuration: loadConfiguration({ text, env: {}, path: '/etc/shoal/shoal.yaml', readFile }) }
}

test('a secret is what its file holds when it is asked for', () => {
  const { files, configuration } = world('registry: { username: u, passwordFile: p }', { p: 'first\n' })
  const { auth } = configuration.registry!
  const password = () => auth.kind === 'basic' && auth.password.reveal()
  expect(password()).toBe('first')
  files.p = 'second\r\n'
  expect(password()).toBe('second')
})

test('a file that is away or empty is being replaced: what it held before is used', () => {
  const { files, configuration } = world('redis: { url: "redis://h", passwordFile: p }', { p: 'first' })
  const password = () => configuration.redis!.endpoint.password!.reveal()
  delete files.p
  expect(password()).toBe('first')
  files.p = ' \n'
  expect(password()).toBe('first')
  files.p = 'second'
  expect(password()).toBe('second')
})

test('a certificate whose key is not there yet is not shown: the pair before it is, until the new one is whole', () => {
  const [first, second] = [authority.issue('shoal'), authority.issue('shoal')]
  const section = '{ enabled: true, caFile: ca, certFile: cert, keyFile: key }'
  const { files, configuration } = world(`kafka: { tls: ${section} }`, {
    ca: authority.ca,
    cert: first.cert,
    key: first.key,
  })
  const options = tlsOptions(configuration.kafka.tls!)
  // As it is copied for a connection.
  const shown = () => ({ ...options })
  files.cert = second.cert
  expect(shown()).toMatchObject({ cert: first.cert.trimEnd(), key: first.key.trimEnd() })
  files.key = second.key
  expect(shown()).toMatchObject({ cert: second.cert.trimEnd(), key: second.key.trimEnd() })
  files.ca = 'garbage'
  expect(shown().ca).toBe(authority.ca.trimEnd())
})

const locked = authority.issue('locked', { passphrase: 'open' })
const other = authority.issue('other')

test.each([
  [
    'certFile: cert, keyFile: key',
    { cert: locked.cert, key: other.key },
    'keyFile must hold the private key of certFile: got "key"',
  ],
  [
    'certFile: cert, keyFile: key, keyPassphraseFile: word',
    { cert: locked.cert, key: locked.key, word: 'shut' },
    'keyPassphraseFile must hold the passphrase of keyFile: got "word"',
  ],
  [
    'certFile: cert, keyFile: key',
    { cert: locked.cert, key: locked.key },
    'keyPassphraseFile must hold the passphrase of keyFile: got null',
  ],
])('%s that do not fit one another are refused at the start', (keys, files, line) => {
  expect(() => world(`kafka: { tls: { enabled: true, ${keys} } }`, files)).toThrow(`kafka.tls.${line}`)
})
