import { describeWith } from '../servers.ts'
import { kafkaWorld } from './event-log/kafka-world.ts'
import { eventLogContract } from './event-log.ts'

describeWith(['kafka'], 'the event log on Kafka', ({ kafka }) => eventLogContract(() => kafkaWorld([kafka])))
