/** What brokers refuse of what is written, and what mends it. */
import { randomUUID } from 'node:crypto'
import { field } from '../../src/adapters/kafka/record-format.ts'
import type { Provocation } from './provoking.ts'
import { batchWith, changed, forbidden, newTopic, write } from './strict-brokers.ts'

export const refusedOfAProducer: readonly Provocation[] = [
  [
    2,
    'bytes that do not match their checksum',
    async (brokers) => {
      const topic = await newTopic(brokers)
      const bytes = batchWith()
      const turn = () => {
        bytes[field.crc] ^= 1
      }
      turn()
      return { again: () => write(brokers, topic, bytes), mend: turn }
    },
  ],
  [
    3,
    'a record for a topic that is not there',
    async (brokers) => {
      const topic = randomUUID()
      return { again: () => write(brokers, topic, batchWith()), mend: () => newTopic(brokers, {}, topic) }
    },
  ],
  [
    10,
    'a record that is larger than the topic takes',
    async (brokers) => {
      const topic = await newTopic(brokers, { 'max.message.bytes': '2000' })
      return { again: () => write(brokers, topic, batchWith({ bytes: 3000 })) }
    },
  ],
  [
    18,
    'a record that is larger than a segment of the log',
    async (brokers) => {
      const topic = await newTopic(brokers, { 'segment.bytes': '1048576', 'max.message.bytes': '4000000' })
      return { again: () => write(brokers, topic, batchWith({ bytes: 2_000_000 })) }
    },
  ],
  [
    29,
    'a record for a topic that we may not write to',
    async (brokers) => ({ again: () => write(brokers, forbidden, batchWith()) }),
  ],
  [
    32,
    'a record that is older than the topic takes',
    async (brokers) => {
      const topic = await newTopic(brokers, { 'message.timestamp.before.max.ms': '60000' })
      return { again: () => write(brokers, topic, batchWith({ timestamp: 1 })) }
    },
  ],
  [
    87,
    'a record without a key for a compacted topic',
    async (brokers) => {
      const topic = await newTopic(brokers, { 'cleanup.policy': 'compact' })
      return { again: () => write(brokers, topic, batchWith()) }
    },
  ],
  [
    87,
    'two batches of one partition in one request',
    async (brokers) => {
      const topic = await newTopic(brokers)
      const bytes = Buffer.concat([batchWith(), batchWith()])
      return { again: () => write(brokers, topic, bytes) }
    },
  ],
  [
    87,
    'a batch that says that it has more records than it has',
    async (brokers) => {
      const topic = await newTopic(brokers)
      const bytes = changed(batchWith(), (batch) => batch.writeInt32BE(5, field.count))
      return { again: () => write(brokers, topic, bytes) }
    },
  ],
]
