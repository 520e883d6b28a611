import { expect, test } from 'vitest'
import type { TopicSpec } from '../../../src/runtime/ports.ts'
import type { LogWorld } from './world.ts'
import { newTopic, numbered, publishValues } from './world.ts'

export function topicTheorems(world: () => LogWorld): void {
  const spec = (prefix: string, more: Partial<TopicSpec> = {}): TopicSpec => ({
    topic: world().topicName(prefix),
    partitions: 3,
    cleanup: 'delete',
    owner: 'shoal',
    ...more,
  })

  test('a topic that does not exist is described as null', async () => {
    const log = world().client()
    expect(await log.describe(world().topicName('missing'))).toBeNull()
  })

  test('prepare creates what is missing, as it was asked for, and finds it right the next time', async () => {
    const log = world().client()
    const specs = [spec('events', { maxMessageBytes: 123_456 }), spec('state', { partitions: 1, cleanup: 'compact' })]
    await log.prepare(specs, true)
    expect(await log.describe(specs[0].topic)).toMatchObject({ partitions: 3, maxMessageBytes: 123_456 })
    expect((await log.describe(specs[1].topic))?.partitions).toBe(1)
    await expect(log.prepare(specs, true)).resolves.toBeUndefined()
    await expect(world().client().prepare(specs, false)).resolves.toBeUndefined()
  })

  test('two processes that prepare the same topics at the same time both succeed', async () => {
    const specs = [spec('events'), spec('state', { cleanup: 'compact' })]
    await Promise.all([world().client().prepare(specs, true), world().client().prepare(specs, true)])
    expect((await world().client().describe(specs[0].topic))?.partitions).toBe(3)
  })

  test('without create, every missing topic is refused by name and none is made', async () => {
    const log = world().client()
    const specs = [spec('one'), spec('two')]
    const refusal = log.prepare(specs, false)
    await expect(refusal).rejects.toMatchObject({ code: 'topics.missing' })
    await expect(refusal).rejects.toThrow(specs[0].topic)
    await expect(refusal).rejects.toThrow(specs[1].topic)
    expect(await log.describe(specs[0].topic)).toBeNull()
  })

  test("a user's topic is never created", async () => {
    const log = world().client()
    const input = spec('input', { owner: 'user', partitions: null })
    await expect(log.prepare([input], true)).rejects.toMatchObject({ code: 'topics.missing' })
    expect(await log.describe(input.topic)).toBeNull()
  })

  test("any number of partitions and any policy of a user's topic will do", async () => {
    const log = world().client()
    const input = spec('input')
    await log.prepare([input], true)
    const asked: TopicSpec = { ...input, owner: 'user', partitions: null, cleanup: 'compact' }
    await expect(log.prepare([asked], true)).resolves.toBeUndefined()
  })

  test.each<[string, Partial<TopicSpec>]>([
    ['number of partitions', { partitions: 2 }],
    ['policy', { cleanup: 'compact' }],
    ['size limit', { maxMessageBytes: 50_000_000 }],
  ])('a topic with the wrong %s is refused by name', async (_, wanted) => {
    const log = world().client()
    const made = spec('events')
    await log.prepare([made], true)
    const refusal = log.prepare([{ ...made, ...wanted }], true)
    await expect(refusal).rejects.toMatchObject({ code: 'topics.unfit' })
    await expect(refusal).rejects.toThrow(made.topic)
  })

  test('a topic with too few partitions is given more where it may be created, and refused where not', async () => {
    const log = world().client()
    const made = spec('events')
    await log.prepare([made], true)
    const wider = { ...made, partitions: 5 }
    await expect(log.prepare([wider], false)).rejects.toMatchObject({ code: 'topics.unfit' })
    await Promise.all([log.prepare([wider], true), world().client().prepare([wider], true)])
    expect((await log.describe(made.topic))?.partitions).toBe(5)
  })

  test('bounds of several partitions are those of each, as far as a reader of committed records can read', async () => {
    const log = world().client()
    const topic = await newTopic(world(), log, 3)
    await publishValues(log, topic, 0, numbered('v', 0, 10))
    await publishValues(log, topic, 2, numbered('v', 0, 4))
    await world().deleteBefore({ topic, partition: 0 }, 6)
    const whole = { start: 0, end: 0 }
    const expected = [
      [0, { start: 6, end: 10 }],
      [1, whole],
      [2, { start: 0, end: 4 }],
    ]
    expect([...(await log.boundsOf(topic, [0, 1, 2]))]).toEqual(expected)
    expect([...(await log.boundsOf(topic, [1]))]).toEqual([[1, whole]])
    expect([...(await log.boundsOf(topic, []))]).toEqual([])
    await expect(log.boundsOf(world().topicName('nothing'), [0])).rejects.toMatchObject({ code: 'topics.missing' })
  })

  test('bounds of, and membership on, a topic that does not exist are refused by its name', async () => {
    const log = world().client()
    const topic = world().topicName('missing')
    await expect(log.bounds({ topic, partition: 0 })).rejects.toMatchObject({ code: 'topics.missing' })
    const { done } = log.join(world().topicName('group'), topic, async () => {})
    await expect(done).rejects.toMatchObject({ code: 'topics.missing' })
    await expect(done).rejects.toThrow(topic)
  })
}
