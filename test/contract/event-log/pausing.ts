import { expect, test } from 'vitest'
import type { Share } from '../../../src/runtime/ports.ts'
import type { LogWorld } from './world.ts'
import { HeldMember, newTopic, numbered, plain, publishValues, shared, take, until } from './world.ts'

const few = { maxEvents: 20, maxBytes: 10_000_000 }

export function pauseTheorems(world: () => LogWorld): void {
  /** What comes of each partition until so many values have come. */
  async function valuesOf(share: Share, count: number): Promise<ReadonlyMap<number, readonly (string | null)[]>> {
    return (await take(share, count)).values
  }

  test('a partition that is paused gives nothing, and afterwards what was given back, while others go on', async () => {
    const log = world().client()
    const input = await newTopic(world(), log, 2)
    for (const partition of [0, 1]) await publishValues(log, input, partition, numbered(`p${partition}`, 0, 100))
    const member = new HeldMember(log, world().topicName('group'), input)
    const share = await member.share()
    const kept = new Map<number, (string | null)[]>([0, 1].map((partition) => [partition, []]))
    let paused = -1
    // Of partition 0 something is kept, and what came after it is given back.
    while (paused < 0) {
      for (const batch of await share.read(few)) {
        if (batch.partition === 0 && kept.get(0)!.length > 0) {
          if (paused < 0) share.pause(0, batch.fromOffset)
          paused = Math.max(paused, batch.fromOffset)
        } else kept.get(batch.partition)!.push(...plain(batch).map(({ value }) => value))
      }
    }
    await publishValues(log, input, 1, numbered('p1', 100, 300))
    await publishValues(log, input, 0, numbered('p0', 100, 110))
    const meanwhile = await valuesOf(share, 300 - kept.get(1)!.length)
    expect([...meanwhile.keys()]).toEqual([1])
    expect([...kept.get(1)!, ...meanwhile.get(1)!]).toEqual(numbered('p1', 0, 300))
    share.resume(0)
    const afterwards = await valuesOf(share, 110 - kept.get(0)!.length)
    expect([...kept.get(0)!, ...afterwards.get(0)!]).toEqual(numbered('p0', 0, 110))
    await member.leave()
  })

  test('a share all of whose partitions are paused waits, and goes on with the first that is resumed', async () => {
    const log = world().client()
    const input = await newTopic(world(), log, 2)
    for (const partition of [0, 1]) await publishValues(log, input, partition, numbered(`p${partition}`, 0, 5))
    const member = new HeldMember(log, world().topicName('group'), input)
    const share = await member.share()
    for (const partition of [0, 1]) share.pause(partition, 0)
    const reading = valuesOf(share, 5)
    share.resume(1)
    share.resume(1)
    expect(await reading).toEqual(new Map([[1, numbered('p1', 0, 5)]]))
    await member.leave()
  })

  test('a paused partition goes to another member at once, and is not resumed by the one that had it', async () => {
    const log = world().client()
    const input = await newTopic(world(), log, 2)
    for (const partition of [0, 1]) await publishValues(log, input, partition, numbered(`p${partition}`, 0, 5))
    const group = world().topicName('group')
    const first = new HeldMember(log, group, input)
    const share = await first.share()
    await until('the first member has both', () => share.positions.size === 2)
    await take(share, 10)
    for (const partition of [0, 1]) share.pause(partition, 0)
    const second = new HeldMember(world().client(), group, input)
    const [kept, given] = await shared([first, second], 2)
    expect(kept).toBe(share)
    const [[own], [others]] = [[...kept.positions.keys()], [...given.positions.keys()]]
    share.resume(own)
    share.resume(others)
    expect(await valuesOf(given, 5)).toEqual(new Map([[others, numbered(`p${others}`, 0, 5)]]))
    await publishValues(log, input, others, numbered(`p${others}`, 5, 10))
    expect(await valuesOf(given, 5)).toEqual(new Map([[others, numbered(`p${others}`, 5, 10)]]))
    await publishValues(log, input, own, numbered(`p${own}`, 5, 10))
    expect(await valuesOf(share, 10)).toEqual(new Map([[own, numbered(`p${own}`, 0, 10)]]))
    await second.leave()
    await first.leave()
  })
}
