/** Redis and the registry behind TLS: the authority that is named is trusted, no other is. */
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream'
import { createServer, type Server } from 'node:tls'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { redisSnapshots } from '../../src/adapters/redis/redis-snapshots.ts'
import { confluentRegistry } from '../../src/adapters/registry/confluent-registry.ts'
import type { TlsConfiguration } from '../../src/runtime/configuration/configuration.ts'
import { describeWith } from '../servers.ts'
import { type Certified, newAuthority } from './certificates.ts'

describeWith(['redis', 'registry'], 'behind TLS', (addresses) => {
  let folder: string
  let ca: string
  let certified: Certified
  const proxies: Server[] = []
  const open: { close(): unknown }[] = []

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'shoal-tls-'))
    const authority = newAuthority(folder, 'shoal-test')
    ca = authority.ca
    certified = authority.issue('server')
  })
  afterEach(async () => {
    for (const one of open.splice(0)) await one.close()
    for (const proxy of proxies.splice(0)) proxy.close()
  })
  afterAll(() => rm(folder, { recursive: true }))

  /** Ends TLS in front of a server that speaks in the clear; gives host and port. */
  async function tlsInFrontOf(address: string): Promise<string> {
    const { hostname, port } = new URL(address)
    const proxy = createServer(certified, (secure) => {
      const clear = connect(Number(port), hostname)
      open.push({ close: () => [clear.destroy(), secure.destroy()] })
      pipeline(secure, clear, secure, () => {})
    })
    proxies.push(proxy)
    proxy.on('tlsClientError', () => {})
    await once(proxy.listen(0, '127.0.0.1'), 'listening')
    return `127.0.0.1:${(proxy.address() as AddressInfo).port}`
  }

  const noMore = { cert: null, key: null, keyPassphrase: null, serverName: null }

  async function redisBehindTls(tls: TlsConfiguration | null, scheme = 'rediss') {
    const url = `${scheme}://${await tlsInFrontOf(addresses.redis)}`
    const store = redisSnapshots({
      endpoint: { kind: 'server', url, username: null, password: null },
      tls,
      keyPrefix: `tls-${randomUUID()}:`,
      historyLimit: 1,
      timeoutMs: 10_000,
    })
    open.push(store)
    return store
  }
  async function registryBehindTls(authority: string | null) {
    const url = new URL(addresses.registry)
    const registry = confluentRegistry({
      url: `https://${await tlsInFrontOf(addresses.registry)}${url.pathname}`,
      auth: { kind: 'none' },
      tls: { ca: authority === null ? null : () => authority, ...noMore },
      timeoutMs: 10_000,
      clock: Date,
    })
    open.push(registry)
    return registry
  }

  test('Redis is spoken to by the authority that is named', async () => {
    const store = await redisBehindTls({ ca: () => ca, ...noMore })
    expect(await store.latest('cards')).toBeNull()
  })

  test.each(['rediss', 'REDISS'])('%s:// with an unknown authority is not spoken to', async (scheme) => {
    const store = await redisBehindTls(null, scheme)
    await expect(store.latest('cards')).rejects.toMatchObject({ code: 'snapshots.unavailable' })
    await expect(store.latest('cards')).rejects.toThrow(/self-signed certificate/)
  })

  test('Redis with a certificate of another name is not spoken to', async () => {
    const store = await redisBehindTls({ ca: () => ca, ...noMore, serverName: 'redis.example.org' })
    await expect(store.latest('cards')).rejects.toThrow(/does not match certificate/)
  })

  test('the registry is spoken to by the authority that is named', async () => {
    expect(await (await registryBehindTls(ca)).lookup(2_147_483_647)).toBeNull()
  })

  test('a registry with a certificate of an unknown authority is not spoken to', async () => {
    const failure = (await registryBehindTls(null)).lookup(1)
    await expect(failure).rejects.toMatchObject({
      code: 'registry.unavailable',
      message: expect.stringContaining('self-signed certificate'),
    })
  })
})
