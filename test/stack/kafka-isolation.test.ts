/** What a reader of committed records is given of hundreds of transactions across each other, beside Kafka's own client. */
import { randomUUID } from 'node:crypto'
import kafkajs, { type Admin } from 'kafkajs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { kafkaLog } from '../../src/adapters/kafka/log.ts'
import type { OffsetRange } from '../../src/core/model/model.ts'
import { batchesUpTo, rangesOf } from '../../src/runtime/batches.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import type { EventLog } from '../../src/runtime/ports.ts'
import { startKafka } from '../../tools/stack/kafka.ts'
import type { Server } from '../../tools/stack/server.ts'
import { createTopics } from '../kafka-admin.ts'
import { type ReadRecord, recordAt } from '../pipeline/harness.ts'
import { silentLog } from '../silent-log.ts'
import { readCommitted, watchEnds, writeInterleaved } from './independent-reader.ts'

const transactions = 300
const partitions = 2

describe('a reader of committed records', () => {
  let broker: Server
  let admin: Admin
  const logs: EventLog[] = []

  beforeAll(async () => {
    broker = await startKafka({
      properties: {
        'transaction.abort.timed.out.transaction.cleanup.interval.ms': '100',
        'log.cleaner.backoff.ms': '100',
      },
    })
    admin = new kafkajs.Kafka({ brokers: [broker.address], logLevel: kafkajs.logLevel.NOTHING }).admin()
    await admin.connect()
  })
  afterAll(async () => {
    await admin?.disconnect()
    await Promise.all(logs.map((log) => log.close()))
    await broker?.stop()
  })

  function reader(fetchPartitionBytes: number): EventLog {
    const [transactionalId, brokers] = [randomUUID(), [broker.address]]
    const common = { clientId: 'reader', log: silentLog, clock: systemClock }
    const log = kafkaLog({ brokers, transactionalId, fetchPartitionBytes, ...common })
    logs.push(log)
    return log
  }

  /** A topic of interleaved transactions, all of which have ended. */
  async function written(seed: number, configs: Readonly<Record<string, string>> = {}): Promise<string> {
    const topic = `interleaved-${randomUUID().slice(0, 8)}`
    const configEntries = Object.entries(configs).map(([name, value]) => ({ name, value }))
    await createTopics(admin, [{ topic, numPartitions: partitions, configEntries }])
    const counts = await writeInterleaved(broker.address, topic, seed, transactions)
    expect(counts.committed).toBeGreaterThan(100)
    expect(counts.aborted).toBeGreaterThan(100)
    expect(counts.left).toBeGreaterThan(0)
    const ends = await watchEnds(broker.address)
    await expect
      .poll(
        async () => (await ends.ask(topic)).every(({ lastStable, highWatermark }) => lastStable === highWatermark),
        { timeout: 60_000, interval: 50 },
      )
      .toBe(true)
    await ends.close()
    return topic
  }

  async function independently(topic: string): Promise<readonly (readonly ReadRecord[])[]> {
    return (await readCommitted(broker.address, 'nobody', [topic])).records(topic)
  }

  /** Every committed record of these ranges, by partition. */
  async function ours(log: EventLog, topic: string, ranges: readonly OffsetRange[]): Promise<readonly ReadRecord[][]> {
    const late = AbortSignal.timeout(60_000)
    const records = new Map(ranges.map(({ partition }): [number, ReadRecord[]] => [partition, []]))
    for await (const batch of batchesUpTo(log, topic, ranges, late)) {
      for (let i = 0; i < batch.count; i++) {
        const record = recordAt(batch, i)
        const headers = record.headers.map(({ name, value }) => ({ name, value: Buffer.from(value ?? []) }))
        records.get(batch.partition)!.push({ ...record, headers })
      }
    }
    late.throwIfAborted()
    return [...records.values()]
  }

  async function isReadAlike(topic: string): Promise<number> {
    const expected = await independently(topic)
    const found = expected.reduce((sum, records) => sum + records.length, 0)
    for (const fetchPartitionBytes of [5_000, 1_048_576]) {
      const log = reader(fetchPartitionBytes)
      const ranges = (await rangesOf(log, topic))!
      expect(await ours(log, topic, ranges)).toEqual(expected)
      for (const [i, range] of ranges.entries()) {
        const all = expected[i]
        expect(await ours(log, topic, [range])).toEqual([all])
        // From within the log too: what a fetch is told of aborted transactions depends on where it begins.
        for (const part of [0.3, 0.7]) {
          const from = all[Math.floor(all.length * part)].offset + 1
          const rest = all.filter(({ offset }) => offset >= from)
          expect(await ours(log, topic, [{ ...range, from }])).toEqual([rest])
        }
      }
    }
    return found
  }

  test('is given what the Java client is given, record by record', async () => {
    expect(await isReadAlike(await written(1))).toBeGreaterThan(500)
  })

  test('is given what the Java client is given of a topic that was compacted in between', async () => {
    const topic = await written(2, {
      'cleanup.policy': 'compact',
      'segment.ms': '500',
      'min.cleanable.dirty.ratio': '0.001',
      'delete.retention.ms': '0',
    })
    // Every key is of a few: most records go, of the transactions that were committed too.
    const left = async () => (await independently(topic)).flat().length
    await expect.poll(left, { timeout: 60_000, interval: 500 }).toBeLessThan(300)
    await isReadAlike(topic)
  })
})
