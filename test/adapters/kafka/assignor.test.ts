import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { assignSticky, type Claim, decodeClaim, encodeClaim } from '../../../src/adapters/kafka/assignor.ts'

const member = fc.record({
  partitions: fc.array(fc.nat(30), { maxLength: 12 }),
  generation: fc.integer({ min: -1, max: 5 }),
})
const group = fc
  .array(member, { minLength: 1, maxLength: 8 })
  .map((members) => members.map((claim, i): Claim => ({ memberId: `member-${i}`, ...claim })))
const topic = fc.nat(24).map((count) => Array.from({ length: count }, (_, i) => i))

const owners = (assigned: ReadonlyMap<string, readonly number[]>) =>
  new Map(
    [...assigned].flatMap(([memberId, partitions]) => partitions.map((partition) => [partition, memberId] as const)),
  )
const claimsOf = (assigned: ReadonlyMap<string, readonly number[]>, generation: number): Claim[] =>
  [...assigned].map(([memberId, partitions]) => ({ memberId, partitions, generation }))

describe('the assignment of partitions', () => {
  test('gives every partition to exactly one member, and every member its fair number', () => {
    fc.assert(
      fc.property(group, topic, (claims, partitions) => {
        const assigned = assignSticky(claims, partitions)
        expect([...assigned.keys()].sort()).toEqual(claims.map(({ memberId }) => memberId).sort())
        expect([...assigned.values()].flat().sort((a, b) => a - b)).toEqual(partitions)
        const counts = [...assigned.values()].map((mine) => mine.length)
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
        const before = assignSticky(claims, partitions)
        expect(owners(assignSticky(claimsOf(before, 9), partitions))).toEqual(owners(before))
      }),
    )
  })

  test('moves only what a newcomer is given when one comes', () => {
    fc.assert(
      fc.property(group, topic, (claims, partitions) => {
        const before = assignSticky(claims, partitions)
        const after = owners(
          assignSticky([...claimsOf(before, 9), { memberId: 'newcomer', partitions: [], generation: -1 }], partitions),
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
        const before = assignSticky(claims, partitions)
        const [leaver, ...rest] = claimsOf(before, 9)
        const after = owners(assignSticky(rest, partitions))
        const stayed = [...owners(before)].filter(([, memberId]) => memberId !== leaver.memberId)
        expect(stayed.every(([partition, memberId]) => after.get(partition) === memberId)).toBe(true)
      }),
    )
  })

  test('believes the claim of the later generation', () => {
    const stale = { memberId: 'a', partitions: [0], generation: 3 }
    const present = { memberId: 'b', partitions: [0], generation: 4 }
    expect(assignSticky([stale, present], [0, 1]).get('b')).toEqual([0])
  })
})

describe('a claim', () => {
  test('is read as it was written', () => {
    fc.assert(
      fc.property(member, ({ partitions, generation }) => {
        expect(decodeClaim('m', encodeClaim(partitions, generation))).toEqual({ memberId: 'm', partitions, generation })
      }),
    )
  })

  test('that cannot be read claims nothing', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const claim = decodeClaim('m', Buffer.from(bytes))
        expect(claim.memberId).toBe('m')
        expect(claim.partitions.length).toBeLessThanOrEqual(8)
      }),
    )
  })
})
