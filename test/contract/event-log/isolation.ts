import { expect, test } from 'vitest'
import type { LogWorld } from './world.ts'
import { HeldMember, newTopic, numbered, publishValues, reaches, take, valuesIn, visibleIn } from './world.ts'

export function isolationTheorems(world: () => LogWorld): void {
  test('records of an open transaction are invisible until the commit, and all visible after it', async () => {
    const log = world().client()
    const topic = await newTopic(world(), log, 2)
    const transaction = await world().begin()
    await transaction.write(topic, 0, numbered('a', 0, 3))
    await transaction.write(topic, 1, numbered('b', 0, 3))
    await transaction.write(topic, 0, numbered('a', 3, 6))
    expect(await visibleIn(log, topic, 0)).toEqual([])
    expect(await visibleIn(log, topic, 1)).toEqual([])
    await transaction.commit()
    expect(await valuesIn(log, topic, 0)).toEqual(numbered('a', 0, 6))
    expect(await valuesIn(log, topic, 1)).toEqual(numbered('b', 0, 3))
  })

  test('the end is what a reader of committed records can read up to: an open transaction holds it back', async () => {
    const log = world().client()
    const topic = await newTopic(world(), log, 1)
    const at = { topic, partition: 0 }
    expect(await log.bounds(at)).toEqual({ start: 0, end: 0 })
    await publishValues(log, topic, 0, numbered('before', 0, 5))
    const transaction = await world().begin()
    await transaction.write(topic, 0, numbered('inside', 0, 3))
    await publishValues(log, topic, 0, numbered('after', 0, 2))
    expect(await log.bounds(at)).toEqual({ start: 0, end: 5 })
    expect(await log.written(at)).toBe(10)
    expect(await visibleIn(log, topic, 0)).toEqual(numbered('before', 0, 5))
    await transaction.commit()
    await reaches(log, at, 11)
    expect(await log.written(at)).toBe(11)
    const all = [...numbered('before', 0, 5), ...numbered('inside', 0, 3), ...numbered('after', 0, 2)]
    expect(await visibleIn(log, topic, 0)).toEqual(all)
  })

  test('a position that an open transaction moves can be asked for as it is until then, without waiting', async () => {
    const log = world().client()
    const topic = await newTopic(world(), log, 2)
    const group = world().topicName('group')
    expect(await log.lastCommitted(group, topic)).toEqual(new Map())
    const first = await world().begin()
    await first.stage(group, topic, new Map([[0, 3]]))
    expect(await log.lastCommitted(group, topic)).toEqual(new Map())
    await first.commit()
    expect(await log.committed(group, topic)).toEqual(new Map([[0, 3]]))
    const second = await world().begin()
    await second.stage(group, topic, new Map([[0, 7]]))
    expect(await log.lastCommitted(group, topic)).toEqual(new Map([[0, 3]]))
    await second.commit()
    expect(await log.committed(group, topic)).toEqual(new Map([[0, 7]]))
    expect(await log.lastCommitted(group, topic)).toEqual(new Map([[0, 7]]))
  })

  test('aborted records are never given, and those around them always', async () => {
    const log = world().client()
    const topic = await newTopic(world(), log, 1)
    const long = await world().begin()
    await long.write(topic, 0, numbered('aborted-long', 0, 5))
    const short = await world().begin()
    await short.write(topic, 0, numbered('committed-short', 0, 5))
    await short.commit()
    await long.write(topic, 0, numbered('aborted-long', 5, 10))
    await publishValues(log, topic, 0, numbered('plain', 0, 5))
    const second = await world().begin()
    await second.write(topic, 0, numbered('aborted-second', 0, 5))
    await long.abort()
    await publishValues(log, topic, 0, numbered('plain', 5, 10))
    await second.abort()
    const last = await world().begin()
    await last.write(topic, 0, numbered('committed-last', 0, 5))
    await last.commit()
    expect(await valuesIn(log, topic, 0)).toEqual([
      ...numbered('committed-short', 0, 5),
      ...numbered('plain', 0, 10),
      ...numbered('committed-last', 0, 5),
    ])
  })

  test('an input that ends in aborted records and control markers reaches lag zero', async () => {
    const log = world().client()
    const input = await newTopic(world(), log, 2)
    const group = world().topicName('group')
    const committed = await world().begin()
    await committed.write(input, 0, numbered('v', 0, 3))
    await committed.commit()
    const aborted = await world().begin()
    await aborted.write(input, 0, numbered('aborted', 0, 3))
    await aborted.write(input, 1, numbered('aborted', 0, 3))
    await aborted.abort()
    // Three records and a marker each; what was committed, then what was aborted.
    await reaches(log, { topic: input, partition: 0 }, 8)
    await reaches(log, { topic: input, partition: 1 }, 4)
    const member = new HeldMember(log, group, input)
    const share = await member.share()
    const next = new Map(share.positions)
    const read: string[] = []
    while (next.get(0)! < 8 || next.get(1)! < 4) {
      for (const batch of await share.read({ maxEvents: 100, maxBytes: 100_000 })) {
        read.push(...Array.from({ length: batch.count }, (_, i) => `${batch.partition}:${batch.offset[i]}`))
        next.set(batch.partition, batch.nextOffset)
      }
    }
    await share.begin().commit(next)
    expect(read).toEqual(['0:0', '0:1', '0:2'])
    expect(await log.committed(group, input)).toEqual(
      new Map([
        [0, 8],
        [1, 4],
      ]),
    )
    await member.leave()
  })

  test('a new owner waits while an earlier transaction on its positions is pending, and starts after it', async () => {
    const log = world().client()
    const input = await newTopic(world(), log, 1)
    const group = world().topicName('group')
    await publishValues(log, input, 0, numbered('v', 0, 10))
    const earlier = await world().begin()
    await earlier.stage(group, input, new Map([[0, 6]]))
    const waiting = new HeldMember(log, group, input)
    // Another group's member, who has nothing to wait for, works through a whole share meanwhile.
    const other = new HeldMember(log, world().topicName('group'), input)
    const share = await other.share()
    await share.begin().commit((await take(share, 10)).next)
    expect(waiting.current?.positions.size ?? 0).toBe(0)
    await earlier.commit()
    expect((await waiting.share()).positions).toEqual(new Map([[0, 6]]))
    await Promise.all([waiting.leave(), other.leave()])
  })

  test('positions of a transaction that aborts were never moved', async () => {
    const log = world().client()
    const input = await newTopic(world(), log, 1)
    const group = world().topicName('group')
    await publishValues(log, input, 0, numbered('v', 0, 10))
    const first = await world().begin()
    await first.stage(group, input, new Map([[0, 3]]))
    await first.commit()
    const second = await world().begin()
    await second.stage(group, input, new Map([[0, 9]]))
    await second.abort()
    expect(await log.committed(group, input)).toEqual(new Map([[0, 3]]))
  })
}
