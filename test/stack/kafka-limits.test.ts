/** Sizes and numbers that are far from the ordinary, on a real broker: what is read, what is refused, what memory it takes. */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { kafkaLog } from '../../src/adapters/kafka/log.ts'
import type { KafkaLogOptions } from '../../src/adapters/kafka/options.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import type { EventLog } from '../../src/runtime/ports.ts'
import { startKafka } from '../../tools/stack/kafka.ts'
import type { Server } from '../../tools/stack/server.ts'
import { Copier } from '../contract/event-log/copier.ts'
import { silentLog } from '../silent-log.ts'
import { newNames, publishValues, until, valuesIn } from './kafka-topics.ts'

const mebibyte = 1024 * 1024

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
    const log = client()
    const names = await newNames(log, 1000)
    await log.publish((outputs) => {
      for (let partition = 0; partition < 1000; partition++) {
        const value = Buffer.from(String(partition))
        outputs.append({ topic: names.input, partition, key: null, value, timestamp: Date.now() })
      }
    })
    const copier = new Copier(log, names.group, names.input, names.output)
    copier.allow(1000)
    await until('all are copied', () => copier.copied === 1000)
    await copier.membership.leave()
    const positions = await log.committed(names.group, names.input)
    expect([...positions.values()]).toEqual(Array(1000).fill(1))
    expect(await valuesIn(log, names.output, 777)).toEqual(['777'])
  })

  test('that gives little which grows to much takes a bounded part of memory', async () => {
    const log = client({ compression: 'zstd' })
    const [topic, partitions, batchBytes] = [`bombs-${randomUUID()}`, 12, 40 * mebibyte]
    const spec = { partitions, cleanup: 'delete', owner: 'shoal', maxMessageBytes: 2 * batchBytes } as const
    await log.prepare([{ topic, ...spec }], true)
    for (let partition = 0; partition < partitions; partition++)
      await publishValues(log, topic, partition, ['0'.repeat(batchBytes)])
    const reader = client()
    const before = process.memoryUsage().arrayBuffers
    let most = 0
    let read = 0
    const { done } = reader.join(`${topic}-group`, topic, async (share) => {
      while (read < partitions) {
        const batches = await share.read({ maxEvents: 1, maxBytes: 1 })
        read += batches.reduce((sum, { count }) => sum + count, 0)
        // Once around the loop, so that all that has come is there.
        await systemClock.sleep(20)
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
})
