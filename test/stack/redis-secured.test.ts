/** A real Redis behind TLS with users: one server, Sentinels, a Cluster. */
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { redisSnapshots } from '../../src/adapters/redis/redis-snapshots.ts'
import type { RedisConfiguration } from '../../src/runtime/configuration/configuration.ts'
import { loadConfiguration } from '../../src/runtime/configuration/load.ts'
import type { SnapshotStore } from '../../src/runtime/ports.ts'
import { probeRedis, redisWithTls, startRedis, tlsSettings } from '../../tools/stack/redis.ts'
import { freePort, launch, placeOf, type Server } from '../../tools/stack/server.ts'
import { until } from '../pipeline/harness.ts'
import { goodJson } from '../poison/json-events.ts'
import { snapshot } from '../runtime/sample-snapshot.ts'
import { describeWith } from '../servers.ts'
import { type Authority, type Certified, newAuthority } from './certificates.ts'
import { newPayments } from './payments.ts'
import { put } from './put.ts'
import { redisRights } from './redis-rights.ts'

const soon = { timeout: 20_000, interval: 50 }
const unavailable = (words: string) => ({ code: 'snapshots.unavailable', message: expect.stringContaining(words) })

let folder: string
let authority: Authority
let certified: Certified
const open: { close(): unknown }[] = []
const servers: Server[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shoal-secured-redis-'))
  authority = newAuthority(folder, 'authority')
  certified = authority.issue('redis')
})
afterEach(async () => {
  for (const one of open.splice(0)) await one.close()
  for (const server of servers.splice(0)) await server.stop()
})
afterAll(() => rm(folder, { recursive: true }))

/** Under TLS, with the users of docs/security.md and one who may do nothing. */
async function start(
  more: readonly string[] = [],
  with_: Partial<Parameters<typeof startRedis>[0]> = {},
): Promise<Server> {
  const users = [
    '--user',
    ...redisRights('shoal-secret').split(' '),
    '--user',
    'nobody',
    'on',
    '>nobody-secret',
    '+ping',
  ]
  const server = await startRedis({
    tls: { ...certified, caFile: authority.caFile },
    settings: [...users, ...more],
    ...with_,
  })
  servers.push(server)
  return server
}

function adminOf({ port }: Server): Redis {
  const admin = new Redis({ host: '127.0.0.1', port, tls: { ca: authority.ca }, maxRetriesPerRequest: null })
  admin.on('error', () => {})
  open.push({ close: () => admin.disconnect() })
  return admin
}

/** As a configuration says it: `redis` without its braces. */
function storeOf(redis: string): SnapshotStore {
  const configuration = loadConfiguration({ text: `redis: { ${redis} }`, env: {}, path: join(folder, 'shoal.yaml') })
    .redis!
  return opened(configuration)
}

function opened(configuration: RedisConfiguration, timeoutMs = 10_000): SnapshotStore {
  const store = redisSnapshots({ ...configuration, timeoutMs })
  open.push(store)
  return store
}

const tls = () => `tls: { caFile: '${authority.caFile}' }`
const tlsOn = () => `tls: { enabled: true, caFile: '${authority.caFile}' }`
const as = (user: string, password: string) =>
  `username: ${user}, passwordFile: '${put(folder, `${user}-password`, `${password}\n`)}'`
const refused = (store: SnapshotStore, words: string) =>
  vi.waitFor(() => expect(store.put(snapshot(1))).rejects.toMatchObject(unavailable(words)), soon)
/** What was written and not acknowledged is stale the second time. */
const written = (store: SnapshotStore, version: number) =>
  vi.waitFor(async () => {
    await store.put(snapshot(version))
    expect((await store.latest('cards'))?.version).toBe(version)
  }, soon)

describe('one server', () => {
  test('is spoken to by a user with the rights of docs/security.md, and those are enough', async () => {
    const server = await start()
    const store = storeOf(`url: '${server.address}', ${as('shoal', 'shoal-secret')}, ${tls()}`)
    await written(store, 1)
    await written(store, 2)
    expect((await store.latest('cards'))?.version).toBe(2)
    expect((await store.read('cards', 1))?.version).toBe(1)
    expect(await store.history('cards', 9)).toHaveLength(2)
    await adminOf(server).script('FLUSH')
    await written(store, 3)
  })

  test('of which a password, and the certificate that it asks for, are replaced is spoken to on by whoever was connected', async () => {
    const asking = { tls: { ...certified, caFile: authority.caFile, asksClients: true } }
    const server = await start([], asking)
    const { certFile, keyFile } = authority.issue('shoal', { toHours: -0.5 })
    const own = `tls: { caFile: '${authority.caFile}', certFile: '${certFile}', keyFile: '${keyFile}' }`
    const store = storeOf(`url: '${server.address}', ${as('shoal', 'shoal-secret')}, ${own}`)
    await refused(store, `no TLS with ${server.address}: redis.tls.certFile has expired on `)
    authority.issue('shoal')
    await written(store, 1)

    const admin = new Redis({ host: '127.0.0.1', port: server.port, tls: { ca: authority.ca, ...certified } })
    open.push({ close: () => admin.disconnect() })
    await admin.acl('SETUSER', 'shoal', 'resetpass', '>next-secret')
    await admin.client('KILL', 'USER', 'shoal')
    await refused(store, `${server.address} does not let "shoal" in (WRONGPASS): check redis.username and passwordFile`)
    as('shoal', 'next-secret')
    await written(store, 2)
  })

  test.each([
    [
      'a wrong password',
      () => as('shoal', 'wrong'),
      'does not let "shoal" in (WRONGPASS): check redis.username and passwordFile',
    ],
    ['no name where one is asked for', () => '', 'asks who is there (NOAUTH): set redis.username and passwordFile'],
    ['a user without rights', () => as('nobody', 'nobody-secret'), `does not allow it (NOPERM`],
  ])('with %s is refused in words that say where, why and what to do', async (_, who, words) => {
    const server = await start()
    const admin = adminOf(server)
    await admin.acl('SETUSER', 'default', 'resetpass', '>default-secret')
    const credentials = who()
    const store = storeOf([`url: '${server.address}'`, ...(credentials === '' ? [] : [credentials]), tls()].join(', '))
    await refused(store, `${server.address} ${words}`)
  })

  test.each([
    [
      'of an unknown authority',
      'its certificate is of an authority that is not trusted: name that authority',
      () => '',
    ],
    [
      'of another name',
      'its certificate is for ',
      () => `tls: { caFile: '${authority.caFile}', serverName: redis.example.org }`,
    ],
  ])('with a certificate %s is not spoken to', async (_, words, how) => {
    const server = await start()
    const store = storeOf(
      [`url: '${server.address}'`, as('shoal', 'shoal-secret'), ...[how()].filter(Boolean)].join(', '),
    )
    await refused(store, `no TLS with ${server.address}: ${words}`)
  })

  test('with a certificate that has expired is not spoken to', async () => {
    const expired = authority.issue('expired', { fromHours: -48, toHours: -24 })
    // Whoever waits for it to answer would not take its certificate either.
    const port = await freePort()
    const place = await placeOf('redis', undefined)
    const [command, ...before] = await redisWithTls()
    const server = await launch({
      name: 'Redis',
      address: `rediss://127.0.0.1:${port}`,
      port,
      place,
      command,
      args: [...before, '--save', '', ...tlsSettings({ ...expired, caFile: authority.caFile }, port)],
      mark: `:${port}`,
      probe: async () => {
        const socket = connect(port, '127.0.0.1')
        await once(socket, 'connect')
        socket.destroy()
      },
    })
    servers.push(server)
    const store = storeOf(`url: '${server.address}', ${tls()}`)
    await refused(store, `no TLS with ${server.address}: its certificate has expired: renew it there`)
  })

  test('that does not speak TLS is not spoken to under it', async () => {
    const server = await startRedis()
    servers.push(server)
    const url = server.address.replace('redis:', 'rediss:')
    const { redis } = loadConfiguration({ text: `redis: { url: '${url}' }`, env: {} })
    const store = opened(redis!, 1_000)
    await refused(store, 'no answer while TLS begins: check the address, and whether it speaks TLS')
  })
})

describe('Sentinels', () => {
  /** It watches `master` as `cards`, and lets itself be asked by a user of its own. */
  async function startSentinel(master: Server): Promise<Server> {
    const place = await placeOf('sentinel', undefined)
    const port = await freePort()
    const file = join(place.folder, 'sentinel.conf')
    const settings = tlsSettings({ ...certified, caFile: authority.caFile }, port)
    const lines = [
      'bind 127.0.0.1',
      ...settings
        .join(' ')
        .split(' --')
        .map((line) => line.replace(/^--/, '')),
      'tls-replication yes',
      `dir ${place.folder}`,
      `sentinel monitor cards 127.0.0.1 ${master.port} 1`,
      'sentinel auth-user cards sentinel',
      'sentinel auth-pass cards sentinel-secret',
      'sentinel down-after-milliseconds cards 1000',
      'sentinel failover-timeout cards 3000',
      'user shoal on >sentinel-word ~* &* +sentinel|get-master-addr-by-name +sentinel|sentinels +subscribe +ping +info',
    ]
    await writeFile(file, lines.join('\n'))
    const [command, ...before] = await redisWithTls()
    const address = `rediss://127.0.0.1:${port}`
    const server = await launch({
      name: 'Sentinel',
      address,
      port,
      place,
      command,
      args: [...before, file, '--sentinel'],
      mark: file,
      probe: () => probeRedis(address, { ...certified, caFile: authority.caFile }),
    })
    servers.push(server)
    return server
  }

  const replicating = ['--tls-replication', 'yes', '--masteruser', 'sentinel', '--masterauth', 'sentinel-secret']
  const watched = ['--user', 'sentinel', 'on', '>sentinel-secret', 'allcommands', 'allkeys', 'allchannels']

  test('lead under TLS, with a user at each, to the master, and to the next when it is gone', async () => {
    const settings = [...watched, ...replicating, '--repl-diskless-sync-delay', '0']
    const master = await start(settings)
    const replica = await start([...settings, '--appendonly', 'no'])
    const replicaAdmin = adminOf(replica)
    await replicaAdmin.replicaof('127.0.0.1', master.port)
    const sentinel = await startSentinel(master)
    const at = `nodes: ['127.0.0.1:${sentinel.port}'], username: shoal`
    const file = put(folder, 'sentinel-password', 'wrong')
    const behind = `sentinel: { master: cards, ${at}, passwordFile: '${file}' }`
    const store = storeOf(`${behind}, ${as('shoal', 'shoal-secret')}, ${tlsOn()}`)
    await refused(
      store,
      `cards of the sentinels 127.0.0.1:${sentinel.port} does not let "shoal" in (WRONGPASS): check redis.sentinel.username and passwordFile`,
    )
    put(folder, 'sentinel-password', 'sentinel-word')
    await written(store, 1)

    const sentinelAdmin = adminOf(sentinel)
    await vi.waitFor(async () => {
      expect(await sentinelAdmin.call('SENTINEL', 'REPLICAS', 'cards')).toHaveLength(1)
      expect(await replicaAdmin.exists('shoal:{cards}:latest')).toBe(1)
    }, soon)
    master.kill('SIGKILL')
    await master.gone()
    await written(store, 2)
    expect((await store.history('cards', 9)).map(({ version }) => version)).toEqual([2, 1])
  })
})

describe('a Cluster', () => {
  test('of three nodes under TLS takes models at every node, and one who has the next password after it is changed', async () => {
    const settings = ['--cluster-enabled', 'yes', '--tls-cluster', 'yes', '--cluster-announce-ip', '127.0.0.1']
    const nodes = [await start(settings), await start(settings), await start(settings)]
    const admins = nodes.map(adminOf)
    await Promise.all(
      admins.map((admin, i) => admin.cluster('ADDSLOTSRANGE', i * 5462, Math.min((i + 1) * 5462, 16_384) - 1)),
    )
    for (const { port } of nodes.slice(1)) await admins[0].cluster('MEET', '127.0.0.1', port)
    await vi.waitFor(async () => {
      for (const admin of admins)
        expect(await admin.cluster('INFO')).toMatch(/cluster_state:ok(.|\s)*cluster_known_nodes:3/)
    }, soon)
    const at = nodes.map(({ port }) => `'127.0.0.1:${port}'`).join(', ')
    const store = storeOf(`cluster: { nodes: [${at}] }, ${as('shoal', 'wrong')}, ${tlsOn()}`)
    await refused(store, 'does not let "shoal" in (WRONGPASS): check redis.username and passwordFile')
    as('shoal', 'shoal-secret')
    await written(store, 1)
    const names = ['cards', 'trades', 'logins', 'refunds', 'loans', 'chargebacks']
    for (const name of names) {
      expect(await store.put(snapshot(2, { name }))).toBe('written')
      expect((await store.latest(name))?.version).toBe(2)
    }
    const counts = await Promise.all(admins.map((admin) => admin.dbsize()))
    expect(counts.filter((count) => count > 0).length).toBeGreaterThan(1)

    for (const admin of admins) {
      await admin.acl('SETUSER', 'shoal', 'resetpass', '>next-secret')
      await admin.client('KILL', 'USER', 'shoal')
    }
    as('shoal', 'next-secret')
    await written(store, 3)
  })
})

describeWith(['kafka'], 'shoal run with a Redis that asks for a password', ({ kafka }) => {
  test('serves, says once what is wrong, tries again, and writes snapshots when the file is replaced, without a restart', async () => {
    const server = await start()
    const section = `redis: { url: '${server.address}', ${as('shoal', 'wrong')}, ${tls()} }`
    const payments = await newPayments({ kafka, registry: '', redis: '' }, 'json', undefined, [
      'registry: { url: null }',
      section,
    ])
    try {
      await payments.send(goodJson(400, 1))
      const running = await payments.start()
      await payments.done(running)
      const failures = () => running.metric('shoal_snapshot_failures_total', 'code="snapshots.unavailable"')
      await until(
        async () => (await failures()) >= 3,
        () => `a third attempt: ${running.said()}`,
        60_000,
      )
      const words = `${server.address} does not let "shoal" in (WRONGPASS): check redis.username and passwordFile`
      const health = await running.health()
      expect(health).toContain(`ready: degraded: redis: `)
      expect(health).toContain(words)
      const inJson = JSON.stringify(words).slice(1, -1)
      expect(running.lines().filter((line) => line.includes(inJson))).toHaveLength(1)
      expect(await running.metric('shoal_problem', 'part="redis"')).toBe(1)

      as('shoal', 'shoal-secret')
      await until(
        async () => (await running.metric('shoal_problem', 'part="redis"')) === 0,
        () => `Redis: ${running.said()}`,
        60_000,
      )
      await until(
        async () => (await adminOf(server).exists(`shoal:{${payments.name}}:latest`)) === 1,
        () => `a snapshot: ${running.said()}`,
        60_000,
      )
      running.signal('SIGTERM')
      expect(await running.ended).toMatchObject({ code: 0, stdout: '' })
    } finally {
      await payments.discard()
    }
  })
})
