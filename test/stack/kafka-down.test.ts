/** A Kafka that is away: said in the health, waited for, and no reason to hang when the process is asked to stop. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startKafka } from '../../tools/stack/kafka.ts'
import type { Server } from '../../tools/stack/server.ts'
import { until } from '../pipeline/harness.ts'
import { goodJson } from '../poison/json-events.ts'
import { describeWith } from '../servers.ts'
import { newPayments, type Payments } from './payments.ts'
import type { ShoalProcess } from './shoal-process.ts'

describeWith(['kafka', 'registry', 'redis'], 'while Kafka is down', ({ registry, redis }) => {
  const folder = mkdtempSync(join(tmpdir(), 'shoal-kafka-down-test-'))
  let kafka: Server
  let payments: Payments
  let running: ShoalProcess

  beforeAll(async () => {
    kafka = await startKafka({ folder })
    payments = await newPayments({ kafka: kafka.address, redis, registry }, 'json')
    await payments.send(goodJson(300, 1))
    running = await payments.start()
    await payments.done(running)
  })

  afterAll(async () => {
    await payments?.discard()
    await kafka?.stop()
    rmSync(folder, { recursive: true })
  })

  async function healthBegins(words: string): Promise<void> {
    let health = ''
    await until(
      async () => {
        health = await running.health()
        return health.startsWith(words)
      },
      () => `the health ${words}: it was ${health}, and the process has said: ${running.said()}`,
      60_000,
    )
  }

  test('the process says so, and goes on when Kafka is back', async () => {
    expect(await running.health()).toBe('ready: serving')
    await kafka.stop()
    await healthBegins('not ready: degraded: kafka: ')
    kafka = await startKafka({ folder, port: kafka.port })
    await payments.send(goodJson(10, 2))
    await payments.done(running)
    await healthBegins('ready: serving')
    expect(await payments.read(payments.topics.deadLetters)).toEqual([])
    expect((await payments.read(payments.topics.assignments)).length).toBe(310)
  })

  test('the process stops when it is asked to, and has said nothing that is not a log line', async () => {
    await kafka.stop()
    await healthBegins('not ready: degraded: kafka: ')
    running.signal('SIGTERM')
    const { code, stdout, stderr } = await running.ended
    const lines = stderr.trim().split('\n')
    expect(lines.filter((line) => !line.startsWith('{"level":'))).toEqual([])
    expect([code, stdout]).toEqual([0, ''])
  })
})
