/** What happens to a worker's transactions when requests and answers are lost, on brokers old and new. */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { kafkaLog } from '../../src/adapters/kafka/log.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { ShoalError } from '../../src/runtime/errors.ts'
import type { EventLog } from '../../src/runtime/ports.ts'
import { startKafka } from '../../tools/stack/kafka.ts'
import { freePort, type Server } from '../../tools/stack/server.ts'
import { Copier } from '../contract/event-log/copier.ts'
import { inFull } from '../faults/describe-faults.ts'
import { silentLog } from '../silent-log.ts'
import { type Fate, type FaultyWire, faultyWire } from './faulty-wire.ts'
import { newNames, publishValues, until, valuesIn } from './kafka-topics.ts'

const apis = {
  Produce: 0,
  Fetch: 1,
  ListOffsets: 2,
  Metadata: 3,
  OffsetFetch: 9,
  FindCoordinator: 10,
  JoinGroup: 11,
  Heartbeat: 12,
  SyncGroup: 14,
  InitProducerId: 22,
  AddPartitionsToTxn: 24,
  AddOffsetsToTxn: 25,
  EndTxn: 26,
  TxnOffsetCommit: 28,
} as const
const records = 2_000

/** With transaction.version 2 offsets join a transaction by being written. (Partitions do too, but there the broker asks itself.) */
const unused: Readonly<Record<string, readonly string[]>> = { '4.4.0': ['AddOffsetsToTxn'], '3.9.2': [] }

/** Numbers in [0, 1) (Steele et al., 2014, "SplitMix", in 32 bits). */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x9e3779b9) | 0
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad)
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97)
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32
  }
}

describe.each(inFull(['4.4.0', '3.9.2'], ['4.4.0']))('on Kafka %s', (version) => {
  let wire: FaultyWire
  let broker: Server
  const logs: EventLog[] = []

  beforeAll(async () => {
    wire = await faultyWire()
    const port = await freePort()
    wire.broker = port
    broker = await startKafka({
      version,
      port,
      properties: { 'advertised.listeners': `PLAINTEXT://127.0.0.1:${wire.port}` },
    })
  })
  afterAll(async () => {
    wire.judge = () => 'pass'
    await Promise.all(logs.map((log) => log.close()))
    await broker?.stop()
    await wire.close()
  })

  function client(): EventLog {
    const log = kafkaLog({
      brokers: [`127.0.0.1:${wire.port}`],
      clientId: 'faults',
      transactionalId: randomUUID(),
      heartbeatIntervalMs: 20,
      rebalanceTimeoutMs: 5_000,
      log: silentLog,
      clock: systemClock,
    })
    logs.push(log)
    return log
  }

  /** A worker as the supervisor keeps one: joined again after what time mends. */
  async function copyAll(input: string, output: string, group: string): Promise<void> {
    let copied = 0
    while (copied < records) {
      const copier = new Copier(client(), group, input, output)
      copier.allow(records - copied)
      const ended = copier.membership.done.catch((error) => {
        if (!(error instanceof ShoalError && error.retriable)) throw error
      })
      await Promise.race([ended, until('all is copied', () => copied + copier.copied >= records)])
      wire.judge = () => 'pass'
      await copier.membership.leave()
      copied = (await committedIn(input, group)) ?? copied
    }
  }

  async function committedIn(input: string, group: string): Promise<number> {
    const positions = await logs[0].committed(group, input)
    return [...positions.values()].reduce((a, b) => a + b, 0)
  }

  async function filled() {
    const log = client()
    const names = await newNames(log, 2)
    const values = Array.from({ length: records / 2 }, (_, i) => `v-${i}`)
    for (const partition of [0, 1]) await publishValues(log, names.input, partition, values)
    return { log, values, ...names }
  }

  const kinds = Object.entries(apis).flatMap(([name, key]) =>
    (['lose the request', 'lose the answer'] as const).map((fate) => [name, fate, key] as const),
  )

  test.each(kinds)(
    'each record is committed once when %s has to %s, at first and then one time in three',
    async (name, fate, key) => {
      const { log, values, input, output, group } = await filled()
      const random = seeded(key)
      const before = wire.cuts
      let first = true
      wire.judge = (apiKey): Fate => {
        if (apiKey !== key || !(first || random() < 1 / 3)) return 'pass'
        first = false
        return fate
      }
      await copyAll(input, output, group)
      for (const partition of [0, 1]) expect(await valuesIn(log, output, partition)).toEqual(values)
      if (!unused[version].includes(name)) expect(wire.cuts).toBeGreaterThan(before)
    },
  )

  test('each record is committed once when anything may be lost at any time', async () => {
    const { log, values, input, output, group } = await filled()
    const random = seeded(4711)
    wire.judge = (): Fate => (random() > 0.1 ? 'pass' : random() < 0.5 ? 'lose the request' : 'lose the answer')
    await copyAll(input, output, group)
    for (const partition of [0, 1]) expect(await valuesIn(log, output, partition)).toEqual(values)
  })
})
