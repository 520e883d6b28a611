/** The log on a Kafka that asks who one is, again every three seconds: sessions end in the midst of everything. */
import { afterAll, beforeAll, describe } from 'vitest'
import { type SecuredKafka, startSecuredKafka, unsignedToken, user } from '../stack/secured-kafka.ts'
import { kafkaWorld } from './event-log/kafka-world.ts'
import { eventLogContract } from './event-log.ts'

const sessionMs = 3_000
let kafka: SecuredKafka

beforeAll(async () => {
  kafka = await startSecuredKafka(sessionMs)
})
afterAll(() => kafka?.stop())

describe.each([
  { mechanism: 'scram-sha-512', ...user },
  { mechanism: 'oauthbearer', token: async () => unsignedToken('alice', sessionMs) },
] as const)('the event log on Kafka over TLS and $mechanism', (sasl) => {
  eventLogContract(() => kafkaWorld([kafka.address], kafka.access(sasl)))
})
