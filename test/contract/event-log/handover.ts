import { expect, test } from 'vitest'
import { Copier } from './copier.ts'
import type { LogWorld } from './world.ts'
import { HeldMember, newTopic, numbered, publishValues, shared, until, valuesIn } from './world.ts'

export function handoverTheorems(world: () => LogWorld): void {
  async function worldOf(partitions: number, records: number) {
    const log = world().client()
    const input = await newTopic(world(), log, partitions, 'input')
    const output = await newTopic(world(), log, partitions, 'output')
    const group = world().topicName('group')
    const values = numbered('v', 0, records)
    for (let partition = 0; partition < partitions; partition++) await publishValues(log, input, partition, values)
    return { log, input, output, group, values, copier: () => new Copier(world().client(), group, input, output) }
  }

  test('a member that leaves hands over: nothing is twice or missing in the committed output', async () => {
    const { log, output, values, copier } = await worldOf(2, 1000)
    const first = copier()
    first.allow(500)
    await until('some records are copied', () => first.copied >= 500)
    first.allow(2000)
    await first.membership.leave()
    const second = copier()
    second.allow(2000)
    await until('the rest is copied', () => first.copied + second.copied === 2000)
    await second.membership.leave()
    expect(await valuesIn(log, output, 0)).toEqual(values)
    expect(await valuesIn(log, output, 1)).toEqual(values)
  })

  test('a client that is closed leaves its groups at once', async () => {
    const { log, input, group } = await worldOf(2, 0)
    const closing = world().client()
    expect(await log.members(group, input)).toBe(0)
    const [a, b] = [new HeldMember(closing, group, input), new HeldMember(log, group, input)]
    await shared([a, b], 2)
    expect(await log.members(group, input)).toBe(2)
    await closing.close()
    await expect(a.membership.done).resolves.toBeUndefined()
    await shared([b], 2)
    expect(await log.members(group, input)).toBe(1)
    await b.leave()
  })

  test('20,000 records through three handovers: each exactly once, in order', async () => {
    const { log, input, output, group, values, copier } = await worldOf(4, 5000)
    const a = copier()
    a.allow(3000)
    await until('a has copied some', () => a.copied >= 3000)
    a.allow(6000) // It is at work when b joins, and again when it leaves; so is b when c joins and when it leaves.
    const b = copier()
    b.allow(2000)
    await until('b has copied some', () => b.copied >= 2000)
    a.allow(7000)
    await a.membership.leave()
    b.allow(4000)
    const c = copier()
    c.allow(2000)
    await until('c has copied some', () => c.copied >= 2000)
    b.allow(5000)
    await b.membership.leave()
    c.allow(20_000)
    await until('all is copied', () => a.copied + b.copied + c.copied === 20_000)
    await c.membership.leave()
    for (const partition of [0, 1, 2, 3]) expect(await valuesIn(log, output, partition)).toEqual(values)
    expect(await log.committed(group, input)).toEqual(new Map([0, 1, 2, 3].map((partition) => [partition, 5000])))
  })
}
