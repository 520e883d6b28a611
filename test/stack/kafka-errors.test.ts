/**
 * The table of broker errors, held against real brokers: each error is provoked, and what the table says of asking again
 * is tried. What is never to be asked again fails again; the rest succeeds once its cause is gone.
 */
import { randomUUID } from 'node:crypto'
import kafkajs from 'kafkajs'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { brokerError } from '../../src/adapters/kafka/broker-errors.ts'
import { lane } from '../../src/adapters/kafka/connection.ts'
import { findCoordinator } from '../../src/adapters/kafka/offset-requests.ts'
import { initProducerId } from '../../src/adapters/kafka/transaction-requests.ts'
import { fetchFrom, initialised, listEnd, type Provocation } from './provoking.ts'
import { refusedOfAMember, refusedOfAReader, refusedTopics } from './refused-reads.ts'
import { refusedInATransaction } from './refused-transactions.ts'
import { refusedOfAProducer } from './refused-writes.ts'
import {
  batchWith,
  deadline,
  forbid,
  forbidden,
  newTopic,
  type StrictBrokers,
  startStrictBroker,
  startThreeBrokers,
  write,
} from './strict-brokers.ts'

async function holds(brokers: StrictBrokers, code: number, provoke: Provocation[2]): Promise<void> {
  const { again, mend } = await provoke(brokers)
  expect(brokerError(await again()).name).toBe(brokerError(code).name)
  if (brokerError(code).again === 'never') {
    expect(await again()).not.toBe(0)
    return
  }
  await mend?.()
  await vi.waitFor(async () => expect(await again()).toBe(0), deadline)
}

describe('a broker', () => {
  let broker: StrictBrokers

  beforeAll(async () => {
    broker = await startStrictBroker()
    await newTopic(broker, {}, forbidden)
    await forbid(broker)
  })
  afterAll(() => broker?.stop())

  test('answers 15 (COORDINATOR_NOT_AVAILABLE) until it has a place for what it coordinates', async () => {
    const again = async () => (await broker.cluster.send(1, lane.requests, findCoordinator('group', 'first'))).error
    await holds(broker, 15, async () => ({ again }))
  })

  test.each([
    ...refusedOfAProducer,
    ...refusedInATransaction,
    ...refusedOfAReader,
    ...refusedOfAMember,
    ...refusedTopics,
  ])('answers %i to %s, and to asking again as the table says', (code, _, provoke) => holds(broker, code, provoke))
})

describe('brokers that divide the work', () => {
  let brokers: Awaited<ReturnType<typeof startThreeBrokers>>
  const other = (node: number | null) => (node === 1 ? 2 : 1)

  beforeAll(async () => {
    brokers = await startThreeBrokers()
  })
  afterAll(() => brokers?.stop())

  test.each<[string, (topic: string, node: number) => Promise<number>]>([
    ['a record', (topic, node) => write(brokers, topic, batchWith(), { node })],
    ['a fetch', (topic, node) => fetchFrom(brokers, topic, node)],
    ['a question for offsets', (topic, node) => listEnd(brokers, topic, node)],
  ])('answer 6 (NOT_LEADER_OR_FOLLOWER) to %s when another leads, and the leader does as asked', async (_, ask) => {
    const topic = await newTopic(brokers)
    const leader = brokers.cluster.leader(topic, 0)
    let node = other(leader)
    const mend = () => {
      node = leader!
    }
    // The other is told of the topic a moment later.
    await vi.waitFor(async () => expect(await ask(topic, node)).not.toBe(3), deadline)
    await holds(brokers, 6, async () => ({ again: () => ask(topic, node), mend }))
  })

  test('answer 16 (NOT_COORDINATOR) when another coordinates, and the coordinator does as asked', async () => {
    const id = randomUUID()
    await initialised(brokers, id)
    const coordinator = await brokers.cluster.coordinator('transaction', id)
    let node = other(coordinator)
    const again = async () => (await brokers.cluster.send(node, lane.requests, initProducerId(id, 10_000))).error
    const mend = () => {
      node = coordinator
    }
    await holds(brokers, 16, async () => ({ again, mend }))
  })

  test('answer 19 (NOT_ENOUGH_REPLICAS) while a replica that must be in sync is away', async () => {
    const topic = await newTopic(brokers, { 'min.insync.replicas': '3' }, randomUUID(), 3)
    const leader = brokers.cluster.leader(topic, 0)
    const away = brokers.servers.brokers.find(({ id }) => id !== leader)!
    await away.stop()
    const again = () => write(brokers, topic, batchWith())
    // Until the leader has noticed it waits for the third in vain.
    await vi.waitFor(async () => expect(await again()).not.toBe(7), deadline)
    const configEntries = [{ name: 'min.insync.replicas', value: '2' }]
    const resources = [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: topic, configEntries }]
    const mend = () => brokers.admin.alterConfigs({ validateOnly: false, resources })
    await holds(brokers, 19, async () => ({ again, mend }))
  })
})
