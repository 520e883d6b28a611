import { Redis } from 'ioredis'
import { afterAll, beforeAll } from 'vitest'
import { redisSnapshots } from '../../src/adapters/redis/redis-snapshots.ts'
import { startRedis } from '../../tools/stack/redis.ts'
import type { Server } from '../../tools/stack/server.ts'
import { describeWith } from '../servers.ts'
import { snapshotDamageContract } from './snapshot-damage.ts'
import { type SnapshotPlace, snapshotStoreContract } from './snapshot-store.ts'

// A server of its own: it is flushed between the tests, and others use the shared one meanwhile.
describeWith(['redis'], 'on a real server', () => {
  let server: Server
  let client: Redis

  beforeAll(async () => {
    server = await startRedis()
    client = new Redis(server.address)
  })
  afterAll(async () => {
    client.disconnect()
    await server.stop()
  })

  const place: SnapshotPlace = {
    open: (historyLimit = 100) =>
      redisSnapshots({
        endpoint: {
          kind: 'server',
          url: server.address,
          username: null,
          password: null,
        },
        tls: null,
        keyPrefix: 'shoal:',
        historyLimit,
        timeoutMs: 10_000,
      }),
    parts: async (name) => new Map(Object.entries(await client.hgetallBuffer(`shoal:{${name}}:latest`))),
    overwrite: async (name, part, bytes) => void (await client.hset(`shoal:{${name}}:latest`, part, bytes)),
    readSummary: (name) => client.get(`shoal:{${name}}:clusters`),
    remove: async () => {
      await client.flushall()
    },
  }
  snapshotStoreContract('Redis', async () => place)
  snapshotDamageContract('Redis', async () => place)
})
