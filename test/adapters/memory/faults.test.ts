/** What happens on the way to the log, and what time does to those who are not heard. */
import { expect, test, vi } from 'vitest'
import type { MemoryClient } from '../../../src/adapters/memory/client.ts'
import { MemoryCluster } from '../../../src/adapters/memory/cluster.ts'
import { OutputColumns } from '../../../src/adapters/memory/outputs.ts'
import { MemoryReader } from '../../../src/adapters/memory/reader.ts'
import type { Request, Wire } from '../../../src/adapters/memory/wire.ts'
import { ShoalError } from '../../../src/runtime/errors.ts'
import type { EventLog, Share } from '../../../src/runtime/ports.ts'
import { HeldMember, numbered, publishValues, shared, take, until, visibleIn } from '../../contract/event-log/world.ts'
import { ManualClock } from '../../runtime/manual-clock.ts'
import { recordedLog } from '../../runtime/recorded-log.ts'

async function startWorld() {
  const clock = new ManualClock()
  const log = recordedLog()
  const cluster = new MemoryCluster({ clock, log, sessionTimeoutMs: 10_000, transactionTimeoutMs: 60_000 })
  const observer = cluster.client()
  const spec = { partitions: 2, cleanup: 'delete', owner: 'shoal' } as const
  await observer.prepare(
    [
      { ...spec, topic: 'in' },
      { ...spec, topic: 'out' },
    ],
    true,
  )
  return { clock, log, cluster, observer, member: (client: EventLog) => new HeldMember(client, 'group', 'in') }
}

/** A wire that does `fault` to one kind of request, and else delivers in the next turn. */
function wireWith(clock: ManualClock, request: Request, fault: <T>(deliver: () => T | Promise<T>) => Promise<T>): Wire {
  return async (sent, deliver) => {
    await clock.yield()
    return sent === request ? fault(deliver) : deliver()
  }
}

const lost = () => Promise.reject(new ShoalError('log.unavailable', 'a test has cut the wire'))

function fill(share: Share, value: string) {
  const transaction = share.begin()
  for (const partition of [0, 1]) {
    transaction.append({ topic: 'out', partition, key: null, value: Buffer.from(value), timestamp: 1 })
  }
  return transaction
}

test('a transaction that is left open is aborted by its timeout, and no sooner', async () => {
  const { clock, cluster, observer, log } = await startWorld()
  const transaction = cluster.begin()
  const outputs = new OutputColumns()
  outputs.append({ topic: 'out', partition: 0, key: null, value: Buffer.from('abandoned'), timestamp: 1 })
  cluster.accept(outputs, (partition, records) => transaction.write(partition, records))
  await publishValues(observer, 'out', 0, ['behind it'])
  clock.advance(59_999)
  expect(await visibleIn(observer, 'out', 0)).toEqual([])
  clock.advance(1)
  await clock.yield()
  expect(await visibleIn(observer, 'out', 0)).toEqual(['behind it'])
  expect(() => transaction.commit()).toThrow(expect.objectContaining({ code: 'log.fenced' }))
  expect(log.lines.map(({ level }) => level)).toEqual(['warn'])
})

test('a member that is silent for longer than the session timeout is a zombie', async () => {
  const { clock, cluster, observer, member } = await startWorld()
  const client = cluster.client()
  const silent = member(client)
  const [share] = await shared([silent], 2)
  const speakAgain = client.fallSilent()
  const heir = member(cluster.client())
  clock.advance(9_999)
  await clock.yield()
  expect(heir.shares).toHaveLength(0)
  clock.advance(1)
  await shared([heir], 2)
  expect(share.ended.aborted).toBe(false)
  await expect(fill(share, 'of a zombie').commit(new Map([[0, 1]]))).rejects.toMatchObject({ code: 'log.fenced' })
  expect(await visibleIn(observer, 'out', 0)).toEqual([])
  expect(share.ended.aborted).toBe(true)
  speakAgain()
  await shared([silent, heir], 2)
})

test('a member that is heard again within the session timeout keeps its share', async () => {
  const { clock, cluster, observer, member } = await startWorld()
  const client = cluster.client()
  const silent = member(client)
  const [share] = await shared([silent], 2)
  const speakAgain = client.fallSilent()
  clock.advance(9_999)
  await clock.yield()
  speakAgain()
  clock.advance(100_000)
  await clock.yield()
  expect(share.ended.aborted).toBe(false)
  await fill(share, 'kept').commit(new Map([[0, 1]]))
  expect(await visibleIn(observer, 'out', 0)).toEqual(['kept'])
})

/** A member that has read all there is, and neither commits it nor returns when its share has ended. */
async function stubbornMember({ cluster, observer, member }: Awaited<ReturnType<typeof startWorld>>) {
  for (const partition of [0, 1]) await publishValues(observer, 'in', partition, ['a'])
  const stubborn = member(cluster.client())
  stubborn.stubborn = true
  const [share] = await shared([stubborn], 2)
  await take(share, 2)
  return { stubborn, share }
}

test('a member that does not finish what it gives up, nor returns then, is out of the group in time, and somebody is told', async () => {
  const world = await startWorld()
  const { clock, cluster, log, member } = world
  const { stubborn, share } = await stubbornMember(world)
  const heir = member(cluster.client())
  await vi.waitFor(() => expect(share.positions.size).toBe(1))
  await clock.yield()
  clock.advance(9_999)
  await clock.yield()
  expect([share.ended.aborted, heir.current?.positions.size]).toEqual([false, 0])
  clock.advance(1)
  await vi.waitFor(() => expect(share.ended.aborted).toBe(true))
  clock.advance(9_999)
  await clock.yield()
  expect(heir.current?.positions.size).toBe(0)
  clock.advance(1)
  await shared([heir], 2)
  expect(log.lines.filter(({ level }) => level === 'warn')).toHaveLength(1)
  expect(stubborn.shares).toHaveLength(1)
})

test.each<Request>(['produce', 'stage'])(
  'a commit whose %s is lost has done nothing, and no later one passes it',
  async (request) => {
    const { clock, cluster, observer, member } = await startWorld()
    const worker = member(cluster.client(wireWith(clock, request, lost)))
    const [share] = await shared([worker], 2)
    const commits = [fill(share, 'first').commit(new Map([[0, 1]])), fill(share, 'second').commit(new Map([[0, 2]]))]
    const outcomes = await Promise.allSettled(commits)
    const failed = { status: 'rejected', reason: expect.objectContaining({ code: 'log.unavailable' }) }
    expect(outcomes).toEqual([failed, failed])
    expect(await visibleIn(observer, 'out', 0)).toEqual([])
    expect(await observer.committed('group', 'in')).toEqual(new Map())
  },
)

test('a commit whose answer is lost has happened, and who joins next starts after it', async () => {
  const { clock, cluster, observer, member } = await startWorld()
  const answerLost = wireWith(clock, 'end', async (deliver) => {
    await deliver()
    return lost()
  })
  const worker = member(cluster.client(answerLost))
  const [share] = await shared([worker], 2)
  const [first, second] = [fill(share, 'first'), fill(share, 'second')]
  await expect(first.commit(new Map([[0, 1]]))).rejects.toMatchObject({ code: 'log.unavailable' })
  await expect(second.commit(new Map([[0, 2]]))).rejects.toMatchObject({ code: 'log.unavailable' })
  const done = expect(worker.membership.done).rejects.toMatchObject({ code: 'log.unavailable' })
  worker.fail(0, new ShoalError('log.unavailable', 'what the commit said'))
  await done
  const heir = member(cluster.client())
  expect((await shared([heir], 2))[0].positions).toEqual(
    new Map([
      [0, 1],
      [1, 0],
    ]),
  )
  expect(await visibleIn(observer, 'out', 1)).toEqual(['first'])
})

test('a process killed in the middle of a commit holds its heir up until the transaction times out, and no longer', async () => {
  const { clock, cluster, observer, member } = await startWorld()
  const reached = vi.fn()
  const never = () => {
    reached()
    return new Promise<never>(() => {})
  }
  const client: MemoryClient = cluster.client(wireWith(clock, 'end', never))
  const killed = member(client)
  const [share] = await shared([killed], 2)
  void fill(share, 'of the dead').commit(
    new Map([
      [0, 5],
      [1, 5],
    ]),
  )
  await vi.waitFor(() => expect(reached).toHaveBeenCalledOnce())
  client.fallSilent()
  const heir = member(cluster.client())
  clock.advance(10_000)
  await clock.yield()
  await clock.yield()
  expect(heir.current?.positions.size ?? 0).toBe(0)
  clock.advance(50_000)
  expect((await shared([heir], 2))[0].positions).toEqual(
    new Map([
      [0, 0],
      [1, 0],
    ]),
  )
  expect(await visibleIn(observer, 'out', 0)).toEqual([])
})

test('a member whose leave is lost is missed after the session timeout', async () => {
  const { clock, cluster, member } = await startWorld()
  const leaving = member(cluster.client(wireWith(clock, 'leave', lost)))
  const staying = member(cluster.client())
  await shared([leaving, staying], 2)
  await leaving.leave()
  clock.advance(10_000)
  await shared([staying], 2)
})

const swallowed = () => new Promise<never>(() => {})

test('a member that dies before it learns of its seat is missed after the session timeout', async () => {
  const { clock, cluster, member } = await startWorld()
  const answered = vi.fn()
  const client = cluster.client(
    wireWith(clock, 'join', async (deliver) => {
      await deliver()
      answered()
      return swallowed()
    }),
  )
  member(client)
  await vi.waitFor(() => expect(answered).toHaveBeenCalledOnce())
  client.fallSilent()
  const heir = member(cluster.client())
  clock.advance(10_000)
  await shared([heir], 2)
})

test('a member that dies while it leaves is missed after the session timeout', async () => {
  const { clock, cluster, member } = await startWorld()
  const asked = vi.fn()
  const client = cluster.client(
    wireWith(clock, 'leave', () => {
      asked()
      return swallowed()
    }),
  )
  const leaving = member(client)
  await shared([leaving], 2)
  void leaving.leave()
  await vi.waitFor(() => expect(asked).toHaveBeenCalledOnce())
  client.fallSilent()
  const heir = member(cluster.client())
  clock.advance(10_000)
  await shared([heir], 2)
})

test('of a join that arrives twice one seat is taken, and the other is missed', async () => {
  const { clock, cluster, member } = await startWorld()
  const twice = member(
    cluster.client(
      wireWith(clock, 'join', async (deliver) => {
        void deliver()
        return deliver()
      }),
    ),
  )
  await vi.waitFor(() => {
    clock.advance(1_000)
    expect(twice.shares).toHaveLength(1)
  })
  await shared([twice], 2)
})

test('who reads when the last partition goes is given nothing of one that has come back since', async () => {
  const { clock, cluster, observer } = await startWorld()
  await publishValues(observer, 'in', 0, ['before', 'after'])
  const answers: (() => void)[] = []
  const wire: Wire = async (_, deliver) => {
    const answer = await deliver()
    await new Promise<void>((resolve) => answers.push(resolve))
    return answer
  }
  const reader = new MemoryReader(cluster, wire, 'in', null)
  reader.add(new Map([[0, 0]]))
  const reading = reader.read({ maxEvents: 1, maxBytes: 1000 })
  await vi.waitFor(() => expect(answers).toHaveLength(1))
  reader.remove(0)
  reader.add(new Map([[0, 1]]))
  answers[0]()
  expect(await reading).toEqual([])
  const again = reader.read({ maxEvents: 1, maxBytes: 1000 })
  await vi.waitFor(() => expect(answers).toHaveLength(2))
  answers[1]()
  expect((await again).map(({ offset }) => offset[0])).toEqual([1])
  expect(clock.sleepers).toBe(0)
})

test('a commit waits for the one before it, however long that takes', async () => {
  const { clock, cluster, observer, member } = await startWorld()
  const held: (() => void)[] = []
  const holdFirst = wireWith(clock, 'produce', async (deliver) => {
    if (held.length === 0) await new Promise<void>((resolve) => held.push(resolve))
    return deliver()
  })
  const worker = member(cluster.client(holdFirst))
  const [share] = await shared([worker], 2)
  const commits = [fill(share, 'first').commit(new Map([[0, 1]])), fill(share, 'second').commit(new Map([[0, 2]]))]
  await vi.waitFor(() => expect(held).toHaveLength(1))
  for (let turn = 0; turn < 20; turn++) await clock.yield()
  expect(await visibleIn(observer, 'out', 0)).toEqual([])
  held[0]()
  await Promise.all(commits)
  expect(await visibleIn(observer, 'out', 0)).toEqual(['first', 'second'])
  expect((await observer.committed('group', 'in')).get(0)).toBe(2)
})

test('nothing sleeps for what has ended', async () => {
  const { clock, cluster, member } = await startWorld()
  const [a, b] = [member(cluster.client()), member(cluster.client())]
  const [share] = await shared([a, b], 2)
  await fill(share, 'committed').commit(new Map([[[...share.positions.keys()][0], 1]]))
  await Promise.all([a.leave(), b.leave()])
  expect(clock.sleepers).toBe(0)
})

test('a member may leave while others keep it waiting for a share', async () => {
  const world = await startWorld()
  const { share } = await stubbornMember(world)
  const waiting = world.member(world.cluster.client())
  await vi.waitFor(() => expect(share.positions.size).toBe(1))
  await waiting.leave()
  expect(waiting.shares.map(({ positions }) => positions.size)).toEqual([0])
})

test('a member that leaves while it waits for its share is gone', async () => {
  const { cluster, member, observer } = await startWorld()
  const pending = cluster.begin()
  pending.stageUnfenced(cluster.group('group', 'in'), new Map([[0, 1]]))
  const waiting = member(cluster.client())
  const elsewhere = new HeldMember(observer, 'other', 'in')
  await elsewhere.share()
  await waiting.leave()
  pending.commit()
  const next = member(cluster.client())
  expect((await shared([next], 2))[0].positions).toEqual(
    new Map([
      [0, 1],
      [1, 0],
    ]),
  )
  expect(waiting.shares.map(({ positions }) => [...positions.keys()])).toEqual([[1]])
})

test('a commit that waits for its seat waits for the markers of the transaction before, too, and its share goes on', async () => {
  const { clock, cluster, member, observer } = await startWorld()
  const staying = member(cluster.client())
  const [share] = await shared([staying], 2)
  // As on Kafka, where a commit is acknowledged before the markers are with the group.
  const before = cluster.begin()
  before.stageUnfenced(cluster.group('group', 'in'), new Map([[0, 0]]))
  const joining = member(cluster.client())
  await until('the next generation has formed', () => joining.current)
  const commit = fill(share, 'after the markers').commit(new Map([[0, 1]]))
  const pass = async () => {
    for (let turn = 0; turn < 20; turn++) {
      await clock.yield()
      clock.advance(10)
    }
  }
  await pass()
  before.abort()
  await pass()
  await commit
  expect(share.ended.aborted).toBe(false)
  expect(await visibleIn(observer, 'out', 0)).toEqual(['after the markers'])
})

test('a busy worker leaves turns of the event loop to others', async () => {
  const { cluster, observer } = await startWorld()
  await publishValues(observer, 'in', 0, numbered('v', 0, 1000))
  let others = 0
  const busy = new Promise<void>((resolve) => {
    cluster.client().join('group', 'in', async (share) => {
      for (let i = 0; i < 100; i++) await share.read({ maxEvents: 1, maxBytes: 1000 })
      resolve()
      await until('never', () => share.ended.aborted).catch(() => undefined)
    })
  })
  const turn = () => {
    others++
    if (others < 1e6) setImmediate(turn)
  }
  turn()
  await busy
  expect(others).toBeGreaterThanOrEqual(100)
  others = 1e6
})
