import { expect, test } from 'vitest'
import type { LogWorld } from './world.ts'
import {
  HeldMember,
  newTopic,
  numbered,
  publishValues,
  reaches,
  readAll,
  shared,
  take,
  valuesIn,
  visibleIn,
} from './world.ts'

export function commitTheorems(world: () => LogWorld): void {
  async function memberOf(partitions: number, records: number) {
    const log = world().client()
    const input = await newTopic(world(), log, partitions, 'input')
    const output = await newTopic(world(), log, partitions, 'output')
    const group = world().topicName('group')
    for (let partition = 0; partition < partitions; partition++) {
      if (records > 0) await publishValues(log, input, partition, numbered(`p${partition}`, 0, records))
    }
    const member = new HeldMember(log, group, input)
    return { log, input, output, group, member, share: await member.share() }
  }
  const record = (topic: string, partition: number, value: string, timestamp = 7) => ({
    topic,
    partition,
    key: null,
    value: Buffer.from(value),
    timestamp,
  })

  test('a commit stores outputs and positions together', async () => {
    const { log, input, output, group, member, share } = await memberOf(2, 5)
    const { next } = await take(share, 10)
    const transaction = share.begin()
    transaction.append(record(output, 0, 'zero'))
    transaction.append(record(output, 1, 'one'))
    expect(await log.committed(group, input)).toEqual(new Map())
    expect(await visibleIn(log, output, 0)).toEqual([])
    await transaction.commit(next)
    const other = world().client()
    expect(await other.committed(group, input)).toEqual(
      new Map([
        [0, 5],
        [1, 5],
      ]),
    )
    expect(await valuesIn(other, output, 0)).toEqual(['zero'])
    expect(await valuesIn(other, output, 1)).toEqual(['one'])
    await member.leave()
  })

  test('one transaction writes several topics and partitions, with keys, headers, timestamps and tombstones', async () => {
    const { log, output, group, member, share, input } = await memberOf(2, 1)
    const state = world().topicName('state')
    await log.prepare([{ topic: state, partitions: 1, cleanup: 'compact', owner: 'shoal' }], true)
    const transaction = share.begin()
    const [key, headers] = [Buffer.from('latest'), [{ name: 'why', value: Buffer.from('because') }]]
    transaction.append({
      topic: state,
      partition: 0,
      key,
      value: Buffer.from('model'),
      timestamp: 1_600_000_000_001,
      headers,
    })
    transaction.append({ topic: state, partition: 0, key: Buffer.from('old'), value: null, timestamp: 3 })
    transaction.append(record(output, 0, 'zero', 1_600_000_000_002))
    transaction.append(record(output, 1, 'one', 0))
    expect(transaction.bytes).toBeGreaterThan(0)
    await transaction.commit(new Map([[0, 1]]))
    expect(await readAll(log, { topic: state, partition: 0 })).toMatchObject([
      { key: 'latest', value: 'model', timestamp: 1_600_000_000_001, headers: { why: 'because' } },
      { key: 'old', value: null, timestamp: 3 },
    ])
    expect(await readAll(log, { topic: output, partition: 0 })).toMatchObject([{ timestamp: 1_600_000_000_002 }])
    expect(await readAll(log, { topic: output, partition: 1 })).toMatchObject([{ timestamp: 0 }])
    expect(await log.committed(group, input)).toEqual(new Map([[0, 1]]))
    await member.leave()
  })

  test('in a transaction, records written in place and appended ones keep their order', async () => {
    const { log, output, member, share } = await memberOf(1, 1)
    const transaction = share.begin()
    for (let i = 0; i < 100; i++) {
      const at = transaction.sink(output, 0).reserve(Buffer.alloc(0), 0, -1, 2, Float64Array.of(i), 0)
      transaction.sink(output, 0).view.setUint16(at, 0x6161 + i)
      transaction.append(record(output, 0, `then ${i}`))
    }
    await transaction.commit(new Map([[0, 1]]))
    const expected = Array.from({ length: 100 }, (_, i) => [Buffer.from([0x61, 0x61 + i]).toString(), `then ${i}`])
    expect(await valuesIn(log, output, 0)).toEqual(expected.flat())
    await member.leave()
  })

  test('positions may be committed without outputs, and outputs without a move', async () => {
    const { log, input, output, group, member, share } = await memberOf(1, 5)
    await share.begin().commit(new Map([[0, 5]]))
    expect(await log.committed(group, input)).toEqual(new Map([[0, 5]]))
    const transaction = share.begin()
    transaction.append(record(output, 0, 'more'))
    await transaction.commit(new Map([[0, 5]]))
    expect(await valuesIn(log, output, 0)).toEqual(['more'])
    await member.leave()
  })

  test('abandon leaves the log as if begin had never been called', async () => {
    const { log, input, output, group, member, share } = await memberOf(1, 5)
    const before = share.begin()
    before.append(record(output, 0, 'before'))
    await before.commit(new Map([[0, 1]]))
    await reaches(log, { topic: output, partition: 0 }, 2)
    const abandoned = share.begin()
    for (const value of numbered('abandoned', 0, 1000)) abandoned.append(record(output, 0, value))
    await abandoned.abandon()
    expect(await log.bounds({ topic: output, partition: 0 })).toEqual({ start: 0, end: 2 })
    expect(await log.committed(group, input)).toEqual(new Map([[0, 1]]))
    const after = share.begin()
    after.append(record(output, 0, 'after'))
    await after.commit(new Map([[0, 2]]))
    expect(await valuesIn(log, output, 0)).toEqual(['before', 'after'])
    await member.leave()
  })

  test('abandoning a transaction that commits waits for the commit, which stands', async () => {
    const { log, output, member, share } = await memberOf(1, 5)
    const transaction = share.begin()
    transaction.append(record(output, 0, 'committed'))
    let isCommitted = false
    const committing = transaction.commit(new Map([[0, 1]])).then(() => {
      isCommitted = true
    })
    await transaction.abandon()
    expect(isCommitted).toBe(true)
    expect(await valuesIn(log, output, 0)).toEqual(['committed'])
    await committing
    await transaction.abandon()
    await member.leave()
  })

  test('a transaction is filled while the one before it commits, and they commit in order', async () => {
    const { log, input, output, group, member, share } = await memberOf(1, 50)
    let committing: Promise<void> = Promise.resolve()
    for (let i = 0; i < 50; i++) {
      const transaction = share.begin()
      transaction.append(record(output, 0, `v-${i}`))
      await committing
      committing = transaction.commit(new Map([[0, i + 1]]))
    }
    await committing
    expect(await valuesIn(log, output, 0)).toEqual(numbered('v', 0, 50))
    expect(await log.committed(group, input)).toEqual(new Map([[0, 50]]))
    await member.leave()
  })

  test('a commit called while the one before it is under way waits its turn', async () => {
    const { log, input, output, group, member, share } = await memberOf(1, 2)
    const first = share.begin()
    first.append(record(output, 0, 'first'))
    const second = share.begin()
    second.append(record(output, 0, 'second'))
    await Promise.all([first.commit(new Map([[0, 1]])), second.commit(new Map([[0, 2]]))])
    expect(await valuesIn(log, output, 0)).toEqual(['first', 'second'])
    expect(await log.committed(group, input)).toEqual(new Map([[0, 2]]))
    await member.leave()
  })

  test('a commit takes the positions as they are when it is called', async () => {
    const { log, input, group, member, share } = await memberOf(1, 5)
    const next = new Map([[0, 2]])
    const committing = share.begin().commit(next)
    next.set(0, 5)
    await committing
    expect(await log.committed(group, input)).toEqual(new Map([[0, 2]]))
    await member.leave()
  })

  test('a third open transaction is refused', async () => {
    const { member, share } = await memberOf(1, 0)
    const [first] = [share.begin(), share.begin()]
    expect(() => share.begin()).toThrow()
    await first.abandon()
    expect(() => share.begin()).not.toThrow()
    await member.leave()
  })

  test('a transaction of more than one batch takes is committed whole', async () => {
    const { log, output, member, share } = await memberOf(2, 1)
    const values = numbered('x'.repeat(500), 0, 6000)
    const transaction = share.begin()
    for (const value of values) {
      transaction.append(record(output, 0, value))
      transaction.append(record(output, 1, value))
    }
    await transaction.commit(
      new Map([
        [0, 1],
        [1, 1],
      ]),
    )
    expect(await valuesIn(log, output, 0)).toEqual(values)
    expect(await valuesIn(log, output, 1)).toEqual(values)
    await member.leave()
  })

  test('a commit with a record larger than its topic takes is refused whole', async () => {
    const { log, input, output, group, member, share } = await memberOf(1, 5)
    const small = world().topicName('small')
    await log.prepare([{ topic: small, partitions: 1, cleanup: 'delete', owner: 'shoal', maxMessageBytes: 5000 }], true)
    const transaction = share.begin()
    transaction.append(record(output, 0, 'fits'))
    // As soon as the limit is known, or when all is handed over: before anything is written in either case.
    const commit = async () => {
      transaction.append(record(small, 0, 'x'.repeat(6000)))
      await transaction.commit(new Map([[0, 5]]))
    }
    await expect(commit()).rejects.toMatchObject({ code: 'log.record_too_large' })
    await transaction.abandon()
    expect(await valuesIn(log, output, 0)).toEqual([])
    expect(await log.committed(group, input)).toEqual(new Map())
    await member.leave()
  })

  test('a fresh member starts from the committed positions, and from the start where there are none', async () => {
    const { log, input, group, member, share } = await memberOf(3, 10)
    await world().deleteBefore({ topic: input, partition: 2 }, 4)
    await share.begin().commit(new Map([[0, 7]]))
    await member.leave()
    const fresh = new HeldMember(world().client(), group, input)
    const [taken] = await shared([fresh], 3)
    expect(taken.positions).toEqual(
      new Map([
        [0, 7],
        [1, 0],
        [2, 4],
      ]),
    )
    const { values } = await take(taken, 19)
    expect(values.get(0)).toEqual(numbered('p0', 7, 10))
    expect(values.get(2)).toEqual(numbered('p2', 4, 10))
    await fresh.leave()
    expect(await log.committed(group, input)).toEqual(new Map([[0, 7]]))
  })
}
