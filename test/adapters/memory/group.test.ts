import { expect, test } from 'vitest'
import { Group, Member } from '../../../src/adapters/memory/group.ts'
import { ManualClock } from '../../runtime/manual-clock.ts'

const fenced = expect.objectContaining({ code: 'log.fenced' })
const newGroup = () => new Group('group', 2, new ManualClock(), 10_000, undefined)

test('a seat of an earlier generation is refused, though its member has a seat again', async () => {
  const group = newGroup()
  const member = new Member()
  const earlier = (await group.join(member))!
  const present = (await group.join(member))!
  expect(() => group.refuseUnlessSeated(earlier)).toThrow(fenced)
  expect(() => group.refuseUnlessSeated(present)).not.toThrow()
})

test('a member that was removed is refused before the next generation has begun', async () => {
  const group = newGroup()
  const [removed, busy] = [new Member(), new Member()]
  await group.join(removed)
  const both = [group.join(busy), group.join(removed)]
  const [busySeat, removedSeat] = await Promise.all(both)
  group.remove(removed)
  expect(() => group.refuseUnlessSeated(removedSeat!)).toThrow(fenced)
  expect(() => group.refuseUnlessSeated(busySeat!)).not.toThrow()
})
