import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sizesOf } from '../../../src/core/quality/sizes.ts'

test('even clusters are as many as they are', () => {
  expect(sizesOf(Float64Array.of(5, 5, 5, 5))).toMatchObject({ smallest: 0.25, median: 0.25, largest: 0.25 })
  expect(sizesOf(Float64Array.of(5, 5, 5, 5)).effective).toBeCloseTo(4, 12)
})

test('uneven ones count by the entropy of their shares', () => {
  // scipy.stats.entropy([.5, .25, .25]) = 1.0397207708399179, numpy.median([.25, .25, .5]) = .25
  const sizes = sizesOf(Float64Array.of(50, 25, 25))
  expect(sizes.effective).toBeCloseTo(Math.exp(1.0397207708399179), 12)
  expect(sizes).toMatchObject({ smallest: 0.25, median: 0.25, largest: 0.5, empty: 0, starved: 0 })
})

test('a cluster without one event is empty, and one of less than a hundredth of the largest is starved', () => {
  expect(sizesOf(Float64Array.of(1000, 9, 10, 0.5, 0))).toMatchObject({ empty: 2, starved: 1 })
})

test('of clusters that have learned nothing all sizes are 0', () => {
  const none = { smallest: 0, median: 0, largest: 0, effective: 0, empty: 3, starved: 0 }
  expect(sizesOf(new Float64Array(3))).toEqual(none)
})

test('sizes are finite, in order, and no more clusters than there are, whatever the weights', () => {
  const weight = fc.oneof(fc.constantFrom(0, 5e-324, 1, 1e30, 1e300), fc.double({ min: 0, max: 1e9, noNaN: true }))
  fc.assert(
    fc.property(fc.array(weight, { minLength: 1, maxLength: 9 }), (weights) => {
      const { smallest, median, largest, effective, empty, starved } = sizesOf(Float64Array.from(weights))
      expect(0 <= smallest && smallest <= median && median <= largest && largest <= 1).toBe(true)
      expect(effective).toBeLessThanOrEqual(weights.length * (1 + 1e-12))
      expect(empty + starved).toBeLessThanOrEqual(weights.length)
    }),
  )
})
