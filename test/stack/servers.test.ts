import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'
import { Redis } from 'ioredis'
import { Kafka, logLevel } from 'kafkajs'
import { expect, test, vi } from 'vitest'
import { exists } from '../../tools/stack/cache.ts'
import { isAlive } from '../../tools/stack/process.ts'
import { startRedis } from '../../tools/stack/redis.ts'
import { describeWith } from '../servers.ts'

describeWith(['kafka'], 'the Kafka of the stack', ({ kafka }) => {
  test('does not create a topic because somebody asked for it', async () => {
    const admin = new Kafka({ brokers: [kafka], logLevel: logLevel.NOTHING, retry: { retries: 0 } }).admin()
    await admin.connect()
    await expect(admin.fetchTopicOffsets('nobody-created-this')).rejects.toThrow('topic')
    await admin.disconnect()
  })
})

describeWith(['registry'], 'the registry of the stack', ({ registry }) => {
  test('refuses what is not backward compatible unless it is told otherwise', async () => {
    const response = await fetch(`${registry}/config`)
    expect(await response.json()).toMatchObject({ compatibilityLevel: 'BACKWARD' })
  })
})

describeWith(['redis'], 'a Redis of the stack', () => {
  test('keeps its data over a stop and a start in the same folder, on the same port', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'shoal-redis-test-'))
    const first = await startRedis({ folder })
    await withClient(first.address, (client) => client.set('a', 'kept'))
    await first.stop()
    const second = await startRedis({ folder, port: first.port })
    expect(await withClient(second.address, (client) => client.get('a'))).toBe('kept')
    await second.stop()
    await rm(folder, { recursive: true })
  })

  test('a server ends, and its data goes, when the process that started it is killed', async () => {
    const module = pathToFileURL(join(import.meta.dirname, '..', '..', 'tools', 'stack', 'redis.ts'))
    const program = `const { startRedis } = await import('${module}')
      const { pid, folder } = await startRedis()
      console.log(JSON.stringify({ pid, folder }))
      setInterval(() => {}, 1000)`
    const starter = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [line] = await once(createInterface(starter.stdout), 'line')
    const { pid, folder } = JSON.parse(line)
    expect(await isAlive(pid)).toBe(true)
    starter.kill('SIGKILL')
    await vi.waitUntil(async () => !(await isAlive(pid)) && !(await exists(folder)), { timeout: 60_000, interval: 50 })
  })
})

async function withClient<T>(address: string, use: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis(address)
  try {
    return await use(client)
  } finally {
    client.disconnect()
  }
}
