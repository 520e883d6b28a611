/** The tests' own hands on a real Kafka: past the product, and past any wire that a test has put before it. */
import { type Admin, type ITopicConfig, Kafka, logLevel } from 'kafkajs'
import { until } from './pipeline/harness.ts'

/** A busy broker of three takes its time to tell the others of a topic. */
const deadlineMs = 60_000

export async function withAdmin<T>(kafka: string, work: (admin: Admin) => Promise<T>): Promise<T> {
  const brokers = kafka.split(',')
  const retry = { retries: 30, maxRetryTime: 500 }
  const admin = new Kafka({ brokers, logLevel: logLevel.NOTHING, retry }).admin()
  await admin.connect()
  try {
    return await work(admin)
  } finally {
    await admin.disconnect()
  }
}

/**
 * Topics that can be used when this resolves: each partition has said where it ends. kafkajs's own waiting gives up when the
 * broker that it asks has not heard of the topic yet.
 */
export async function createTopics(admin: Admin, topics: ITopicConfig[]): Promise<void> {
  await admin.createTopics({ waitForLeaders: false, topics })
  let why = ''
  await until(
    () =>
      Promise.all(topics.map(({ topic }) => admin.fetchTopicOffsets(topic))).then(
        () => true,
        (error: Error) => {
          why = error.message
          return false
        },
      ),
    () => `topics that can be used: ${why}`,
    deadlineMs,
  )
}
