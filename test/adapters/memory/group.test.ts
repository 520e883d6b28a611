import { expect, test } from 'vitest'
import { Group } from '../../../src/adapters/memory/group.ts'
import { ManualClock } from '../../runtime/manual-clock.ts'

const newGroup = (clock = new ManualClock()) => new Group('group', () => 2, clock, 10_000, undefined)

test('a seat of an earlier generation is out of date, though its member has a seat again', async () => {
  const group = newGroup()
  const earlier = (await group.join(null, [], -1))!
  const present = (await group.join(earlier.memberId, [0, 1], earlier.generation))!
  expect(group.isSeated(earlier)).toBe(false)
  expect(group.isSeated(present)).toBe(true)
})

test('the seats of a generation hold while the next one forms, but not of a member that was removed', async () => {
  const group = newGroup()
  const first = (await group.join(null, [], -1))!
  const [removed, busy] = await Promise.all([
    group.join(null, [], -1),
    group.join(first.memberId, [0, 1], first.generation),
  ])
  expect([group.isSeated(busy!), group.isSeated(removed!)]).toEqual([true, true])
  group.remove(removed!.memberId)
  expect([group.isSeated(busy!), group.isSeated(removed!)]).toEqual([true, false])
})

test('a member that the group has forgotten joins under another name', async () => {
  const group = newGroup()
  const seat = (await group.join(null, [], -1))!
  group.remove(seat.memberId)
  expect((await group.join(seat.memberId, [0, 1], seat.generation))!.memberId).not.toBe(seat.memberId)
})
