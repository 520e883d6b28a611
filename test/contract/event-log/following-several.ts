import { expect, test } from 'vitest'
import type { EventLog, Positions } from '../../../src/runtime/ports.ts'
import type { LogWorld } from './world.ts'
import { newTopic, numbered, plain, publishValues, readAll } from './world.ts'

type Values = Record<number, (string | null)[]>

/** Follows until `enough` says so of what was read. */
async function followed(
  log: EventLog,
  topic: string,
  from: Positions,
  enough: (read: Values) => boolean,
): Promise<Values> {
  const read: Values = {}
  for await (const batch of log.follow(topic, from, AbortSignal.timeout(30_000))) {
    if (batch.count > 0) read[batch.partition] ??= []
    for (const { value } of plain(batch)) read[batch.partition].push(value)
    if (enough(read)) return read
  }
  throw new Error(`${topic} must hold what the test expects: read ${countIn(read, Object.keys(read))} records`)
}

function countIn(read: Values, partitions: readonly (number | string)[]): number {
  return partitions.reduce<number>((sum, partition) => sum + (read[Number(partition)]?.length ?? 0), 0)
}

export function followSeveralTheorems(world: () => LogWorld): void {
  test('of several partitions all is followed in order, of each from where it was told to, and of no other', async () => {
    const log = world().client()
    const topic = await newTopic(world(), log, 5)
    for (const partition of [0, 1, 2, 3, 4]) await publishValues(log, topic, partition, numbered('v', 0, 50))
    await world().deleteBefore({ topic, partition: 4 }, 40)
    const from = new Map([
      [3, 49],
      [0, 0],
      [4, 10],
      [1, 20],
    ])
    const read = await followed(world().client(), topic, from, (read) => countIn(read, [0, 1, 2, 3, 4]) >= 91)
    expect(read).toEqual({
      0: numbered('v', 0, 50),
      1: numbered('v', 20, 50),
      3: numbered('v', 49, 50),
      4: numbered('v', 40, 50),
    })
  })

  test('a follower of several partitions goes on with what comes to any of them, and ends when the signal fires', async () => {
    const log = world().client()
    const topic = await newTopic(world(), log, 4)
    await publishValues(log, topic, 2, ['in 2'])
    const stop = new AbortController()
    const from = new Map([0, 1, 2, 3].map((partition) => [partition, 0]))
    const read: (string | null)[] = []
    const then = [0, 3, 1, 1, 2]
    for await (const batch of log.follow(topic, from, stop.signal)) {
      if (batch.count === 0) continue
      read.push(...plain(batch).map(({ value }) => value))
      const partition = then.shift()
      if (partition === undefined) setImmediate(() => stop.abort())
      else await publishValues(log, topic, partition, [`in ${partition}`])
    }
    expect(read).toEqual(['in 2', 'in 0', 'in 3', 'in 1', 'in 1', 'in 2'])
  })

  test('a partition that always has more keeps none of the others waiting', async () => {
    const log = world().client()
    const topic = await newTopic(world(), log, 3)
    const backlog = 6000
    await publishValues(log, topic, 1, numbered('x'.repeat(2000), 0, backlog))
    for (const partition of [0, 2]) await publishValues(log, topic, partition, numbered('v', 0, 3))
    const from = new Map([1, 0, 2].map((partition) => [partition, 0]))
    const read = await followed(world().client(), topic, from, (read) => countIn(read, [0, 2]) === 6)
    expect(countIn(read, [1])).toBeLessThan(backlog / 2)
  })

  test('a follower of no partition ends only when the signal fires', async () => {
    const log = world().client()
    const topic = await newTopic(world(), log, 1)
    const stop = new AbortController()
    const reading = Array.fromAsync(log.follow(topic, new Map(), stop.signal))
    await publishValues(log, topic, 0, ['of no interest'])
    expect(await Promise.race([reading, readAll(log, { topic, partition: 0 })])).toHaveLength(1)
    stop.abort()
    expect(await reading).toEqual([])
  })

  test('a position beyond the end of one of them is an error', async () => {
    const log = world().client()
    const topic = await newTopic(world(), log, 2)
    const from = new Map([
      [0, 0],
      [1, 7],
    ])
    const refusal = followed(log, topic, from, () => false)
    await expect(refusal).rejects.toMatchObject({ code: 'log.out_of_range' })
    await expect(refusal).rejects.toThrow(`partition 1 of ${topic}`)
  })
}
