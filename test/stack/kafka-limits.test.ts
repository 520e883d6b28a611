/** Sizes and numbers that are far from the ordinary, on a real broker: what is read, what is refused, what memory it takes. */
import { randomUUID } from 'node:crypto'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Cluster } from '../../src/adapters/kafka/cluster.ts'
import { lane } from '../../src/adapters/kafka/connection.ts'
import { kafkaLog } from '../../src/adapters/kafka/log.ts'
import { type KafkaLogOptions, settingsOf } from '../../src/adapters/kafka/options.ts'
import { OutputSet } from '../../src/adapters/kafka/output-set.ts'
import { produce } from '../../src/adapters/kafka/produce-request.ts'
import { produceRounds } from '../../src/adapters/kafka/producer.ts'
import { field } from '../../src/adapters/kafka/record-format.ts'
import { Sequences } from '../../src/adapters/kafka/sequences.ts'
import { initProducerId } from '../../src/adapters/kafka/transaction-requests.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import type { EventLog } from '../../src/runtime/ports.ts'
import { valueAt } from '../../src/stages/records.ts'
import { startKafka } from '../../tools/stack/kafka.ts'
import type { Server } from '../../tools/stack/server.ts'
import { silentLog } from '../silent-log.ts'
import { publishValues, valuesIn } from './kafka-topics.ts'

const mebibyte = 1024 * 1024

/** V8's own collector. */
function collector(): () => void {
  setFlagsFromString('--expose-gc')
  return runInNewContext('gc') as () => void
}

describe('a broker', () => {
  let broker: Server
  const logs: EventLog[] = []

  beforeAll(async () => {
    broker = await startKafka()
  })
  afterAll(async () => {
    await Promise.all(logs.map((log) => log.close()))
    await broker?.stop()
  })

  function client(more: Partial<KafkaLogOptions> = {}): EventLog {
    const common = { clientId: 'limits', transactionalId: randomUUID(), log: silentLog, clock: systemClock }
    const log = kafkaLog({ brokers: [broker.address], ...common, ...more })
    logs.push(log)
    return log
  }

  test('whose topic has a thousand partitions is read from all of them', async () => {
    const [log, topic, group] = [client({ patienceMs: 180_000 }), `wide-${randomUUID()}`, randomUUID()]
    await log.prepare([{ topic, partitions: 1000, cleanup: 'delete', owner: 'shoal' }], true)
    await log.publish((outputs) => {
      for (let partition = 0; partition < 1000; partition++) {
        outputs.append({ topic, partition, key: null, value: Buffer.from(`${partition}`), timestamp: Date.now() })
      }
    })
    const read = new Map<number, string>()
    const { done } = log.join(group, topic, async (share) => {
      const next = new Map<number, number>()
      while (read.size < 1000) {
        for (const batch of await share.read({ maxEvents: 5000, maxBytes: mebibyte })) {
          for (let i = 0; i < batch.count; i++) read.set(batch.partition, `${valueAt(batch, i)}`)
          next.set(batch.partition, batch.nextOffset)
        }
      }
      await share.begin().commit(next)
    })
    await done
    expect([...read].every(([partition, value]) => value === `${partition}`)).toBe(true)
    expect([...(await log.committed(group, topic)).values()]).toEqual(Array(1000).fill(1))
  }, 300_000)

  test('that gives little which grows to much takes a bounded part of memory', async () => {
    const log = client({ compression: 'zstd' })
    const [topic, partitions, batchBytes] = [`bombs-${randomUUID()}`, 12, 40 * mebibyte]
    const spec = { partitions, cleanup: 'delete', owner: 'shoal', maxMessageBytes: 2 * batchBytes } as const
    await log.prepare([{ topic, ...spec }], true)
    for (let partition = 0; partition < partitions; partition++)
      await publishValues(log, topic, partition, ['0'.repeat(batchBytes)])
    const reader = client()
    const collect = collector()
    collect()
    const before = process.memoryUsage().arrayBuffers
    let most = 0
    let read = 0
    const { done } = reader.join(`${topic}-group`, topic, async (share) => {
      while (read < partitions) {
        const batches = await share.read({ maxEvents: 1, maxBytes: 1 })
        read += batches.reduce((sum, { count }) => sum + count, 0)
        // Once around the loop, so that all that has come is there.
        await systemClock.sleep(20)
        // What nobody holds any more goes when V8 comes to it, which on a busy machine may be late.
        collect()
        most = Math.max(most, process.memoryUsage().arrayBuffers - before)
      }
    })
    await done
    expect(read).toBe(partitions)
    // 64 MiB are read ahead, one answer goes over them, and one batch is with the reader.
    expect(most).toBeLessThan((64 + 3 * 40 + 64) * mebibyte)
  })

  test('takes batches that are as large as a topic takes, to the byte', async () => {
    const log = client()
    const topic = `large-${randomUUID()}`
    await log.prepare([{ topic, partitions: 1, cleanup: 'delete', owner: 'shoal', maxMessageBytes: 100_000 }], true)
    const overhead = 61 + 3 + 1 + 1 + 1 + 1 + 3 + 1
    await publishValues(log, topic, 0, ['x'.repeat(100_000 - overhead)])
    await expect(publishValues(log, topic, 0, ['x'.repeat(100_000 - overhead + 1)])).rejects.toMatchObject({
      code: 'log.record_too_large',
    })
    expect((await valuesIn(log, topic, 0)).map(({ length }) => length)).toEqual([100_000 - overhead])
  })

  test('counts a producer on through the end of the sequence numbers, and knows a batch that is sent again there', async () => {
    const log = client()
    const topic = `sequence-${randomUUID()}`
    await log.prepare([{ topic, partitions: 1, cleanup: 'delete', owner: 'shoal' }], true)
    const options = { brokers: [broker.address], clientId: 'limits', transactionalId: '', log: silentLog }
    const cluster = new Cluster(settingsOf({ ...options, clock: systemClock }))
    const deadlineMs = systemClock.now() + 30_000
    await cluster.connect([topic], deadlineMs)
    const { error, ...who } = await cluster.send(await cluster.anyNode(), lane.requests, initProducerId(null, 10_000))
    expect(error).toBe(0)
    const sequences = new Sequences()
    // A leader that knows nothing of a producer takes the number that it comes with.
    sequences.advance(topic, 0, 2 ** 31 - 5)
    const common = { cluster, clock: systemClock, transactionalId: null, who, version: 11, deadlineMs }
    const write = async (from: number, to: number) => {
      const outputs = new OutputSet(() => mebibyte, false)
      for (let i = from; i < to; i++)
        outputs.append({ topic, partition: 0, key: null, value: Buffer.from(`v-${i}`), timestamp: 1 })
      await produceRounds(outputs.rounds(), { ...common, sequences })
      return Buffer.from(outputs.rounds()[0].batches[0].batch.bytes)
    }
    await write(0, 3)
    const across = await write(3, 10)
    expect(across.readInt32BE(field.baseSequence)).toBe(2 ** 31 - 2)
    expect(sequences.next(topic, 0)).toBe(5)
    const again = produce(null, [{ topic, partition: 0, bytes: across }], 5_000, 11)
    expect((await cluster.send(cluster.leader(topic, 0)!, lane.requests, again)).partitions[0].error).toBe(0)
    await write(10, 12)
    await cluster.close()
    expect(await valuesIn(log, topic, 0)).toEqual(Array.from({ length: 12 }, (_, i) => `v-${i}`))
  })
})
