/** What is written to a real broker: large records, many batches, every compression, and what another client reads of it. */
import { randomUUID } from 'node:crypto'
import kafkajs from 'kafkajs'
import { afterAll, expect, test } from 'vitest'
import type { Compression } from '../../src/adapters/kafka/compression.ts'
import { kafkaLog } from '../../src/adapters/kafka/log.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import type { EventLog, Share } from '../../src/runtime/ports.ts'
import { valueAt } from '../../src/stages/records.ts'
import { describeWith } from '../servers.ts'
import { silentLog } from '../silent-log.ts'
import { newNames, publishValues, valuesIn } from './kafka-topics.ts'

describeWith(['kafka'], 'on a real broker', ({ kafka }) => {
  const logs: EventLog[] = []
  afterAll(() => Promise.all(logs.map((log) => log.close())))

  function client(compression: Compression = 'none'): EventLog {
    const log = kafkaLog({
      brokers: [kafka],
      clientId: 'writing',
      transactionalId: randomUUID(),
      compression,
      log: silentLog,
      clock: systemClock,
    })
    logs.push(log)
    return log
  }

  /** Runs `work` on a share of one generation, then leaves. */
  async function working(
    log: EventLog,
    group: string,
    input: string,
    work: (share: Share) => Promise<void>,
  ): Promise<void> {
    await log.join(group, input, work).done
  }

  test.each<Compression>(['none', 'gzip', 'snappy', 'lz4', 'zstd'])(
    'transactions compressed by %s are taken and read back',
    async (compression) => {
      const log = client(compression)
      const { input, output, group } = await newNames(log, 2)
      const values = Array.from({ length: 3_000 }, (_, i) => `${i} `.repeat(1 + (i % 50)))
      for (const partition of [0, 1]) await publishValues(log, input, partition, values)
      await working(log, group, input, async (share) => {
        const next = new Map(share.positions)
        for (let seen = 0; seen < 2 * values.length; ) {
          const transaction = share.begin()
          for (const batch of await share.read({ maxEvents: 1_000, maxBytes: 10_000_000 })) {
            for (let i = 0; i < batch.count; i++) {
              transaction.append({
                topic: output,
                partition: batch.partition,
                key: null,
                value: valueAt(batch, i),
                timestamp: batch.timestamp[i],
              })
            }
            next.set(batch.partition, batch.nextOffset)
            seen += batch.count
          }
          await transaction.commit(new Map(next))
        }
      })
      for (const partition of [0, 1]) expect(await valuesIn(log, output, partition)).toEqual(values)
    },
  )

  test('a record of megabytes is written and read, alone and among small ones', async () => {
    const log = client()
    const topic = `${randomUUID().slice(0, 8)}-large`
    await log.prepare([{ topic, partitions: 1, cleanup: 'delete', owner: 'shoal', maxMessageBytes: 4_000_000 }], true)
    const values = ['small', 'l'.repeat(3_900_000), 'between', 'm'.repeat(2_500_000), 'last']
    await publishValues(log, topic, 0, values)
    expect(await valuesIn(log, topic, 0)).toEqual(values)
  })

  test('what one transaction writes to a partition in five batches is read by kafkajs, in order', async () => {
    const log = client('gzip')
    const { input, output, group } = await newNames(log, 1)
    const small = `${output}-small`
    await log.prepare(
      [{ topic: small, partitions: 1, cleanup: 'delete', owner: 'shoal', maxMessageBytes: 2_000 }],
      true,
    )
    const values = Array.from({ length: 90 }, (_, i) => `${i}`.padStart(100, '.'))
    await working(log, group, input, async (share) => {
      const transaction = share.begin()
      for (const value of values) {
        const at = transaction
          .sink(small, 0)
          .reserve(Buffer.from('key'), 0, 3, value.length, Float64Array.of(Date.now()), 0)
        transaction.sink(small, 0).bytes.write(value, at)
      }
      transaction.append({
        topic: output,
        partition: 0,
        key: null,
        value: Buffer.from('beside them'),
        timestamp: Date.now(),
      })
      await transaction.commit(new Map([[0, 0]]))
    })
    expect(await readByKafkajs(small, values.length)).toEqual(values.map((value) => ['key', value]))
    expect(await valuesIn(log, output, 0)).toEqual(['beside them'])
  })

  async function readByKafkajs(topic: string, count: number): Promise<[string, string][]> {
    const consumer = new kafkajs.Kafka({
      brokers: [kafka],
      clientId: 'other',
      logLevel: kafkajs.logLevel.NOTHING,
    }).consumer({ groupId: randomUUID() })
    const read: [string, string][] = []
    try {
      await consumer.connect()
      await consumer.subscribe({ topic, fromBeginning: true })
      await new Promise<void>((resolve, reject) => {
        const eachMessage = async ({ message }: kafkajs.EachMessagePayload) => {
          read.push([String(message.key), String(message.value)])
          if (read.length === count) resolve()
        }
        consumer.run({ eachMessage }).catch(reject)
      })
    } finally {
      await consumer.disconnect()
    }
    return read
  }
})
