import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Assignment, assignSticky, type Claim } from '../../../src/runtime/membership/assignment.ts'

const member = fc.record({
  partitions: fc.array(fc.nat(30), { maxLength: 12 }),
  generation: fc.integer({ min: -1, max: 5 }),
})
const group = fc
  .array(member, { minLength: 1, maxLength: 8 })
  .map((members) => members.map((claim, i): Claim => ({ memberId: `member-${i}`, keeps: i % 3 !== 2, ...claim })))
const topic = fc.nat(24).map((count) => Array.from({ length: count }, (_, i) => i))

type Assigned = ReadonlyMap<string, Assignment>

const owners = (assigned: Assigned) =>
  new Map([...assigned].flatMap(([memberId, { partitions }]) => partitions.map((each) => [each, memberId] as const)))
const claimsOf = (assigned: Assigned, generation: number): Claim[] =>
  [...assigned].map(([memberId, { partitions }]) => ({ memberId, partitions, generation, keeps: true }))

/** What the generations come to in which everybody gives up what it was told to. */
function settled(claims: readonly Claim[], partitions: readonly number[]): Assigned {
  const first = assignSticky(claims, partitions)
  return assignSticky(claimsOf(first, 99), partitions)
}

describe('the assignment of partitions', () => {
  test('gives every partition to exactly one member, and every member its fair number', () => {
    fc.assert(
      fc.property(group, topic, (claims, partitions) => {
        const assigned = settled(claims, partitions)
        expect([...assigned.keys()].sort()).toEqual(claims.map(({ memberId }) => memberId).sort())
        const given = [...assigned.values()].flatMap((mine) => mine.partitions)
        expect(given.sort((a, b) => a - b)).toEqual(partitions)
        const counts = [...assigned.values()].map((mine) => mine.partitions.length)
        expect([...assigned.values()].flatMap(({ givingUp }) => givingUp)).toEqual([])
        expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1)
      }),
    )
  })

  test('is the same whatever the order of the claims', () => {
    fc.assert(
      fc.property(group, topic, fc.infiniteStream(fc.nat()), (claims, partitions, order) => {
        const shuffled = claims.map((claim) => ({ claim, at: order.next().value })).sort((a, b) => a.at - b.at)
        expect(
          owners(
            assignSticky(
              shuffled.map(({ claim }) => claim),
              partitions,
            ),
          ),
        ).toEqual(owners(assignSticky(claims, partitions)))
      }),
    )
  })

  test('moves nothing when nobody came and nobody left', () => {
    fc.assert(
      fc.property(group, topic, (claims, partitions) => {
        const before = settled(claims, partitions)
        expect(owners(assignSticky(claimsOf(before, 9), partitions))).toEqual(owners(before))
      }),
    )
  })

  test('moves only what a newcomer is given when one comes', () => {
    fc.assert(
      fc.property(group, topic, (claims, partitions) => {
        const before = settled(claims, partitions)
        const after = owners(
          settled(
            [...claimsOf(before, 9), { memberId: 'newcomer', partitions: [], generation: -1, keeps: true }],
            partitions,
          ),
        )
        const moved = [...owners(before)].filter(([partition, memberId]) => after.get(partition) !== memberId)
        expect(moved.every(([partition]) => after.get(partition) === 'newcomer')).toBe(true)
      }),
    )
  })

  test('moves only what a leaver held when one leaves', () => {
    fc.assert(
      fc.property(group, topic, (claims, partitions) => {
        fc.pre(claims.length > 1)
        const before = settled(claims, partitions)
        const [leaver, ...rest] = claimsOf(before, 9)
        const after = owners(assignSticky(rest, partitions))
        const stayed = [...owners(before)].filter(([, memberId]) => memberId !== leaver.memberId)
        expect(stayed.every(([partition, memberId]) => after.get(partition) === memberId)).toBe(true)
      }),
    )
  })

  test('believes the claim of the later generation', () => {
    const stale = { memberId: 'a', partitions: [0], generation: 3, keeps: true }
    const present = { memberId: 'b', partitions: [0], generation: 4, keeps: true }
    expect(assignSticky([stale, present], [0, 1]).get('b')).toEqual({ partitions: [0], givingUp: [] })
  })

  test('gives nobody what another member holds: its holder is told to give it up first', () => {
    fc.assert(
      fc.property(group, topic, (claims, partitions) => {
        const assigned = assignSticky(claims, partitions)
        for (const [memberId, { partitions: mine, givingUp }] of assigned) {
          const claim = claims.find((each) => each.memberId === memberId)!
          for (const partition of givingUp) {
            expect(claim.partitions).toContain(partition)
            expect(owners(assigned).has(partition)).toBe(false)
          }
          for (const partition of mine) {
            const [holder] = claims
              .filter((each) => each.partitions.includes(partition))
              .sort((a, b) => b.generation - a.generation || (a.memberId < b.memberId ? -1 : 1))
            if (holder?.keeps) expect(holder.memberId).toBe(memberId)
          }
        }
      }),
    )
  })

  test('moves at once what a member gives up before it joins', () => {
    const eager = { memberId: 'a', partitions: [0, 1], generation: 3, keeps: false }
    const newcomer = { memberId: 'b', partitions: [], generation: -1, keeps: true }
    expect(assignSticky([eager, newcomer], [0, 1])).toEqual(
      new Map([
        ['a', { partitions: [0], givingUp: [] }],
        ['b', { partitions: [1], givingUp: [] }],
      ]),
    )
  })
})
