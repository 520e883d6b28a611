/** The log on a Kafka behind TLS that asks who one is, again every three seconds: sessions end in the midst of everything. */
import { afterAll, beforeAll, describe } from 'vitest'
import { type SecuredKafka, startSecuredKafka, user } from '../stack/secured-kafka.ts'
import { kafkaWorld } from './event-log/kafka-world.ts'
import { eventLogContract } from './event-log.ts'

const sessionMs = 3_000

describe('the event log on Kafka over TLS, by SCRAM', () => {
  let kafka: SecuredKafka

  beforeAll(async () => {
    kafka = await startSecuredKafka(sessionMs)
  })
  afterAll(() => kafka?.stop())

  eventLogContract(() => kafkaWorld([kafka.address], kafka.access({ mechanism: 'scram-sha-512', ...user })))
})
