/** What a worker takes over when the earlier owner of some partitions vanished with a transaction open. */
import { randomUUID } from 'node:crypto'
import kafkajs from 'kafkajs'
import { afterAll, expect, test, vi } from 'vitest'
import { Cluster } from '../../src/adapters/kafka/cluster.ts'
import { kafkaLog } from '../../src/adapters/kafka/log.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import type { Positions, Share } from '../../src/runtime/ports.ts'
import { HeldMember, shared } from '../contract/event-log/world.ts'
import { describeWith } from '../servers.ts'
import { silentLog } from '../silent-log.ts'
import { newNames, publishValues, until } from './kafka-topics.ts'

describeWith(['kafka'], 'on a real broker', ({ kafka }) => {
  const transactionalId = randomUUID()
  const log = kafkaLog({
    brokers: [kafka],
    clientId: 'takeover',
    transactionalId,
    log: silentLog,
    clock: systemClock,
  })
  afterAll(() => log.close())

  test('a pending transaction of a vanished owner holds back its own partitions, and no others', async () => {
    const { input, group } = await newNames(log, 3)
    for (const partition of [0, 1, 2]) await publishValues(log, input, partition, ['a', 'b'])
    const vanished = new kafkajs.Kafka({
      brokers: [kafka],
      logLevel: kafkajs.logLevel.NOTHING,
      retry: { retries: 10, initialRetryTime: 20 },
    }).producer({ transactionalId: randomUUID(), maxInFlightRequests: 1, idempotent: true })
    await vanished.connect()
    const open = await vanished.transaction()
    const partitions = [{ partition: 1, offset: '1' }]
    await open.sendOffsets({ consumerGroupId: group, topics: [{ topic: input, partitions }] })

    const shares: Share[] = []
    let worked = 1 // What the vanished owner had done when its commit was accepted.
    const membership = log.join(group, input, async (share) => {
      shares.push(share)
      while (!share.ended.aborted) {
        const batches = await share.read({ maxEvents: 10, maxBytes: 1_000 })
        const next = new Map(batches.map(({ partition, nextOffset }) => [partition, nextOffset]))
        if (batches.length > 0) await share.begin().commit(next)
        for (const batch of batches) worked += batch.count
      }
    })
    await until('there is a share of what is free', () => shares[0]?.positions.size === 2)
    expect(shares[0].positions).toEqual(
      new Map([
        [0, 0],
        [2, 0],
      ]),
    )
    await open.commit()
    await until('everything is held', () => shares[0].positions.size === 3)
    expect(shares[0].positions.get(1)).toBe(1)
    expect(shares).toHaveLength(1)
    await until('everything is worked off', () => worked === 6)
    await membership.leave()
    expect(await log.committed(group, input)).toEqual(
      new Map([
        [0, 2],
        [1, 2],
        [2, 2],
      ]),
    )
    await vanished.disconnect()
  })

  test('a worker that is started again under its own id takes over at once what its former self left open', async () => {
    const { input, group } = await newNames(log, 1)
    await publishValues(log, input, 0, ['a', 'b'])
    const former = new kafkajs.Kafka({
      brokers: [kafka],
      logLevel: kafkajs.logLevel.NOTHING,
      retry: { retries: 10, initialRetryTime: 20 },
    }).producer({
      transactionalId: `${transactionalId}-${group}-a`,
      transactionTimeout: 600_000,
      maxInFlightRequests: 1,
      idempotent: true,
    })
    await former.connect()
    const open = await former.transaction()
    await open.sendOffsets({
      consumerGroupId: group,
      topics: [{ topic: input, partitions: [{ partition: 0, offset: '1' }] }],
    })
    const begun: Positions[] = []
    const membership = log.join(group, input, async (share) => {
      while (share.positions.size === 0) await share.changed()
      begun.push(share.positions)
    })
    await membership.done
    expect(begun).toEqual([new Map([[0, 0]])])
    await former.disconnect()
  })

  test('what one member gives up another has before the next usual heartbeat', async () => {
    const { input, group } = await newNames(log, 2)
    const logs = ['one', 'other'].map((name) =>
      kafkaLog({
        brokers: [kafka],
        clientId: name,
        transactionalId: randomUUID(),
        // Longer than the test waits.
        heartbeatIntervalMs: 120_000,
        sessionTimeoutMs: 360_000,
        log: silentLog,
        clock: systemClock,
      }),
    )
    const first = new HeldMember(logs[0], group, input)
    await first.share()
    const second = new HeldMember(logs[1], group, input)
    await shared([first, second], 2)
    await Promise.all([first.leave(), second.leave()])
    await Promise.all(logs.map((each) => each.close()))
  })

  test('a member that waits for a pending position after a rebalance says that it lives', async () => {
    const { input, group } = await newNames(log, 2)
    const beating = kafkaLog({
      brokers: [kafka],
      clientId: 'beating',
      transactionalId: randomUUID(),
      heartbeatIntervalMs: 50,
      log: silentLog,
      clock: systemClock,
    })
    const member = new HeldMember(beating, group, input)
    const [share] = await shared([member], 2)
    const foreign = new kafkajs.Kafka({
      brokers: [kafka],
      logLevel: kafkajs.logLevel.NOTHING,
      retry: { retries: 10, initialRetryTime: 20 },
    }).producer({ transactionalId: randomUUID(), maxInFlightRequests: 1, idempotent: true })
    await foreign.connect()
    const open = await foreign.transaction()
    const partitions = [{ partition: 0, offset: '0' }]
    await open.sendOffsets({ consumerGroupId: group, topics: [{ topic: input, partitions }] })
    const sending = vi.spyOn(Cluster.prototype, 'send')
    const beatOf = (each: unknown, i: number) =>
      sending.mock.calls[i][2].api === 'Heartbeat' && (each === seats || seats === undefined)
    let seats: unknown
    const beats = () => sending.mock.contexts.filter(beatOf)
    await until('it says that it lives', () => beats().length > 0)
    seats = beats()[0]
    const other = new HeldMember(log, group, input)
    await until('the next generation has formed', () => other.current !== null)
    sending.mockClear()
    await until('it has said so again and again', () => beats().length >= 5)
    expect(share.positions.size).toBe(2)
    sending.mockRestore()
    await open.abort()
    await shared([member, other], 2)
    expect([member.shares.length, share.ended.aborted]).toEqual([1, false])
    await Promise.all([member.leave(), other.leave()])
    await Promise.all([beating.close(), foreign.disconnect()])
  })
})
