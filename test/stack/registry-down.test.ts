/** A registry that is down is no fault of an event: what cannot be read yet waits. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startRegistry } from '../../tools/stack/registry.ts'
import type { Server } from '../../tools/stack/server.ts'
import { decodeAssignment, until } from '../pipeline/harness.ts'
import { avroDamage } from '../poison/avro-damage.ts'
import { goodAvro } from '../poison/avro-events.ts'
import type { WriterIds } from '../poison/avro-writers.ts'
import { describeWith } from '../servers.ts'
import { newPayments, type Payments, registerWriters } from './payments.ts'
import type { ShoalProcess } from './shoal-process.ts'

describeWith(['kafka', 'redis'], 'while the registry is down', ({ kafka, redis }) => {
  const folder = mkdtempSync(join(tmpdir(), 'shoal-registry-test-'))
  let registry: Server
  let ids: WriterIds
  let payments: Payments
  let running: ShoalProcess

  beforeAll(async () => {
    registry = await startRegistry({ folder })
    ids = await registerWriters(registry.address)
    payments = await newPayments({ kafka, redis, registry: registry.address }, 'avro')
    await payments.send(goodAvro(ids, 300, 1))
    running = await payments.start()
    await payments.done(running)
  })

  afterAll(async () => {
    await payments?.discard()
    await registry?.stop()
    rmSync(folder, { recursive: true })
  })

  test('events of a known schema go on, the partition with a new one waits alone, without a dead letter, and goes on once it is back', async () => {
    await registry.stop()
    await payments.send(goodAvro(ids, 10, 2))
    await payments.done(running)
    expect(await running.health()).toBe('ready: serving')

    const [unread] = avroDamage(ids).filter(({ name }) => name === 'it has a block of 200 million nulls')
    await payments.send(goodAvro(ids, 10, 3).flatMap((known) => [known, unread]))
    let health = ''
    await until(
      async () => {
        health = await running.health()
        return health.startsWith('ready: degraded: registry: ')
      },
      () => `the process says that the registry is gone: it said ${health}`,
    )
    const assignments = async () => (await payments.read(payments.topics.assignments)).map(decodeAssignment)
    await until(
      async () => (await assignments()).length === 320,
      () => 'the outcomes of the partition whose schema is known',
    )
    const waiting = payments.sent.filter(({ name }) => name === unread.name)
    expect(waiting.map(({ partition }) => partition)).toEqual(Array.from({ length: 10 }, () => 1))
    expect(await payments.read(payments.topics.deadLetters)).toEqual([])

    registry = await startRegistry({ folder, port: registry.port })
    await payments.done(running)
    expect(await running.health()).toBe('ready: serving')
    expect(await payments.read(payments.topics.deadLetters)).toEqual([])
    const place = ({ partition, offset }: { partition: number; offset: number }) => [partition, offset]
    expect((await assignments()).map(place)).toEqual(
      [0, 1].flatMap((p) => payments.sent.filter((e) => e.partition === p).map(place)),
    )
  })
})
