import fc from 'fast-check'
import { expect, test } from 'vitest'
import { adjustedRand } from '../../../src/core/kmeans/adjusted-rand.ts'

const ids = fc.array(fc.tuple(fc.nat(4), fc.nat(4)), { maxLength: 40 })

test('a clustering agrees with itself under other ids entirely', () => {
  fc.assert(
    fc.property(ids, (rows) => {
      const a = Int32Array.from(rows, ([id]) => id)
      expect(
        adjustedRand(
          a,
          a.map((id) => (id * 3 + 1) % 5),
        ),
      ).toBe(1)
    }),
  )
})

test('agreement is symmetric and at most 1', () => {
  fc.assert(
    fc.property(ids, (rows) => {
      const a = Int32Array.from(rows, ([id]) => id)
      const b = Int32Array.from(rows, ([, id]) => id)
      expect(adjustedRand(a, b)).toBe(adjustedRand(b, a))
      expect(adjustedRand(a, b)).toBeLessThanOrEqual(1)
    }),
  )
})

test('groupings that share no pair agree less than chance', () => {
  expect(adjustedRand(Int32Array.of(0, 0, 1, 1), Int32Array.of(0, 1, 0, 1))).toBeCloseTo(-0.5, 12)
})
