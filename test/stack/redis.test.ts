/** What a real Redis does to snapshots: it is flushed, hangs, dies, comes back, refuses. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { Redis } from 'ioredis'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { redisSnapshots } from '../../src/adapters/redis/redis-snapshots.ts'
import type { RedisConfiguration, RedisEndpoint } from '../../src/runtime/configuration/configuration.ts'
import { loadConfiguration } from '../../src/runtime/configuration/load.ts'
import { Secret } from '../../src/runtime/configuration/secret.ts'
import type { SnapshotStore } from '../../src/runtime/ports.ts'
import { probeRedis, redisProgram, startRedis } from '../../tools/stack/redis.ts'
import { freeClusterPort, freePort, launch, placeOf, type Server } from '../../tools/stack/server.ts'
import { snapshot } from '../runtime/sample-snapshot.ts'
import { describeWith } from '../servers.ts'

const unavailable = { code: 'snapshots.unavailable', retriable: true }
/** A replica that writes its first append-only file refuses to end for a while. */
const asReplica = { settings: ['--appendonly', 'no'] }
const soon = { timeout: 30_000, interval: 50 }

describeWith(['redis'], 'snapshots on a Redis of their own', () => {
  let server: Server
  let admin: Redis
  const open: { close(): unknown }[] = []

  beforeEach(async () => {
    // Otherwise a replica waits 5 s for others to come along.
    server = await startRedis({ settings: ['--repl-diskless-sync-delay', '0'] })
    admin = clientOf(server)
  })
  afterEach(async () => {
    for (const one of open.splice(0)) await one.close()
    await server.stop()
  })

  function clientOf(of: Server): Redis {
    const client = new Redis(of.address)
    client.on('error', () => {})
    open.push({ close: () => client.disconnect() })
    return client
  }
  function storeAt(endpoint: RedisEndpoint, timeoutMs = 10_000, more: Partial<RedisConfiguration> = {}): SnapshotStore {
    const store = redisSnapshots({ endpoint, tls: null, keyPrefix: 'shoal:', historyLimit: 5, timeoutMs, ...more })
    open.push(store)
    return store
  }
  const noCredentials = { username: null, password: null }
  const at = (url: string): RedisEndpoint => ({ kind: 'server', url, ...noCredentials })

  test('after a flush the next version is written, though the server has forgotten the script too', async () => {
    const store = storeAt(at(server.address))
    await store.put(snapshot(1))
    await admin.flushall()
    await admin.script('FLUSH')
    expect(await store.latest('cards')).toBeNull()
    expect(await store.put(snapshot(2))).toBe('written')
    expect((await store.history('cards', 9)).map(({ version }) => version)).toEqual([2])
  })

  test('nothing that is written expires', async () => {
    await storeAt(at(server.address)).put(snapshot(1, { summary: '[]' }))
    const keys = await admin.keys('*')
    expect(keys).toHaveLength(4)
    expect(await Promise.all(keys.map((key) => admin.ttl(key)))).toEqual([-1, -1, -1, -1])
  })

  test('a server that stops and starts again on the same port is used again by itself', async () => {
    const { port } = server
    const store = storeAt(at(server.address))
    await store.put(snapshot(1))
    await server.stop()
    await vi.waitFor(() => expect(store.latest('cards')).rejects.toMatchObject(unavailable), soon)
    await expect(store.put(snapshot(2))).rejects.toMatchObject(unavailable)
    server = await startRedis({ port })
    await vi.waitFor(async () => expect(await store.put(snapshot(3))).toBe('written'), soon)
  })

  test('a server that is not there yet is used once it is', async () => {
    const port = await freePort()
    const store = storeAt(at(`redis://127.0.0.1:${port}`))
    await expect(store.latest('cards')).rejects.toMatchObject(unavailable)
    const late = await startRedis({ port })
    open.push({ close: () => late.stop() })
    await vi.waitFor(async () => expect(await store.put(snapshot(1))).toBe('written'), soon)
  })

  test('a server that hangs fails a call by its deadline, and is used again when it goes on', async () => {
    const store = storeAt(at(server.address), 500)
    await vi.waitFor(async () => expect(await store.put(snapshot(1))).toBe('written'), soon)
    server.kill('SIGSTOP')
    try {
      await expect(store.latest('cards')).rejects.toMatchObject(unavailable)
      await expect(store.put(snapshot(2))).rejects.toMatchObject(unavailable)
    } finally {
      server.kill('SIGCONT')
    }
    await vi.waitFor(async () => expect((await store.latest('cards'))?.version).toBeGreaterThan(0), soon)
  })

  test('closing while a server hangs ends what is in flight', async () => {
    const store = storeAt(at(server.address), 500)
    await vi.waitFor(() => store.latest('cards'), soon)
    server.kill('SIGSTOP')
    try {
      const inFlight = expect(store.latest('cards')).rejects.toMatchObject(unavailable)
      await store.close()
      await inFlight
      await expect(store.latest('cards')).rejects.toMatchObject(unavailable)
    } finally {
      server.kill('SIGCONT')
    }
  })

  describe('refusals', () => {
    test('a wrong password fails with the words of the server and without the password', async () => {
      await admin.config('SET', 'requirepass', 'right')
      const store = storeAt({ ...at(server.address), password: new Secret('wrong-secret') })
      const failure = await store.latest('cards').catch((error: Error) => error)
      expect(failure).toMatchObject(unavailable)
      expect(String(failure)).toMatch(/does not let the default user in \(WRONGPASS\)/)
      expect(inspect(failure, { depth: 9, showHidden: true })).not.toContain('wrong-secret')
    })

    test('the password and the database of the URL are used', async () => {
      await admin.config('SET', 'requirepass', 'p@ss:/word')
      const { redis } = loadConfiguration({
        text: `redis: { url: "redis://default:${encodeURIComponent('p@ss:/word')}@127.0.0.1:${server.port}/3" }`,
        env: {},
      })
      expect(await storeAt(redis!.endpoint).put(snapshot(1))).toBe('written')
      await admin.auth('p@ss:/word')
      await admin.select(3)
      expect(await admin.exists('shoal:{cards}:latest')).toBe(1)
    })

    test('a read-only replica can be read, and refuses to be written', async () => {
      await storeAt(at(server.address)).put(snapshot(1))
      const replica = await startRedis(asReplica)
      open.push({ close: () => replica.stop() })
      await clientOf(replica).replicaof('127.0.0.1', server.port)
      const store = storeAt(at(replica.address))
      await vi.waitFor(async () => expect((await store.latest('cards'))?.version).toBe(1), soon)
      const failure = await store.put(snapshot(2)).catch((error: Error) => error)
      expect(failure).toMatchObject(unavailable)
      expect(String(failure)).toMatch(/READONLY/)
    })

    test('a replica that becomes the master is written', async () => {
      const replica = await startRedis(asReplica)
      open.push({ close: () => replica.stop() })
      const replicaAdmin = clientOf(replica)
      await replicaAdmin.replicaof('127.0.0.1', server.port)
      const store = storeAt(at(replica.address))
      await expect(store.put(snapshot(1))).rejects.toMatchObject(unavailable)
      await replicaAdmin.replicaof('NO', 'ONE')
      await vi.waitFor(async () => expect(await store.put(snapshot(1))).toBe('written'), soon)
    })

    test('a server without memory refuses before anything has changed', async () => {
      const store = storeAt(at(server.address))
      await store.put(snapshot(1, { summary: '[1]' }))
      await admin.config('SET', 'maxmemory', '1')
      const failure = await store.put(snapshot(2, { summary: '[2]' })).catch((error: Error) => error)
      expect(failure).toMatchObject(unavailable)
      expect(String(failure)).toMatch(/OOM/)
      expect(await store.latest('cards')).toEqual(snapshot(1))
      expect((await store.history('cards', 9)).map(({ version }) => version)).toEqual([1])
      await admin.config('SET', 'maxmemory', '0')
      expect(await store.put(snapshot(2))).toBe('written')
    })
  })

  describe('garbage', () => {
    test.each([
      ['a text where the hash should be', () => admin.set('shoal:{cards}:latest', 'garbage')],
      ['a hash of other fields', () => admin.hset('shoal:{cards}:latest', 'version', 'x')],
      ['a version that is higher than its digest allows', () => admin.hset('shoal:{cards}:latest', 'version', '999')],
      ['bytes cut short', () => admin.hset('shoal:{cards}:latest', 'bytes', 'mod')],
    ])('%s is refused by name, and replaced by the next version', async (_, spoil) => {
      const store = storeAt(at(server.address))
      await store.put(snapshot(1))
      await spoil()
      await expect(store.latest('cards')).rejects.toMatchObject({ code: 'snapshot.damaged' })
      expect(await store.put(snapshot(2))).toBe('written')
      expect(await store.latest('cards')).toEqual(snapshot(2))
    })

    test('a history and a version of other types are replaced', async () => {
      await admin.set('shoal:{cards}:history', 'garbage')
      await admin.set('shoal:{cards}:version:1', 'garbage')
      const store = storeAt(at(server.address))
      await expect(store.history('cards', 9)).rejects.toMatchObject({ code: 'snapshot.damaged' })
      await expect(store.read('cards', 1)).rejects.toMatchObject({ code: 'snapshot.damaged' })
      expect(await store.put(snapshot(1))).toBe('written')
      expect(await store.read('cards', 1)).toEqual(snapshot(1))
    })
  })

  describe('behind a Sentinel', () => {
    async function startSentinel(master: Server): Promise<Server> {
      const place = await placeOf('sentinel', undefined)
      const port = await freePort()
      const settings = join(place.folder, 'sentinel.conf')
      const lines = [
        'bind 127.0.0.1',
        `port ${port}`,
        `dir ${place.folder}`,
        `sentinel monitor cards 127.0.0.1 ${master.port} 1`,
        'sentinel down-after-milliseconds cards 500',
        'sentinel failover-timeout cards 2000',
      ]
      await writeFile(settings, lines.join('\n'))
      const address = `redis://127.0.0.1:${port}`
      const probe = () => probeRedis(address)
      const args = [settings, '--sentinel']
      const command = await redisProgram()
      return launch({ name: 'Sentinel', address, port, place, command, args, mark: settings, probe })
    }

    test('the master is found by its name, and so is the next one when it is gone', async () => {
      const replica = await startRedis(asReplica)
      open.push({ close: () => replica.stop() })
      const replicaAdmin = clientOf(replica)
      await replicaAdmin.replicaof('127.0.0.1', server.port)
      const sentinel = await startSentinel(server)
      open.push({ close: () => sentinel.stop() })
      const sentinelAdmin = clientOf(sentinel)
      const sentinels = [{ host: '127.0.0.1', port: sentinel.port }]
      const store = storeAt({
        kind: 'sentinel',
        master: 'cards',
        sentinels,
        sentinelUsername: null,
        sentinelPassword: null,
        ...noCredentials,
      })
      await vi.waitFor(async () => expect(await store.put(snapshot(1))).toBe('written'), soon)
      await vi.waitFor(async () => {
        expect(await sentinelAdmin.call('SENTINEL', 'REPLICAS', 'cards')).toHaveLength(1)
        expect(await replicaAdmin.exists('shoal:{cards}:latest')).toBe(1)
      }, soon)
      server.kill('SIGKILL')
      await server.gone()
      await vi.waitFor(async () => expect(await store.put(snapshot(2))).toBe('written'), { ...soon, timeout: 60_000 })
      expect((await store.history('cards', 9)).map(({ version }) => version)).toEqual([2, 1])
    })
  })

  describe('in a Cluster', () => {
    test('the keys of a model share a slot, whose node takes the script, and two models may lie apart', async () => {
      const settings = ['--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1']
      const node = await startRedis({ settings, port: await freeClusterPort() })
      open.push({ close: () => node.stop() })
      const nodeAdmin = clientOf(node)
      await nodeAdmin.cluster('ADDSLOTSRANGE', 0, 16383)
      await vi.waitFor(async () => expect(await nodeAdmin.cluster('INFO')).toContain('cluster_state:ok'), soon)
      const store = storeAt({ kind: 'cluster', ...noCredentials, nodes: [{ host: '127.0.0.1', port: node.port }] })
      for (const version of [1, 2, 3, 4, 5, 6, 7]) expect(await store.put(snapshot(version))).toBe('written')
      expect(await store.put(snapshot(1, { bornAtMs: 1_700_000_000_001, summary: '[]' }))).toBe('written')
      expect(await store.put(snapshot(1, { name: 'trades' }))).toBe('written')
      const slots = await Promise.all((await nodeAdmin.keys('*cards*')).map((key) => nodeAdmin.cluster('KEYSLOT', key)))
      expect(new Set(slots).size).toBe(1)
      expect(await store.read('cards', 7)).toBeNull()
      expect((await store.latest('trades'))?.version).toBe(1)
    })

    test('a Cluster that is not there fails a call by its deadline', async () => {
      const store = storeAt(
        { kind: 'cluster', ...noCredentials, nodes: [{ host: '127.0.0.1', port: await freePort() }] },
        500,
      )
      await expect(store.latest('cards')).rejects.toMatchObject(unavailable)
      await expect(store.put(snapshot(1))).rejects.toMatchObject(unavailable)
    })
  })
})
