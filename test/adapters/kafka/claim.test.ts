import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeClaim, decodeGivingUp, encodeClaim, encodeGivingUp } from '../../../src/adapters/kafka/claim.ts'

const partitionsOf = fc.array(fc.nat(30), { maxLength: 12 })

describe('a claim', () => {
  test('is read as it was written', () => {
    fc.assert(
      fc.property(partitionsOf, fc.integer({ min: -1, max: 5 }), (partitions, generation) => {
        expect(decodeClaim('m', encodeClaim(partitions, generation))).toEqual({
          memberId: 'm',
          partitions,
          generation,
          keeps: true,
        })
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

  test('of release 0.1.0 is of a member that gives everything up before it joins', () => {
    const bytes = encodeClaim([4, 7], 3)
    bytes.writeInt16BE(1, 0)
    expect(decodeClaim('m', bytes)).toEqual({ memberId: 'm', partitions: [4, 7], generation: 3, keeps: false })
  })
})

describe('what is to be given up', () => {
  test('is read as it was written', () => {
    fc.assert(
      fc.property(partitionsOf, (givingUp) => {
        expect(decodeGivingUp(encodeGivingUp({ partitions: [], givingUp }))).toEqual(givingUp)
      }),
    )
  })

  test('is nothing when it cannot be read, as when release 0.1.0 leads', () => {
    for (const bytes of [Buffer.alloc(0), Buffer.alloc(5), Buffer.alloc(6), Buffer.from('no such thing')])
      expect(decodeGivingUp(bytes)).toEqual([])
  })
})
