/** What is asked of a real coordinator when a member leaves before it is seated. */
import { randomUUID } from 'node:crypto'
import kafkajs from 'kafkajs'
import { afterAll, beforeEach, expect, test, vi } from 'vitest'
import { Cluster } from '../../src/adapters/kafka/cluster.ts'
import { kafkaLog } from '../../src/adapters/kafka/log.ts'
import { persist } from '../../src/adapters/kafka/persistence.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { describeWith } from '../servers.ts'
import { silentLog } from '../silent-log.ts'
import { newNames, until } from './kafka-topics.ts'
import { RawMember } from './raw-member.ts'

describeWith(['kafka'], 'a member that leaves', ({ kafka }) => {
  const log = kafkaLog({
    brokers: [kafka],
    clientId: 'leaving',
    transactionalId: randomUUID(),
    log: silentLog,
    clock: systemClock,
  })
  const others = new Cluster({
    kafka: new kafkajs.Kafka({ brokers: [kafka], logLevel: kafkajs.logLevel.NOTHING }),
    onThrottled: () => undefined,
    meter: (_request, work) => work(),
    clock: systemClock,
  })
  const { send } = Cluster.prototype
  const sending = vi.spyOn(Cluster.prototype, 'send')
  const asked = () => sending.mock.calls.map(([, , { api }]) => api).filter((api) => /^(Join|Leave)Group$/.test(api))
  beforeEach(() => {
    sending.mockClear()
  })
  afterAll(async () => {
    sending.mockRestore()
    await Promise.all([log.close(), others.close()])
  })

  test('while its JoinGroup is held back does not join once more when that is answered', async () => {
    const { input, group } = await newNames(log, 1)
    await others.connect([input], systemClock.now() + 30_000)
    // It never joins again, and so the next generation does not form. A coordinator that has just started refuses it at first.
    const first = new RawMember(others, group, { assignor: 'shoal-sticky' })
    const joining = async () => ({ error: await first.join() })
    await persist('joining', joining, { clock: systemClock, deadlineMs: systemClock.now() + 30_000 })
    sending.mockClear()
    const membership = log.join(group, input, async () => undefined)
    await until('it has an id, and joins under it', () => asked().length === 2)
    await membership.leave()
    expect(asked()).toEqual(['JoinGroup', 'JoinGroup', 'LeaveGroup'])
  })

  test('before the coordinator has told it its id gives that back', async () => {
    const { input, group } = await newNames(log, 1)
    const asking = Promise.withResolvers<void>()
    sending.mockImplementation(function (this: Cluster, node, to, request) {
      const answered = send.call(this, node, to, request)
      if (request.api === 'JoinGroup') asking.resolve()
      return answered
    })
    const membership = log.join(group, input, async () => undefined)
    await asking.promise
    await membership.leave()
    expect(asked()).toEqual(['JoinGroup', 'LeaveGroup'])
  })
})
