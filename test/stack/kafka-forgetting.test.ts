/**
 * A transaction that Kafka has forgotten: its records stand in a partition of which the coordinator does not know. Here
 * they get there because this broker does not ask the coordinator before it takes a record of version 1.
 */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { Cluster } from '../../src/adapters/kafka/cluster.ts'
import { kafkaLog } from '../../src/adapters/kafka/log.ts'
import { settingsOf } from '../../src/adapters/kafka/options.ts'
import { OutputSet } from '../../src/adapters/kafka/output-set.ts'
import { produceRounds } from '../../src/adapters/kafka/producer.ts'
import { settle, TransactionalId } from '../../src/adapters/kafka/transactional-id.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import type { EventLog } from '../../src/runtime/ports.ts'
import { type KafkaServer, startKafka } from '../../tools/stack/kafka.ts'
import { silentLog } from '../silent-log.ts'
import { newNames, valuesIn } from './kafka-topics.ts'

const deadline = () => Date.now() + 30_000
const endVersion = 4

describe('a transaction that Kafka has forgotten', () => {
  let server: KafkaServer
  let cluster: Cluster
  let log: EventLog

  beforeAll(async () => {
    server = await startKafka({ properties: { 'transaction.partition.verification.enable': 'false' } })
    const options = { clientId: 'forgetting', transactionalId: randomUUID(), log: silentLog, clock: systemClock }
    const settings = settingsOf({ brokers: [server.address], ...options })
    cluster = new Cluster(settings)
    log = kafkaLog({ brokers: [server.address], ...options })
    await cluster.connect([], deadline())
  })
  afterAll(async () => {
    await log?.close()
    await cluster?.close()
    await server?.stop()
  })

  /** An initialised id, and topics in which nothing is known to the coordinator but what a test tells it. */
  async function started() {
    const { input, output, group } = await newNames(log, 1)
    await cluster.know([input, output])
    const wire: { losesEnds: boolean } = { losesEnds: false }
    const id = new TransactionalId(randomUUID(), losing(cluster, wire), systemClock, 30_000)
    await id.initialise(deadline())
    const positions = new Map([[0, 1]])
    const begin = () => id.begin({ partitions: new Map([[output, [0]]]), group, topic: input, positions })
    const write = (value: string) => {
      const outputs = new OutputSet(() => 1_000_000, true)
      outputs.append({ topic: output, partition: 0, key: null, value: Buffer.from(value), timestamp: Date.now() })
      const { who, sequences } = id
      const context = { cluster, clock: systemClock, transactionalId: id.id, who, sequences, version: 11 }
      return produceRounds(outputs.rounds(), { ...context, deadlineMs: deadline() })
    }
    const move = async () => {
      await id.addOffsets(group, deadline())
      const commit = { group, topic: input, generation: -1, memberId: '', positions }
      await id.commitOffsets(commit, endVersion, deadline())
    }
    const commitNext = async (value: string) => {
      begin()
      await id.addPartitions(new Map([[output, [0]]]), deadline())
      await write(value)
      await id.end(true, endVersion, deadline())
    }
    /** The commit reaches the coordinator; its answer never comes. */
    const commitUnheard = async () => {
      wire.losesEnds = true
      await expect(id.end(true, endVersion, Date.now() + 500)).rejects.toMatchObject({ code: 'log.unavailable' })
      wire.losesEnds = false
    }
    const open = async () => {
      const at = { topic: output, partition: 0 }
      return (await log.written(at)) - (await log.bounds(at)).end
    }
    /** The markers are written after the end has been answered. */
    const mustClose = () => vi.waitFor(async () => expect(await open()).toBe(0), { timeout: 30_000, interval: 10 })
    return {
      id,
      begin,
      write,
      move,
      commitNext,
      commitUnheard,
      open,
      mustClose,
      values: () => valuesIn(log, output, 0),
    }
  }

  test('becomes visible with the next commit of its producer when nobody ends it', async () => {
    const { id, write, commitNext, open, values } = await started()
    await write('forgotten')
    await id.initialise(deadline())
    expect(await open()).toBe(1)
    await commitNext('next')
    expect(await values()).toEqual(['forgotten', 'next'])
  })

  test('is ended by the id that goes on, and never seen', async () => {
    const { id, begin, write, commitNext, mustClose, values } = await started()
    begin()
    await write('forgotten')
    id.doubt()
    await id.initialise(deadline())
    await mustClose()
    await commitNext('next')
    expect(await values()).toEqual(['next'])
  })

  test('is never seen either when its commit was asked for and its positions have not moved', async () => {
    const { id, begin, write, commitNext, commitUnheard, mustClose, values } = await started()
    begin()
    await write('forgotten')
    await commitUnheard()
    await id.initialise(deadline())
    await mustClose()
    await commitNext('next')
    expect(await values()).toEqual(['next'])
  })

  test('is committed once more, and seen, when its commit was answered before it was forgotten', async () => {
    const { id, begin, write, move, open, mustClose, values } = await started()
    begin()
    await write('forgotten')
    await move()
    await id.end(true, endVersion, deadline())
    expect(await open()).toBe(1)
    await settle([id], deadline())
    await mustClose()
    expect(await values()).toEqual(['forgotten'])
  })

  test('is committed once more when its positions have moved: its events will not come again', async () => {
    const { id, begin, write, move, commitNext, commitUnheard, mustClose, values } = await started()
    begin()
    await write('forgotten')
    await move()
    await commitUnheard()
    await settle([id], deadline())
    await mustClose()
    await commitNext('next')
    expect(await values()).toEqual(['forgotten', 'next'])
  })
})

/** The same connections, over which the answers to EndTxn are lost while `wire` says so. */
function losing(cluster: Cluster, wire: { readonly losesEnds: boolean }): Cluster {
  const send: Cluster['send'] = async (node, on, request) => {
    const answer = await cluster.send(node, on, request)
    if (wire.losesEnds && request.api === 'EndTxn') throw new Error('the connection was cut before the answer came')
    return answer
  }
  return new Proxy(cluster, {
    get: (of, name) => {
      if (name === 'send') return send
      const value: unknown = Reflect.get(of, name, of)
      return typeof value === 'function' ? value.bind(of) : value
    },
  })
}
