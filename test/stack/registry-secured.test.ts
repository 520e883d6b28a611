/** A registry behind TLS that asks who one is and what one may: Apicurio, which has its users at an issuer. */
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream'
import { connect as connectTls, createServer as createTlsServer } from 'node:tls'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { confluentRegistry } from '../../src/adapters/registry/confluent-registry.ts'
import type { RegistryConfiguration } from '../../src/runtime/configuration/configuration.ts'
import { loadConfiguration } from '../../src/runtime/configuration/load.ts'
import { Secret } from '../../src/runtime/configuration/secret.ts'
import type { SchemaRegistry } from '../../src/runtime/ports.ts'
import type { Server } from '../../tools/stack/server.ts'
import { type Link, openLink } from '../faults/link.ts'
import { until } from '../pipeline/harness.ts'
import { goodJson } from '../poison/json-events.ts'
import { describeWith } from '../servers.ts'
import { type Authority, newAuthority } from './certificates.ts'
import type { Issuer } from './issuer.ts'
import { newPayments } from './payments.ts'
import { put } from './put.ts'
import { type SecuredRegistry, startSecuredRegistry } from './secured-registry.ts'

let folder: string
let authority: Authority
let issuer: Issuer
let registry: SecuredRegistry
let server: Server
let link: Link
const open: SchemaRegistry[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shoal-secured-registry-'))
  authority = newAuthority(folder, 'authority')
  registry = await startSecuredRegistry(authority)
  server = registry.server
  issuer = registry.issuer
  link = await openLink(server.port)
})
afterEach(() => Promise.all(open.splice(0).map((registry) => registry.close())))
afterAll(async () => {
  await Promise.all([link?.close(), registry?.stop()])
  await rm(folder, { recursive: true })
})

const noMore = { cert: null, key: null, keyPassphrase: null, serverName: null }

/** `ca`: null for the authorities of Node. */
function registryAs(auth: RegistryConfiguration['auth'], ca: string | null = authority.ca, url = server.address) {
  const tls = { ca: ca === null ? null : () => ca, ...noMore }
  const registry = confluentRegistry({ url, auth, tls, timeoutMs: 10_000, clock: Date })
  open.push(registry)
  return registry
}

const shoal = (password: string) => ({ kind: 'basic', username: 'shoal', password: new Secret(password) }) as const
const schema = JSON.stringify({ type: 'record', name: 'A', fields: [{ name: 'a', type: 'long' }] })
const says = (code: string, words: string) => ({ code, message: expect.stringContaining(words) })

describe('who is let in', () => {
  test('by a name and a password, and by a token, may register and look up', async () => {
    const id = await registryAs(shoal('shoal-secret')).register('a-value', schema)
    const token = new Secret(issuer.token('shoal', 60))
    expect(JSON.parse((await registryAs({ kind: 'bearer', token }).lookup(id))!.text)).toEqual(JSON.parse(schema))
  })
})

test('a client certificate is shown to what stands before it, and the next one when its files are replaced', async () => {
  const own = authority.issue('proxy')
  const proxy = createTlsServer({ ...own, ca: authority.ca, requestCert: true, rejectUnauthorized: true }, (client) => {
    const beyond = connectTls({ host: '127.0.0.1', port: server.port, ca: authority.ca })
    pipeline(client, beyond, client, () => {})
  })
  proxy.on('tlsClientError', () => {})
  await once(proxy.listen(0, '127.0.0.1'), 'listening')
  const url = `https://127.0.0.1:${(proxy.address() as AddressInfo).port}/apis/ccompat/v7`
  authority.issue('shoal', { fromHours: -48, toHours: -24 })
  const at = (what: string) => `${what}File: '${join(folder, `authority-shoal.${what === 'cert' ? 'crt' : 'key'}`)}'`
  const tls = `tls: { caFile: '${authority.caFile}', ${at('cert')}, ${at('key')} }`
  const text = `registry: { url: '${url}', username: shoal, passwordFile: '${put(folder, 'own', 'shoal-secret')}', ${tls} }`
  const configuration = loadConfiguration({ text, env: {}, path: join(folder, 'shoal.yaml') }).registry!
  const asking = confluentRegistry({ ...configuration, timeoutMs: 10_000, clock: Date })
  open.push(asking)
  const words = 'registry.tls.certFile has expired on '
  await expect(asking.lookup(1)).rejects.toMatchObject(says('registry.unavailable', words))
  authority.issue('shoal')
  expect(await asking.lookup(2_147_483_647)).toBeNull()
  proxy.close()
})

test('a password that is replaced is used by the next request', async () => {
  let password = 'wrong'
  const asking = registryAs({ kind: 'basic', username: 'shoal', password: new Secret(() => password) })
  await expect(asking.lookup(1)).rejects.toMatchObject({ code: 'registry.refused' })
  password = 'shoal-secret'
  expect(await asking.lookup(2_147_483_647)).toBeNull()
})

describe('who is not let in is told which server it was, why, and what to do', () => {
  test('with a wrong password', async () => {
    const words = 'it does not let "shoal" in: check registry.username and passwordFile'
    await expect(registryAs(shoal('wrong')).lookup(1)).rejects.toMatchObject(says('registry.refused', words))
    await expect(registryAs(shoal('wrong')).lookup(1)).rejects.toThrow(`the registry ${server.address} refuses`)
  })

  test('with a token that has run out', async () => {
    const token = new Secret(issuer.token('shoal', -60))
    const words = 'it does not take the token: check registry.tokenFile'
    await expect(registryAs({ kind: 'bearer', token }).lookup(1)).rejects.toMatchObject(says('registry.refused', words))
  })

  test('without a name', async () => {
    const words = 'it asks who is there: set registry.username and passwordFile, or tokenFile'
    await expect(registryAs({ kind: 'none' }).lookup(1)).rejects.toMatchObject(says('registry.refused', words))
  })

  test('without the right to write', async () => {
    const reader = registryAs({ kind: 'basic', username: 'reader', password: new Secret('reader-secret') })
    const words = 'give "reader" the right to read and to write schemas'
    await expect(reader.register('b-value', schema)).rejects.toMatchObject(says('registry.refused', words))
  })

  test('where the authority of its certificate is not trusted', async () => {
    const words = `no TLS with the registry ${server.address}: its certificate is of an authority that is not trusted`
    await expect(registryAs(shoal('shoal-secret'), null).lookup(1)).rejects.toMatchObject(
      says('registry.unavailable', words),
    )
  })

  test('where its certificate has expired', async () => {
    const tls = { ...authority.issue('expired', { fromHours: -48, toHours: -24 }), caFile: authority.caFile }
    const expired = createServer(tls)
    await once(expired.listen(0, '127.0.0.1'), 'listening')
    const { port } = expired.address() as AddressInfo
    const registry = registryAs(shoal('shoal-secret'), authority.ca, `https://127.0.0.1:${port}`)
    const words = 'its certificate has expired: renew it there'
    await expect(registry.lookup(1)).rejects.toMatchObject(says('registry.unavailable', words))
    expired.close()
  })
})

describeWith(['kafka'], 'shoal run with a registry that asks for a password', ({ kafka }) => {
  test('says once what is wrong, tries again, and goes on when the file is replaced, without a restart', async () => {
    const url = `https://127.0.0.1:${link.port}/apis/ccompat/v7`
    const passwordFile = put(folder, 'password', 'wrong-secret')
    const tls = `tls: { caFile: '${authority.caFile}' }`
    const section = `registry: { url: '${url}', username: shoal, passwordFile: '${passwordFile}', ${tls} }`
    const payments = await newPayments({ kafka, registry: '', redis: '' }, 'json', undefined, [section])
    try {
      const running = await payments.start()
      await until(
        async () => (await running.metric('shoal_dependency_requests_total', 'dependency="registry"')) >= 3,
        () => `a third request: ${running.said()}`,
        60_000,
      )
      const words = 'it does not let \\"shoal\\" in: check registry.username and passwordFile'
      expect(running.lines().filter((line) => line.includes(words))).toHaveLength(1)
      expect(await running.health()).toContain(`registry: the registry ${url} refuses`)
      expect(await running.metric('shoal_problem', 'part="registry"')).toBe(1)

      put(folder, 'password', 'shoal-secret')
      await payments.send(goodJson(300, 1))
      await payments.done(running)
      expect(await running.metric('shoal_problem', 'part="registry"')).toBe(0)

      running.signal('SIGTERM')
      expect(await running.ended).toMatchObject({ code: 0, stdout: '' })
    } finally {
      await payments.discard()
    }
  })
})
