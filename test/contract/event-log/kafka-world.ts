/** The log on Kafka as the contract needs it. */
import { randomUUID } from 'node:crypto'
import kafkajs from 'kafkajs'
import { kafkaLog } from '../../../src/adapters/kafka/log.ts'
import type { KafkaLogOptions } from '../../../src/adapters/kafka/options.ts'
import { systemClock } from '../../../src/runtime/clock.ts'
import type { Clock, EventLog } from '../../../src/runtime/ports.ts'
import { silentLog } from '../../silent-log.ts'
import { type ForeignTransaction, type LogWorld, whenAborted } from './world.ts'

/** Where the log under test connects, and how; the foreign one goes to `brokers` of the world in the clear. */
export type Access = Pick<KafkaLogOptions, 'brokers' | 'tls' | 'sasl'>

/** Transactions of a producer that is not ours: kafkajs's own. */
export async function kafkaWorld(brokers: readonly string[], access: Access = { brokers }): Promise<LogWorld> {
  const run = randomUUID().slice(0, 8)
  const kafka = new kafkajs.Kafka({
    brokers: [...brokers],
    clientId: 'foreign',
    logLevel: kafkajs.logLevel.NOTHING,
    retry: { retries: 10, initialRetryTime: 20, maxRetryTime: 500 },
  })
  const admin = kafka.admin()
  const closers: (() => Promise<void>)[] = []
  await admin.connect()
  let names = 0

  function open(clock: Clock): EventLog {
    const client = kafkaLog({
      ...access,
      clientId: 'contract',
      transactionalId: `${run}-${names++}`,
      sessionTimeoutMs: 3_000,
      heartbeatIntervalMs: 100,
      rebalanceTimeoutMs: 3_000,
      topicRefreshMs: 300,
      log: silentLog,
      clock,
    })
    closers.push(() => client.close())
    return client
  }

  return {
    client: () => open(systemClock),
    hangingClient() {
      let isHung = false
      // Heartbeats are paced by sleeps that can be given up, and nothing else that a commit needs is.
      const clock: Clock = {
        ...systemClock,
        async sleep(ms, signal) {
          await systemClock.sleep(ms, signal)
          if (isHung && signal !== undefined) await whenAborted(signal)
        },
      }
      return {
        client: open(clock),
        hang() {
          isHung = true
        },
      }
    },
    topicName: (prefix) => `${run}-${prefix}-${names++}`,
    async begin(): Promise<ForeignTransaction> {
      const producer = kafka.producer({
        transactionalId: `${run}-foreign-${names++}`,
        maxInFlightRequests: 1,
        idempotent: true,
      })
      closers.push(() => producer.disconnect())
      await producer.connect()
      const transaction = await producer.transaction()
      return {
        async write(topic, partition, values) {
          const messages = values.map((value) => ({ partition, value, timestamp: '1700000000000' }))
          await transaction.send({ topic, messages })
        },
        async stage(consumerGroupId, topic, next) {
          const partitions = [...next].map(([partition, offset]) => ({ partition, offset: String(offset) }))
          await transaction.sendOffsets({ consumerGroupId, topics: [{ topic, partitions }] })
        },
        commit: () => transaction.commit(),
        abort: () => transaction.abort(),
      }
    },
    async deleteBefore({ topic, partition }, offset) {
      await admin.fetchTopicOffsets(topic) // Else kafkajs does not know the topic's leaders.
      await admin.deleteTopicRecords({ topic, partitions: [{ partition, offset: String(offset) }] })
    },
    async close() {
      await Promise.all(closers.map((close) => close()))
      await admin.deleteTopics({ topics: (await admin.listTopics()).filter((topic) => topic.startsWith(`${run}-`)) })
      await admin.disconnect()
    },
  }
}
