/** The brokers that the tests of faults start for themselves: killed, started again, several of them, behind a proxy. */
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { type AddressInfo, connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream'
import { Kafka, logLevel } from 'kafkajs'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { startKafka } from '../../tools/stack/kafka.ts'
import { type KafkaCluster, startKafkaCluster } from '../../tools/stack/kafka-cluster.ts'
import { createTopics, withAdmin } from '../kafka-admin.ts'

const deadline = { timeout: 60_000, interval: 50 }
/** Those are all of three: the partition's leader is known to each broker, and none is out of sync. */
const ids = [1, 2, 3]

function kafkaAt(address: string): Kafka {
  return new Kafka({
    brokers: address.split(','),
    logLevel: logLevel.NOTHING,
    retry: { retries: 30, maxRetryTime: 500 },
  })
}

async function send(address: string, topic: string, values: readonly string[]): Promise<void> {
  const producer = kafkaAt(address).producer()
  await producer.connect()
  await producer.send({ topic, acks: -1, messages: values.map((value) => ({ value })) })
  await producer.disconnect()
}

const endOf = (address: string, topic: string): Promise<string> =>
  withAdmin(address, async (admin) => (await admin.fetchTopicOffsets(topic))[0].high)

describe('one broker', () => {
  test('goes on with its records after SIGKILL, in the same folder, on the same ports', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'shoal-kafka-servers-test-'))
    const listeners = [{ name: 'OTHER', protocol: 'PLAINTEXT' }] as const
    const first = await startKafka({ folder, listeners })
    await withAdmin(first.address, (admin) => createTopics(admin, [{ topic: 'kept' }]))
    await send(first.address, 'kept', ['a', 'b'])
    first.kill('SIGKILL')
    await first.gone()
    const second = await startKafka({ folder, port: first.port, listeners })
    expect(second.ports).toEqual(first.ports)
    expect(await endOf(second.address, 'kept')).toBe('2')
    await second.stop()
    await rm(folder, { recursive: true })
  })

  test('tells the clients of a listener the port of the proxy before it, and its other clients its own', async () => {
    let behind = 0
    const proxy = createServer((client) => {
      const broker = connect(behind, '127.0.0.1')
      pipeline(client, broker, client, () => {})
    })
    await once(proxy.listen(0, '127.0.0.1'), 'listening')
    const { port } = proxy.address() as AddressInfo
    const broker = await startKafka({ listeners: [{ name: 'PROXIED', protocol: 'PLAINTEXT', advertisedPort: port }] })
    behind = broker.ports.get('PROXIED')!
    const toldAt = (address: string) => withAdmin(address, async (admin) => (await admin.describeCluster()).brokers)
    expect(await toldAt(`127.0.0.1:${port}`)).toMatchObject([{ port }])
    expect(await toldAt(broker.address)).toMatchObject([{ port: broker.port }])
    await broker.stop()
    proxy.close()
  })
})

describe('three brokers', () => {
  let cluster: KafkaCluster

  beforeAll(async () => {
    cluster = await startKafkaCluster({ brokers: 3 })
    await withAdmin(cluster.address, (admin) => createTopics(admin, [{ topic: 'replicated' }]))
  })
  afterAll(() => cluster?.stop())

  /** Asked of one broker, because each learns it by itself. */
  async function inSync(id: number): Promise<readonly number[]> {
    const { topics } = await withAdmin(cluster.brokers[id - 1].address, (admin) =>
      admin.fetchTopicMetadata({ topics: ['replicated'] }),
    )
    return topics[0].partitions[0].isr.toSorted((a, b) => a - b)
  }

  test.each(['kill', 'stop'] as const)(
    'take records with any one away after %s, which then catches up',
    async (end) => {
      for (const broker of cluster.brokers) {
        const others = ids.filter((id) => id !== broker.id)
        const before = Number(await endOf(cluster.address, 'replicated'))
        await broker[end]()
        await send(others.map((id) => cluster.brokers[id - 1].address).join(','), 'replicated', ['while one is away'])
        await broker.start()
        await vi.waitFor(async () => expect(await inSync(broker.id)).toEqual(ids), deadline)
        expect(Number(await endOf(cluster.address, 'replicated'))).toBe(before + 1)
      }
    },
  )
})
