import { expect, test } from 'vitest'
import type { ExpiredRange } from '../../../src/runtime/ports.ts'
import type { LogWorld } from './world.ts'
import { newTopic, numbered, publishValues, take } from './world.ts'

const much = { maxEvents: 100, maxBytes: 1_000_000 }

export function expiryTheorems(world: () => LogWorld): void {
  /** Ten records, and a group that stands at `position`. */
  async function standingAt(position: number) {
    const log = world().client()
    const [input, group] = [await newTopic(world(), log, 1), world().topicName('group')]
    await publishValues(log, input, 0, numbered('v', 0, 10))
    const earlier = await world().begin()
    await earlier.stage(group, input, new Map([[0, position]]))
    await earlier.commit()
    return { log, input, group, at: { topic: input, partition: 0 } }
  }

  test('a committed position that retention has overtaken is an error, not a silent jump', async () => {
    const { log, input, group, at } = await standingAt(2)
    await world().deleteBefore(at, 5)
    const { done } = log.join(group, input, async (share) => {
      await share.read(much)
    })
    await expect(done).rejects.toMatchObject({ code: 'log.out_of_range' })
    await expect(done).rejects.toThrow(/5 to 10, the position is 2: retention/)
  })

  test('who wants to be told goes on where the log begins, and is told what was passed over', async () => {
    const { log, input, group, at } = await standingAt(2)
    await world().deleteBefore(at, 5)
    const told: ExpiredRange[] = []
    const read: unknown[] = []
    const membership = log.join(
      group,
      input,
      async (share) => {
        const { values, next } = await take(share, 5)
        read.push(...(values.get(0) ?? []))
        await share.begin().commit(next)
      },
      (range) => told.push(range),
    )
    await membership.done
    expect(told).toEqual([{ partition: 0, from: 2, to: 5 }])
    expect(read).toEqual(numbered('v', 5, 10))
    expect(await log.committed(group, input)).toEqual(new Map([[0, 10]]))
  })

  test('a position beyond the end is an error for everybody', async () => {
    const { log, input, group } = await standingAt(20)
    const told: ExpiredRange[] = []
    const { done } = log.join(
      group,
      input,
      async (share) => {
        await share.read(much)
      },
      (range) => told.push(range),
    )
    await expect(done).rejects.toMatchObject({ code: 'log.out_of_range' })
    await expect(done).rejects.toThrow(/0 to 10, the position is 20: the topic was made anew/)
    expect(told).toEqual([])
  })
}
