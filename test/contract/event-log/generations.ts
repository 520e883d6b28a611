import { expect, test } from 'vitest'
import { ShoalError } from '../../../src/runtime/errors.ts'
import type { LogWorld } from './world.ts'
import { HeldMember, newTopic, numbered, publishValues, shared, take, until, valuesIn, whenAborted } from './world.ts'

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
    expect(shares.map((share) => share.partitions.length).sort()).toEqual([2, 3])
    expect(shares[0].generation).toBe(shares[1].generation)
    await Promise.all(members.map((each) => each.leave()))
  })

  test('a member beyond the number of partitions has an empty share and takes over when one leaves', async () => {
    const { member } = await inputOf(1, 0)
    const members = [member(), member()]
    const shares = await shared(members, 1)
    const idle = shares[0].partitions.length === 0 ? 0 : 1
    const reading = shares[idle].read({ maxEvents: 1, maxBytes: 1 })
    await members[1 - idle].leave()
    await shared([members[idle]], 1)
    expect(await reading).toEqual([])
    await members[idle].leave()
  })

  test('a partition that can stay with its owner stays', async () => {
    const { member } = await inputOf(6, 0)
    const [a, b] = [member(), member()]
    const two = await shared([a, b], 6)
    const c = member()
    const three = await shared([a, b, c], 6)
    expect(two[0].partitions).toEqual(expect.arrayContaining([...three[0].partitions]))
    expect(two[1].partitions).toEqual(expect.arrayContaining([...three[1].partitions]))
    await b.leave()
    const again = await shared([a, c], 6)
    expect(again[0].partitions).toEqual(expect.arrayContaining([...three[0].partitions]))
    expect(again[1].partitions).toEqual(expect.arrayContaining([...three[2].partitions]))
    await Promise.all([a.leave(), c.leave()])
  })

  test('each share has a later generation than the one before it', async () => {
    const { member } = await inputOf(2, 0)
    const a = member()
    await shared([a], 2)
    const b = member()
    await shared([a, b], 2)
    await b.leave()
    await shared([a], 2)
    const generations = a.shares.map((share) => share.generation)
    expect(generations).toEqual([...new Set(generations)].sort((x, y) => x - y))
    await a.leave()
  })

  test('the transaction in flight when a share ends can be committed, and the next owner starts after it', async () => {
    const { log, input, output, group } = await inputOf(1, 10)
    let positions: ReadonlyMap<number, number> | null = null
    const slow = log.join(group, input, async (share) => {
      positions = share.positions
      if (share.positions.get(0) !== 0) return whenAborted(share.ended)
      const { next } = await take(share, 10)
      const transaction = share.begin()
      transaction.append(record(output, 0, 'in flight'))
      await whenAborted(share.ended)
      await transaction.commit(next)
    })
    await until('the first member is at work', () => positions !== null)
    const other = new HeldMember(world().client(), group, input)
    await other.share()
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

  test('a zombie, whose generation is over, cannot commit; what it wrote is never seen; then it joins again', async () => {
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
    expect((await a.share()).generation).toBeGreaterThan(share.generation)
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
