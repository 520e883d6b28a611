import { expect, test } from 'vitest'
import type { LogWorld } from './world.ts'
import { newTopic, numbered, plain, publishValues, readAll, readUntil, valuesIn, visibleIn } from './world.ts'

export function followTheorems(world: () => LogWorld): void {
  test('what is published is followed in order, with keys, values, timestamps and headers', async () => {
    const log = world().client()
    const topic = await newTopic(world(), log, 1)
    const header = { name: 'reason', value: Buffer.from('wrong_type') }
    await log.publish((outputs) => {
      outputs.append({
        topic,
        partition: 0,
        key: Buffer.from('a'),
        value: Buffer.from('one'),
        timestamp: 1_600_000_000_123,
      })
      outputs.append({
        topic,
        partition: 0,
        key: Buffer.from('b'),
        value: Buffer.from('two'),
        timestamp: 1,
        headers: [header],
      })
    })
    expect(await readAll(world().client(), { topic, partition: 0 })).toEqual([
      { offset: 0, key: 'a', value: 'one', timestamp: 1_600_000_000_123, headers: {} },
      { offset: 1, key: 'b', value: 'two', timestamp: 1, headers: { reason: 'wrong_type' } },
    ])
  })

  test('null and empty keys and values stay what they are', async () => {
    const log = world().client()
    const topic = await newTopic(world(), log, 1)
    const nothing = Buffer.alloc(0)
    await log.publish((outputs) => {
      for (const key of [null, nothing, Buffer.from('k')]) {
        for (const value of [null, nothing, Buffer.from('v')]) {
          outputs.append({ topic, partition: 0, key, value, timestamp: 5 })
        }
      }
    })
    const read = await readAll(log, { topic, partition: 0 })
    expect(read.map(({ key, value }) => [key, value])).toEqual([
      [null, null],
      [null, ''],
      [null, 'v'],
      ['', null],
      ['', ''],
      ['', 'v'],
      ['k', null],
      ['k', ''],
      ['k', 'v'],
    ])
  })

  test('bytes given to append may be used again at once', async () => {
    const log = world().client()
    const topic = await newTopic(world(), log, 1)
    const value = Buffer.from('first')
    await log.publish((outputs) => {
      outputs.append({ topic, partition: 0, key: value, value, timestamp: 5, headers: [{ name: 'h', value }] })
      value.fill('x')
    })
    const [read] = await readAll(log, { topic, partition: 0 })
    expect(read).toMatchObject({ key: 'first', value: 'first', headers: { h: 'first' } })
  })

  test('records written in place and appended ones keep their order in each partition', async () => {
    const log = world().client()
    const topic = await newTopic(world(), log, 2)
    await log.publish((outputs) => {
      for (let i = 0; i < 6; i++) {
        const partition = i % 2
        const at = outputs.sink(topic, partition).reserve(Buffer.from('-key-'), 1, 3, 1, Float64Array.of(1000 + i), 0)
        outputs.sink(topic, partition).bytes.write(String(i), at)
        outputs.append({ topic, partition, key: null, value: Buffer.from(`after ${i}`), timestamp: 2000 + i })
      }
    })
    const read = await readAll(log, { topic, partition: 1 })
    expect(read.map(({ key, value, timestamp }) => [key, value, timestamp])).toEqual([
      ['key', '1', 1001],
      [null, 'after 1', 2001],
      ['key', '3', 1003],
      [null, 'after 3', 2003],
      ['key', '5', 1005],
      [null, 'after 5', 2005],
    ])
  })

  test('more than one batch takes is published whole and in order', async () => {
    const log = world().client()
    const topic = await newTopic(world(), log, 2)
    const padding = 'x'.repeat(500)
    const values = numbered(padding, 0, 6000)
    await Promise.all([publishValues(log, topic, 0, values), publishValues(log, topic, 1, values)])
    expect(await valuesIn(log, topic, 0)).toEqual(values)
    expect(await valuesIn(log, topic, 1)).toEqual(values)
  })

  test('a record larger than its topic takes is refused by the name of the topic, and nothing of it is written', async () => {
    const log = world().client()
    const topic = world().topicName('small')
    await log.prepare([{ topic, partitions: 1, cleanup: 'delete', owner: 'shoal', maxMessageBytes: 5000 }], true)
    const refusal = publishValues(log, topic, 0, ['x'.repeat(6000)])
    await expect(refusal).rejects.toMatchObject({ code: 'log.record_too_large' })
    await expect(refusal).rejects.toThrow(topic)
    expect(await log.bounds({ topic, partition: 0 })).toEqual({ start: 0, end: 0 })
    await publishValues(log, topic, 0, numbered('y'.repeat(2000), 0, 10))
    expect(await valuesIn(log, topic, 0)).toHaveLength(10)
  })

  test('following begins where it is told to, at the start when that is below it', async () => {
    const log = world().client()
    const topic = await newTopic(world(), log, 1)
    const at = { topic, partition: 0 }
    await publishValues(log, topic, 0, numbered('v', 0, 10))
    await world().deleteBefore(at, 4)
    expect(await log.bounds(at)).toEqual({ start: 4, end: 10 })
    const from = async (offset: number) => (await readUntil(log, at, offset, (_, next) => next === 10))[0].value
    expect(await from(7)).toBe('v-7')
    expect(await from(4)).toBe('v-4')
    expect(await from(2)).toBe('v-4')
    expect(await from(0)).toBe('v-4')
  })

  test('a follower waits at the end, goes on with what comes, and ends when the signal fires', async () => {
    const log = world().client()
    const topic = await newTopic(world(), log, 1)
    await publishValues(log, topic, 0, ['before'])
    const stop = new AbortController()
    const read: (string | null)[] = []
    for await (const batch of log.follow(topic, new Map([[0, 0]]), stop.signal)) {
      read.push(...plain(batch).map(({ value }) => value))
      if (read.length === 1 && batch.count > 0) await publishValues(log, topic, 0, ['after'])
      if (read.length === 2) setImmediate(() => stop.abort())
    }
    expect(read).toEqual(['before', 'after'])
  })

  test('followers of the same partition do not disturb each other', async () => {
    const log = world().client()
    const topic = await newTopic(world(), log, 1)
    const values = numbered('v', 0, 1000)
    await publishValues(log, topic, 0, values)
    const all = await Promise.all([1, 2, 3].map(() => visibleIn(log, topic, 0)))
    expect(all).toEqual([values, values, values])
  })

  test('a batch stays what it was while others are read', async () => {
    const log = world().client()
    const topic = await newTopic(world(), log, 1)
    const held: { batch: Parameters<typeof plain>[0]; read: ReturnType<typeof plain> }[] = []
    await publishValues(log, topic, 0, numbered('v', 0, 500))
    for await (const batch of log.follow(topic, new Map([[0, 0]]), AbortSignal.timeout(30_000))) {
      held.push({ batch, read: plain(batch) })
      if (batch.nextOffset >= 2000) break
      if (batch.nextOffset % 500 === 0)
        await publishValues(log, topic, 0, numbered('v', batch.nextOffset, batch.nextOffset + 500))
    }
    for (const { batch, read } of held) expect(plain(batch)).toEqual(read)
    expect(held.flatMap(({ read }) => read.map(({ value }) => value))).toEqual(numbered('v', 0, 2000))
  })
}
