/** kafkajs's admin client on connections mended as the product's are: by itself it sets timers in the past, of which Node warns. */
import { type Admin, Kafka, logLevel } from 'kafkajs'
import { AnswerMemory } from '../../src/adapters/kafka/answer-memory.ts'
import { createCluster, loadInternals } from '../../src/adapters/kafka/kafkajs-internals.ts'
import { mend } from '../../src/adapters/kafka/mending.ts'
import { socketsInto } from '../../src/adapters/kafka/sockets.ts'

const once = { retries: 0, initialRetryTime: 100, maxRetryTime: 100, factor: 0, multiplier: 1 }

/** Nothing is tried twice: whoever waits for a broker asks again. */
export async function withAdmin<T>(address: string, work: (admin: Admin) => Promise<T>): Promise<T> {
  const kafka = new Kafka({
    clientId: 'shoal-stack',
    brokers: address.split(','),
    logLevel: logLevel.NOTHING,
    connectionTimeout: 3_000,
    retry: once,
    socketFactory: socketsInto(new AnswerMemory()),
  })
  const cluster = createCluster(kafka)
  mend(cluster, { now: () => performance.now(), onThrottled: () => undefined })
  const admin = loadInternals().createAdmin({ retry: once, logger: cluster.rootLogger, cluster })
  try {
    await admin.connect()
    return await work(admin)
  } finally {
    await admin.disconnect()
  }
}
