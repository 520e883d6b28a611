import { expect, test } from 'vitest'
import type { EventLog } from '../../../src/runtime/ports.ts'
import { startCopier } from './copier.ts'
import type { LogWorld } from './world.ts'
import { HeldMember, newTopic, numbered, publishValues, shared, until, valuesIn } from './world.ts'

export function handoverTheorems(world: () => LogWorld): void {
  test('a member that leaves hands over: nothing is twice or missing in the committed output', async () => {
    const log = world().client()
    const [input, output] = [await newTopic(world(), log, 2, 'input'), await newTopic(world(), log, 2, 'output')]
    const group = world().topicName('group')
    const values = numbered('v', 0, 500)
    for (const partition of [0, 1]) await publishValues(log, input, partition, values)
    const few = { maxEvents: 40, maxBytes: 1_000_000 }
    const first = startCopier(world().client(), group, input, output, few)
    await until('some records are copied', () => first.copied() >= 200)
    await first.membership.leave()
    const second = startCopier(world().client(), group, input, output, few)
    await until('the rest is copied', () => first.copied() + second.copied() === 1000)
    await second.membership.leave()
    for (const partition of [0, 1]) expect(await valuesIn(log, output, partition)).toEqual(values)
  })

  test('a client that is closed leaves its groups at once', async () => {
    const log = world().client()
    const input = await newTopic(world(), log, 2, 'input')
    const group = world().topicName('group')
    const closing = world().client()
    const [a, b] = [new HeldMember(closing, group, input), new HeldMember(log, group, input)]
    await shared([a, b], 2)
    await closing.close()
    await expect(a.membership.done).resolves.toBeUndefined()
    await shared([b], 2)
    await b.leave()
  })

  test('20,000 records through three handovers: each exactly once, in order', async () => {
    const log = world().client()
    const [input, output] = [await newTopic(world(), log, 4, 'input'), await newTopic(world(), log, 4, 'output')]
    const group = world().topicName('group')
    const values = numbered('v', 0, 5000)
    for (const partition of [0, 1, 2, 3]) await publishValues(log, input, partition, values)
    const start = (client: EventLog) =>
      startCopier(client, group, input, output, { maxEvents: 100, maxBytes: 1_000_000 })
    const a = start(world().client())
    await until('a is at work', () => a.copied() >= 2000)
    const b = start(world().client())
    await until('b is at work', () => b.copied() >= 1000)
    await a.membership.leave()
    const before = b.copied()
    await until('b has taken over', () => b.copied() >= Math.min(before + 1000, 20_000 - a.copied()))
    const c = start(world().client())
    await until('all is copied', () => a.copied() + b.copied() + c.copied() === 20_000)
    await Promise.all([b.membership.leave(), c.membership.leave()])
    for (const partition of [0, 1, 2, 3]) expect(await valuesIn(log, output, partition)).toEqual(values)
    const ends = await Promise.all([0, 1, 2, 3].map((partition) => log.bounds({ topic: input, partition })))
    expect(await log.committed(group, input)).toEqual(new Map(ends.map(({ end }, partition) => [partition, end])))
  })
}
