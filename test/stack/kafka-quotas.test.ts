/** Quotas (KIP-13, KIP-124, KIP-599): a client that is held back waits as it is told, stays a member, and loses nothing. */
import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { kafkaLog } from '../../src/adapters/kafka/log.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import type { EventLog } from '../../src/runtime/ports.ts'
import { startKafka } from '../../tools/stack/kafka.ts'
import type { Server } from '../../tools/stack/server.ts'
import { Copier } from '../contract/event-log/copier.ts'
import { goodJson } from '../poison/json-events.ts'
import { describeWith } from '../servers.ts'
import { silentLog } from '../silent-log.ts'
import { type ClusterAdmin, clusterAdmin } from './cluster-admin.ts'
import { newNames, publishValues, until, valuesIn } from './kafka-topics.ts'
import { newPayments } from './payments.ts'

const sessionTimeoutMs = 3_000
const transactionTimeoutMs = 3_000

let broker: Server
let admin: ClusterAdmin
const logs: EventLog[] = []

beforeAll(async () => {
  // Rates over two seconds instead of eleven: what goes over is soon held back, and soon forgotten.
  broker = await startKafka({ properties: { 'quota.window.num': '2', 'controller.quota.window.num': '2' } })
  admin = await clusterAdmin(broker.address)
})
afterEach(() => Promise.all(logs.splice(0).map((log) => log.close())))
afterAll(async () => {
  await admin?.close()
  await broker?.stop()
})

function open(clientId: string, onThrottled: (ms: number) => void = () => undefined): EventLog {
  const log = kafkaLog({
    brokers: [broker.address],
    clientId,
    transactionalId: randomUUID(),
    sessionTimeoutMs,
    transactionTimeoutMs,
    onThrottled,
    log: silentLog,
    clock: systemClock,
  })
  logs.push(log)
  return log
}

describe('a worker that is held back', () => {
  /** Copies three hundred records of a kilobyte under a quota; gives for how long it was asked to hold back, time by time. */
  async function copiesUnder(quota: string, value: number): Promise<readonly number[]> {
    const throttled: number[] = []
    const free = open('free')
    const { input, output, group } = await newNames(free, 1)
    const values = Array.from({ length: 300 }, (_, i) => `${i} `.padEnd(1000, 'x'))
    // A batch above the quota of a whole window would never be given to a reader.
    for (let i = 0; i < values.length; i += 20) await publishValues(free, input, 0, values.slice(i, i + 20))
    const clientId = `held-${randomUUID()}`
    await admin.ask('quota', clientId, quota, value)
    const copier = new Copier(
      open(clientId, (ms) => throttled.push(ms)),
      group,
      input,
      output,
    )
    copier.allow(values.length)
    await until('all is copied', () => copier.copied === values.length)
    expect(copier.shares).toBe(1)
    await copier.membership.leave()
    await admin.ask('quota', clientId, quota, '-')
    expect(await valuesIn(free, output, 0)).toEqual(values)
    return throttled
  }

  test('in what it writes, for longer than a session and a transaction may last, stays a member and commits', async () => {
    expect(Math.max(...(await copiesUnder('producer_byte_rate', 20_000)))).toBeGreaterThan(transactionTimeoutMs)
  })

  test('in what it reads stays a member and copies all', async () => {
    // A broker gives less when it holds back, so that it never holds back for long at a time.
    const throttled = await copiesUnder('consumer_byte_rate', 50_000)
    expect(throttled.reduce((sum, ms) => sum + ms)).toBeGreaterThan(sessionTimeoutMs)
  })

  test('in how often it may ask stays a member and copies all', async () => {
    expect((await copiesUnder('request_percentage', 0.5)).length).toBeGreaterThan(0)
  })
})

test('topics are created in the end, however slowly a cluster lets them be', async () => {
  const throttled: number[] = []
  const clientId = `held-${randomUUID()}`
  await admin.ask('quota', clientId, 'controller_mutation_rate', 5)
  const log = open(clientId, (ms) => throttled.push(ms))
  const { input, output } = await newNames(log, 20)
  expect(throttled.length).toBeGreaterThan(0)
  for (const topic of [input, output]) expect(await log.describe(topic)).toMatchObject({ partitions: 20 })
})

describeWith(['registry', 'redis'], 'shoal run under a quota', ({ registry, redis }) => {
  test('says for how long it was held back, and gives every event its outcome', async () => {
    const payments = await newPayments({ kafka: broker.address, redis, registry }, 'json')
    const running = await payments.start()
    try {
      await admin.ask('quota', running.name, 'producer_byte_rate', 20_000)
      await payments.send(goodJson(1000, 1))
      await payments.done(running)
      expect(await running.metric('shoal_throttled_seconds_total')).toBeGreaterThan(0)
      expect((await payments.read(payments.topics.assignments)).length).toBe(1000)
    } finally {
      await payments.discard()
    }
  })
})
