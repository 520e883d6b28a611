import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { shareOut } from '../../../src/adapters/memory/sticky.ts'

const ascending = (count: number) => Array.from({ length: count }, (_, i) => i)

/** What members may say that they own: any partitions, some of them twice or no longer there. */
const claims = fc.array(fc.array(fc.nat(20), { maxLength: 8 }), { minLength: 1, maxLength: 6 })

describe('shareOut', () => {
  test('gives each partition to one member, counts differing by at most one, whatever is claimed', () => {
    fc.assert(
      fc.property(fc.nat(16), claims, (partitions, owned) => {
        const shares = shareOut(partitions, owned)
        expect(shares.flat().sort((a, b) => a - b)).toEqual(ascending(partitions))
        const counts = shares.map((share) => share.length)
        expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1)
      }),
    )
  })

  test('changes nothing when nobody comes or goes', () => {
    fc.assert(
      fc.property(fc.nat(16), claims, (partitions, owned) => {
        const shares = shareOut(partitions, owned)
        expect(shareOut(partitions, shares)).toEqual(shares)
        expect(shareOut(partitions, shares.toReversed())).toEqual(shares.toReversed())
      }),
    )
  })

  test('moves no partition but to the member that comes', () => {
    fc.assert(
      fc.property(fc.nat(16), claims, (partitions, owned) => {
        const before = shareOut(partitions, owned)
        const after = shareOut(partitions, [...before, []])
        before.forEach((share, member) => {
          expect(share).toEqual(expect.arrayContaining(after[member]))
        })
      }),
    )
  })

  test('moves no partition but those of the member that goes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 16 }), claims, (partitions, owned) => {
        const [, ...before] = shareOut(partitions, [[], ...owned])
        const after = shareOut(partitions, before)
        before.forEach((share, member) => {
          expect(after[member]).toEqual(expect.arrayContaining(share))
        })
      }),
    )
  })
})
