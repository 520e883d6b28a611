import { expect, test } from 'vitest'
import type { LogWorld } from './world.ts'
import { HeldMember, newTopic, numbered, plain, publishValues, take } from './world.ts'

const plenty = 10_000_000

export function readTheorems(world: () => LogWorld): void {
  test('a member reads every partition of its share in order', async () => {
    const log = world().client()
    const input = await newTopic(world(), log, 3)
    for (const partition of [0, 1, 2]) await publishValues(log, input, partition, numbered(`p${partition}`, 0, 700))
    const member = new HeldMember(log, world().topicName('group'), input)
    const { values } = await take(await member.share(), 2100)
    expect(values).toEqual(new Map([0, 1, 2].map((partition) => [partition, numbered(`p${partition}`, 0, 700)])))
    await member.leave()
  })

  test('a reader is given no more than maxEvents, and every record once', async () => {
    const log = world().client()
    const input = await newTopic(world(), log, 3)
    for (const partition of [0, 1, 2]) await publishValues(log, input, partition, numbered(`p${partition}`, 0, 40))
    const member = new HeldMember(log, world().topicName('group'), input)
    const share = await member.share()
    const counts: number[] = []
    const offsets = new Map<number, number[]>([0, 1, 2].map((partition) => [partition, []]))
    while (counts.reduce((sum, count) => sum + count, 0) < 120) {
      const batches = await share.read({ maxEvents: 7, maxBytes: plenty })
      counts.push(batches.reduce((sum, batch) => sum + batch.count, 0))
      for (const batch of batches) offsets.get(batch.partition)!.push(...batch.offset.subarray(0, batch.count))
    }
    expect(Math.max(...counts)).toBeLessThanOrEqual(7)
    for (const read of offsets.values()) expect(read).toEqual(Array.from({ length: 40 }, (_, i) => i))
    await member.leave()
  })

  test('a reader is given no more than maxBytes of values, unless one record alone has more', async () => {
    const log = world().client()
    const input = await newTopic(world(), log, 2)
    const sizes = [10, 400, 90, 5000, 60, 60, 60]
    const values = sizes.map((size) => 'x'.repeat(size))
    await publishValues(log, input, 0, values)
    await publishValues(log, input, 1, values)
    const member = new HeldMember(log, world().topicName('group'), input)
    const share = await member.share()
    const reads: number[][] = []
    while (reads.flat().length < 14) {
      const batches = await share.read({ maxEvents: 1000, maxBytes: 500 })
      reads.push(batches.flatMap((batch) => Array.from(batch.valueLength.subarray(0, batch.count))))
    }
    for (const lengths of reads) {
      const bytes = lengths.reduce((sum, length) => sum + length, 0)
      expect(bytes <= 500 || lengths.length === 1, `a read of values of ${lengths} bytes`).toBe(true)
    }
    expect(reads.flat().sort((a, b) => a - b)).toEqual([...sizes, ...sizes].sort((a, b) => a - b))
    await member.leave()
  })

  test('a reader that is in no hurry is given all in its order, and what is little though nothing comes after it', async () => {
    const log = world().client()
    const input = await newTopic(world(), log, 1)
    const member = new HeldMember(log, world().topicName('group'), input)
    const share = await member.share()
    const given: (string | null)[] = []
    for (const [i, count] of [1, 400, 1].entries()) {
      await publishValues(log, input, 0, numbered(`part-${i}`, 0, count))
      const wanted = given.length + count
      while (given.length < wanted) {
        const batches = await share.read({ maxEvents: 100, maxBytes: plenty, gatherMs: 20 })
        given.push(...batches.flatMap((batch) => plain(batch).map(({ value }) => value)))
      }
    }
    expect(given).toEqual([1, 400, 1].flatMap((count, i) => numbered(`part-${i}`, 0, count)))
    await member.leave()
  })

  test.each([
    ['a long partition does not starve a short one', 5000, 20],
    ['nor does it when one event is read at a time', 300, 1],
  ])('%s', async (_, events, maxEvents) => {
    const log = world().client()
    const input = await newTopic(world(), log, 2)
    await publishValues(log, input, 0, numbered('long', 0, events))
    await publishValues(log, input, 1, numbered('short', 0, 5))
    const member = new HeldMember(log, world().topicName('group'), input)
    const share = await member.share()
    let long = 0
    let short = 0
    while (short < 5) {
      for (const batch of await share.read({ maxEvents, maxBytes: plenty })) {
        if (batch.partition === 0) long += batch.count
        else short += batch.count
      }
    }
    expect(long).toBeLessThan(events)
    await member.leave()
  })

  test('headers stay with their records, wherever a batch begins and ends', async () => {
    const log = world().client()
    const input = await newTopic(world(), log, 1)
    for (let i = 0; i < 12; i += 3) {
      await log.publish((outputs) => {
        for (const number of [i, i + 1, i + 2]) {
          const value = number % 4 === 0 ? null : Buffer.from(String(number))
          const headers = number % 2 === 0 ? [{ name: 'number', value }] : []
          outputs.append({ topic: input, partition: 0, key: null, value: Buffer.from('v'), timestamp: 1, headers })
        }
      })
    }
    const member = new HeldMember(log, world().topicName('group'), input)
    const share = await member.share()
    const read: (string | null | undefined)[] = []
    while (read.length < 12) {
      for (const batch of await share.read({ maxEvents: 5, maxBytes: plenty })) {
        read.push(...plain(batch).map(({ headers }) => headers.number))
      }
    }
    expect(read).toEqual(Array.from({ length: 12 }, (_, i) => [null, undefined, String(i), undefined][i % 4]))
    await member.leave()
  })

  test('a reader waits for records and is given those that come', async () => {
    const log = world().client()
    const input = await newTopic(world(), log, 2)
    const member = new HeldMember(log, world().topicName('group'), input)
    const share = await member.share()
    const reading = take(share, 1)
    await publishValues(log, input, 1, ['late'])
    expect((await reading).values).toEqual(new Map([[1, ['late']]]))
    await member.leave()
  })

  test('a read that waits when the share ends gives nothing', async () => {
    const log = world().client()
    const input = await newTopic(world(), log, 1)
    const member = new HeldMember(log, world().topicName('group'), input)
    const reading = (await member.share()).read({ maxEvents: 10, maxBytes: plenty })
    await member.leave()
    expect(await reading).toEqual([])
  })
}
