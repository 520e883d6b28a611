/** Input by transactional producers, of which many abort: what was aborted must leave no trace. */
import { Kafka, logLevel, type Transaction } from 'kafkajs'
import { generatorSource, registerGeneratorSchemas } from '../../src/cli/generator-source.ts'
import { openRegistry } from '../../src/compose.ts'
import { schemaText } from '../pipeline/harness.ts'
import type { Rig } from './rig.ts'

/** No other input of the pipeline has it. */
const seed = 1_000_000
const eventsAtATime = 20

/**
 * While the usual input rests: long transactions that abort lie around, before and behind short ones that commit. `rounds`
 * of them; during each `strike` injects a fault.
 */
export async function writeWithAborts(rig: Rig, rounds: number, strike: () => Promise<void>): Promise<void> {
  await rig.stopInput()
  const { kafka, configuration } = rig
  const client = new Kafka({ brokers: kafka.address.split(','), logLevel: logLevel.NOTHING })
  const producerOf = (name: string) =>
    client.producer({ transactionalId: `${configuration.name}-${name}`, idempotent: true, maxInFlightRequests: 1 })
  const [long, short] = [producerOf('long'), producerOf('short')]
  await Promise.all([long.connect(), short.connect()])
  const writer = await newWriter(rig)
  try {
    for (let round = 0; round < rounds; round++) {
      const around = await long.transaction()
      await writer.write(around, false)
      for (let i = 0; i < 3; i++) {
        const inside = await short.transaction()
        const isKept = i !== 1
        await writer.write(inside, isKept)
        await writer.write(around, false)
        await (isKept ? inside.commit() : inside.abort())
      }
      await around.abort()
      const struck = strike()
      // Outcomes can flow again only if events do.
      let isOver = false
      const over = () => {
        isOver = true
      }
      struck.then(over, over)
      do {
        const after = await short.transaction()
        await writer.write(after, true)
        await after.commit()
      } while (!isOver)
      await struck
    }
  } finally {
    await Promise.all([long.disconnect(), short.disconnect()])
  }
  rig.startInput()
}

async function newWriter({ configuration, verifier, kafka }: Rig) {
  const { topic } = configuration.input
  const registry = openRegistry(configuration)
  const wireIds = await registerGeneratorSchemas(registry, topic, schemaText('transaction'), false)
  await registry.close()
  const source = generatorSource({ seed, count: 1e9, frauds: 0, invalid: 0, shifts: {}, wireIds })
  const pieces = source.pieces()[Symbol.asyncIterator]()
  const admin = new Kafka({ brokers: kafka.address.split(','), logLevel: logLevel.NOTHING }).admin()
  await admin.connect()
  const partitions = (await admin.fetchTopicOffsets(topic)).length
  await admin.disconnect()
  return {
    /** To every partition, so many events; `isKept`: the transaction will commit. */
    async write(transaction: Transaction, isKept: boolean): Promise<void> {
      const { value: piece, done } = await pieces.next()
      if (done === true) throw new Error('the generator must go on')
      for (let partition = 0; partition < partitions; partition++) {
        const events = piece.slice(partition * eventsAtATime, (partition + 1) * eventsAtATime)
        const messages = events.map(({ key, value }) => ({ key: bytesOf(key), value: bytesOf(value), partition }))
        await transaction.send({ topic, acks: -1, messages })
        for (const { generated } of isKept ? events : [])
          verifier.expect(partition, { id: generated.transaction.id, reason: '' })
      }
    },
  }
}

const bytesOf = (bytes: Uint8Array | null): Buffer | null => (bytes === null ? null : Buffer.from(bytes))
