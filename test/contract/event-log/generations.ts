import { expect, test } from 'vitest'
import { ShoalError } from '../../../src/runtime/errors.ts'
import type { LogWorld } from './world.ts'
import {
  HeldMember,
  newTopic,
  numbered,
  partitionsOf,
  publishValues,
  shared,
  take,
  until,
  valuesIn,
  whenAborted,
} from './world.ts'

export function generationTheorems(world: () => LogWorld): void {
  async function inputOf(partitions: number, records: number) {
    const log = world().client()
    const input = await newTopic(world(), log, partitions, 'input')
    const output = await newTopic(world(), log, partitions, 'output')
    for (let partition = 0; partition < partitions; partition++) {
      if (records > 0) await publishValues(log, input, partition, numbered(`p${partition}`, 0, records))
    }
    const group = world().topicName('group')
    return { log, input, output, group, member: () => new HeldMember(world().client(), group, input) }
  }
  const record = (topic: string, partition: number, value: string) => ({
    topic,
    partition,
    key: null,
    value: Buffer.from(value),
    timestamp: 7,
  })

  test('two members share the partitions about evenly, each partition owned once', async () => {
    const { member } = await inputOf(5, 0)
    const members = [member(), member()]
    const shares = await shared(members, 5)
    expect(shares.map((share) => share.positions.size).sort()).toEqual([2, 3])
    await Promise.all(members.map((each) => each.leave()))
  })

  test('a member beyond the number of partitions holds nothing, and takes over when one leaves', async () => {
    const { member } = await inputOf(1, 3)
    const members = [member(), member()]
    const shares = await shared(members, 1)
    const idle = shares[0].positions.size === 0 ? 0 : 1
    const changed = shares[idle].changed()
    const reading = shares[idle].read({ maxEvents: 10, maxBytes: 1000 })
    await members[1 - idle].leave()
    await changed
    expect((await reading).map(({ partition, count }) => [partition, count])).toEqual([[0, 3]])
    expect(members[idle].shares).toHaveLength(1)
    await members[idle].leave()
  })

  test('a partition that can stay with its owner stays', async () => {
    const { member } = await inputOf(6, 0)
    const [a, b] = [member(), member()]
    const two = (await shared([a, b], 6)).map(partitionsOf)
    const c = member()
    const three = (await shared([a, b, c], 6)).map(partitionsOf)
    expect(three.map((mine) => mine.length)).toEqual([2, 2, 2])
    expect(two[0]).toEqual(expect.arrayContaining(three[0]))
    expect(two[1]).toEqual(expect.arrayContaining(three[1]))
    await b.leave()
    const again = (await shared([a, c], 6)).map(partitionsOf)
    expect(again[0]).toEqual(expect.arrayContaining(three[0]))
    expect(again[1]).toEqual(expect.arrayContaining(three[2]))
    await Promise.all([a.leave(), c.leave()])
  })

  test('a rebalance does not touch what stays: the share goes on where it was, and nothing is read twice', async () => {
    const { input, log, member } = await inputOf(2, 10)
    const a = member()
    const [share] = await shared([a], 2)
    const before = await take(share, 20)
    await share.begin().commit(before.next)
    const b = member()
    const [, other] = await shared([a, b], 2)
    const [stayed] = partitionsOf(share)
    expect(share.held(stayed).aborted).toBe(false)
    expect(share.held(1 - stayed).aborted).toBe(true)
    expect(other.positions).toEqual(new Map([[1 - stayed, 10]]))
    await publishValues(log, input, stayed, ['behind the rebalance'])
    const { values, next } = await take(share, 1)
    expect(values).toEqual(new Map([[stayed, ['behind the rebalance']]]))
    await share.begin().commit(new Map([[stayed, next.get(stayed)!]]))
    expect(a.shares).toHaveLength(1)
    expect(share.ended.aborted).toBe(false)
    await Promise.all([a.leave(), b.leave()])
  })

  test('a share whose worker says in a new generation that it was another’s is lost, and nothing of it is committed', async () => {
    const { input, log, output, group, member } = await inputOf(1, 10)
    const a = member()
    const share = await a.share()
    let isAsked = false
    share.guard(async () => {
      isAsked = true
      return false
    })
    const { next } = await take(share, 10)
    const transaction = share.begin()
    transaction.append(record(output, 0, 'of nobody'))
    const b = member()
    await until('the share is lost', () => share.ended.aborted)
    expect(isAsked).toBe(true)
    await expect(transaction.commit(next)).rejects.toMatchObject({ code: 'log.fenced' })
    expect(await log.committed(group, input)).toEqual(new Map())
    expect(await valuesIn(log, output, 0)).toEqual([])
    a.fail(0, new ShoalError('log.fenced', 'a test says so'))
    await Promise.all([a.leave(), b.leave()])
  })

  test('a transaction that was begun in one generation is committed in the next, when its partitions stay', async () => {
    const { input, log, output, group, member } = await inputOf(1, 10)
    const a = member()
    const share = await a.share()
    const { next } = await take(share, 10)
    const transaction = share.begin()
    transaction.append(record(output, 0, 'over a rebalance'))
    const b = member()
    await until('b has joined the next generation', () => b.current)
    await transaction.commit(next)
    expect(await valuesIn(log, output, 0)).toEqual(['over a rebalance'])
    expect(await log.committed(group, input)).toEqual(new Map([[0, 10]]))
    expect(a.shares).toHaveLength(1)
    await Promise.all([a.leave(), b.leave()])
  })

  test('a partition that must go is finished first, and begins with its next owner behind that', async () => {
    const { log, output, member } = await inputOf(2, 10)
    const a = member()
    const [share] = await shared([a], 2)
    const { next } = await take(share, 20)
    const transaction = share.begin()
    for (const partition of [0, 1]) transaction.append(record(output, partition, 'before it went'))
    const b = member()
    await until('a knows that it must give one up', () => share.positions.size === 1)
    const [stayed] = partitionsOf(share)
    await transaction.commit(next)
    const inherited = await b.share()
    expect(inherited.positions).toEqual(new Map([[1 - stayed, 10]]))
    for (const partition of [0, 1]) expect(await valuesIn(log, output, partition)).toEqual(['before it went'])
    expect(a.shares).toHaveLength(1)
    await Promise.all([a.leave(), b.leave()])
  })

  test('partitions that are added come to the members, and those that they have stay', async () => {
    const { log, input, member } = await inputOf(2, 1)
    const members = [member(), member()]
    const shares = await shared(members, 2)
    const before = shares.map(partitionsOf)
    await log.prepare([{ topic: input, partitions: 6, cleanup: 'delete', retentionMs: -1, owner: 'shoal' }], true)
    await publishValues(log, input, 5, ['in a new partition'])
    const after = (await shared(members, 6)).map(partitionsOf)
    expect(after[0]).toEqual(expect.arrayContaining(before[0]))
    expect(after[1]).toEqual(expect.arrayContaining(before[1]))
    const heir = shares.find((share) => share.positions.has(5))!
    expect((await take(heir, 1, { maxEvents: 1, maxBytes: 1000 })).values).toBeDefined()
    expect(members.map(({ shares: all }) => all.length)).toEqual([1, 1])
    await Promise.all(members.map((each) => each.leave()))
  })

  test('fifty rebalances leave the first partition where it is, its share alive and its records read once', async () => {
    const { input, log, output, group, member } = await inputOf(2, 0)
    const a = member()
    const [share] = await shared([a], 2)
    const read: (string | null)[] = []
    let kept = 0
    for (let round = 0; round < 50; round++) {
      const b = member()
      await shared([a, b], 2)
      kept = partitionsOf(share)[0]
      await publishValues(log, input, 0, [`of round ${round}`])
      if (kept === 0) {
        const { values, next } = await take(share, 1)
        read.push(...(values.get(0) ?? []))
        const transaction = share.begin()
        transaction.append(record(output, 0, `of round ${round}`))
        await transaction.commit(new Map([[0, next.get(0)!]]))
      }
      await b.leave()
    }
    expect(kept).toBe(0)
    expect(a.shares).toHaveLength(1)
    expect(read).toEqual(Array.from({ length: 50 }, (_, round) => `of round ${round}`))
    expect(await log.committed(group, input)).toEqual(new Map([[0, 50]]))
    await a.leave()
  })

  test('the transaction in flight when a member leaves can be committed, and the next owner starts after it', async () => {
    const { log, input, output, group } = await inputOf(1, 10)
    let isAtWork = false
    const slow = log.join(group, input, async (share) => {
      const { next } = await take(share, 10)
      const transaction = share.begin()
      transaction.append(record(output, 0, 'in flight'))
      isAtWork = true
      await whenAborted(share.ended)
      await transaction.commit(next)
    })
    await until('the first member is at work', () => isAtWork)
    const other = new HeldMember(world().client(), group, input)
    await until('the other one has joined', () => other.current)
    await slow.leave()
    expect((await shared([other], 1))[0].positions).toEqual(new Map([[0, 10]]))
    expect(await valuesIn(log, output, 0)).toEqual(['in flight'])
    await other.leave()
  })

  test('a commit that is under way when the run returns is finished before the share is given up', async () => {
    const { log, input, output, group } = await inputOf(1, 10)
    let committing: Promise<void> | null = null
    const member = log.join(group, input, async (share) => {
      const { next } = await take(share, 10)
      const transaction = share.begin()
      transaction.append(record(output, 0, 'under way'))
      committing = transaction.commit(next)
    })
    await member.done
    await expect(committing).resolves.toBeUndefined()
    expect(await valuesIn(log, output, 0)).toEqual(['under way'])
    expect(await log.committed(group, input)).toEqual(new Map([[0, 10]]))
  })

  test('a transaction that outlives its share cannot be committed, and spoils none of the next share', async () => {
    const { log, input, output, group, member } = await inputOf(1, 5)
    const a = member()
    const old = (await a.share()).begin()
    old.append(record(output, 0, 'old'))
    a.fail(0, new ShoalError('log.fenced', 'a test says so'))
    await until('a second share', () => a.shares.length > 1)
    const present = (await a.share()).begin()
    present.append(record(output, 0, 'present'))
    const commitOld = async () => {
      old.append(record(output, 0, 'old again'))
      await old.commit(new Map([[0, 4]]))
    }
    await expect(commitOld()).rejects.toThrow()
    await present.commit(new Map([[0, 5]]))
    expect(await valuesIn(log, output, 0)).toEqual(['present'])
    expect(await log.committed(group, input)).toEqual(new Map([[0, 5]]))
    await a.leave()
  })

  test('a member that does not finish what it gives up in time loses all it has; nothing that it wrote is ever seen', async () => {
    const { log, input, output, group, member } = await inputOf(2, 10)
    const zombie = member()
    const [share] = await shared([zombie], 2)
    const { next } = await take(share, 20)
    const [first, second] = [share.begin(), share.begin()]
    first.append(record(output, 0, 'of a zombie'))
    second.append(record(output, 1, 'of a zombie'))
    zombie.stubborn = true
    const heir = member()
    const [inherited] = await shared([heir], 2)
    expect(inherited.positions).toEqual(
      new Map([
        [0, 0],
        [1, 0],
      ]),
    )
    const outcomes = await Promise.allSettled([first.commit(next), second.commit(next)])
    const fenced = { status: 'rejected', reason: expect.objectContaining({ code: 'log.fenced' }) }
    expect(outcomes).toEqual([fenced, fenced])
    expect(() => share.begin()).toThrow(expect.objectContaining({ code: 'log.fenced' }))
    expect(await log.committed(group, input)).toEqual(new Map())
    const transaction = inherited.begin()
    transaction.append(record(output, 0, 'of the heir'))
    await transaction.commit((await take(inherited, 20)).next)
    expect(await valuesIn(log, output, 0)).toEqual(['of the heir'])
    expect(await valuesIn(log, output, 1)).toEqual([])
    zombie.fail(0, new ShoalError('log.fenced', 'a test says so'))
    await shared([zombie, heir], 2)
    expect(await log.committed(group, input)).toEqual(
      new Map([
        [0, 10],
        [1, 10],
      ]),
    )
    zombie.stubborn = false
    await Promise.all([zombie.leave(), heir.leave()])
  })

  test('a member that hangs loses its partitions; what it commits when it goes on is refused and never seen', async () => {
    const { log, input, output, group, member } = await inputOf(2, 10)
    const { client, hang } = world().hangingClient()
    const hung = new HeldMember(client, group, input)
    const [share] = await shared([hung], 2)
    const { next } = await take(share, 20)
    const transaction = share.begin()
    transaction.append(record(output, 0, 'of a zombie'))
    hang()
    const heir = member()
    const [inherited] = await shared([heir], 2)
    await inherited.begin().commit(new Map([[0, 3]]))
    expect(share.ended.aborted).toBe(false)
    await expect(transaction.commit(next)).rejects.toMatchObject({ code: 'log.fenced' })
    await shared([hung, heir], 2)
    expect(await log.committed(group, input)).toEqual(new Map([[0, 3]]))
    expect(await valuesIn(log, output, 0)).toEqual([])
    await Promise.all([hung.leave(), heir.leave()])
  })

  test('a run that throws ends the membership with that error, and its partitions go to the others', async () => {
    const { member } = await inputOf(2, 0)
    const [a, b] = [member(), member()]
    await shared([a, b], 2)
    const done = expect(a.membership.done).rejects.toThrow('a bug')
    a.fail(a.shares.length - 1, new Error('a bug'))
    await done
    await shared([b], 2)
    await b.leave()
  })

  test('a run that returns although its share has not ended leaves the group', async () => {
    const { log, input, group, member } = await inputOf(2, 0)
    await expect(log.join(group, input, async () => {}).done).resolves.toBeUndefined()
    const other = member()
    await shared([other], 2)
    await other.leave()
  })

  test('a run that is fenced is given a new share', async () => {
    const { member } = await inputOf(1, 0)
    const a = member()
    const share = await a.share()
    a.fail(0, new ShoalError('log.fenced', 'a test says so'))
    await until('a second share', () => a.shares.length > 1)
    expect(share.ended.aborted).toBe(true)
    expect((await a.share()).positions).toEqual(new Map([[0, 0]]))
    await a.leave()
  })

  test('a run that throws in the middle of a transaction leaves nothing of it', async () => {
    const { log, input, output, group } = await inputOf(1, 5)
    const { done } = log.join(group, input, async (share) => {
      const { next } = await take(share, 5)
      share.begin().append(record(output, 0, 'never'))
      if (next.get(0) === 5) throw new Error('a bug')
    })
    await expect(done).rejects.toThrow('a bug')
    expect(await valuesIn(log, output, 0)).toEqual([])
    expect(await log.committed(group, input)).toEqual(new Map())
  })
}
