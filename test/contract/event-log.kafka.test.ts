import { randomUUID } from 'node:crypto'
import kafkajs, { type Kafka, type Producer } from 'kafkajs'
import { kafkaLog } from '../../src/adapters/kafka/log.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import type { EventLog } from '../../src/runtime/ports.ts'
import { recordedLog } from '../runtime/recorded-log.ts'
import { describeWith } from '../servers.ts'
import type { ForeignTransaction, LogWorld } from './event-log/world.ts'
import { eventLogContract } from './event-log.ts'

describeWith(['kafka'], 'the event log on Kafka', ({ kafka }) => eventLogContract(() => kafkaWorld(kafka)))

async function kafkaWorld(address: string): Promise<LogWorld> {
  const run = randomUUID().slice(0, 8)
  const clients: EventLog[] = []
  const producers: Producer[] = []
  // The foreigner is kafkajs itself, so that what the log under test reads was not written by it.
  const foreign = new kafkajs.Kafka({ brokers: [address], logLevel: kafkajs.logLevel.NOTHING })
  const admin = foreign.admin()
  await admin.connect()
  let names = 0

  return {
    client() {
      const client = kafkaLog({
        brokers: [address],
        clientId: 'contract',
        transactionalId: `contract-${run}-${clients.length}`,
        log: recordedLog(),
        clock: systemClock,
        sessionTimeoutMs: 3_000,
        rebalanceTimeoutMs: 3_000,
      })
      clients.push(client)
      return client
    },
    topicName: (prefix) => `contract-${run}-${prefix}-${names++}`,
    begin: () => beginForeign(foreign, `contract-${run}-foreign-${producers.length}`, producers),
    async deleteBefore({ topic, partition }, offset) {
      await admin.deleteTopicRecords({ topic, partitions: [{ partition, offset: String(offset) }] })
    },
    async close() {
      await Promise.all(clients.map((client) => client.close()))
      await Promise.all(producers.map((producer) => producer.disconnect()))
      const topics = (await admin.listTopics()).filter((topic) => topic.startsWith(`contract-${run}-`))
      await admin.deleteTopics({ topics })
      await admin.disconnect()
    },
  }
}

async function beginForeign(kafka: Kafka, transactionalId: string, opened: Producer[]): Promise<ForeignTransaction> {
  const producer = kafka.producer({ transactionalId, idempotent: true, maxInFlightRequests: 1 })
  opened.push(producer)
  await producer.connect()
  const transaction = await producer.transaction()
  return {
    async write(topic, partition, values) {
      const messages = values.map((value) => ({ partition, key: null, value, timestamp: '1700000000000' }))
      await transaction.send({ topic, messages })
    },
    async stage(consumerGroupId, topic, next) {
      const partitions = [...next].map(([partition, offset]) => ({ partition, offset: String(offset) }))
      await transaction.sendOffsets({ consumerGroupId, topics: [{ topic, partitions }] })
    },
    commit: () => transaction.commit(),
    abort: () => transaction.abort(),
  }
}
