import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { drawn } from '../../../src/core/upkeep/sampling.ts'

describe('the number that a place in the log draws', () => {
  test('is in (0, 1], and the same whenever it is drawn', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1 }), fc.nat(Number.MAX_SAFE_INTEGER), (partition, offset) => {
        const number = drawn(partition, offset)
        expect(number).toBeGreaterThan(0)
        expect(number).toBeLessThanOrEqual(1)
        expect(drawn(partition, offset)).toBe(number)
      }),
    )
  })

  test.each([
    ['of one partition', (i: number) => [0, i]],
    ['of another, at offsets beyond 32 bits', (i: number) => [5, 2 ** 40 + i]],
    ['of every thousandth offset', (i: number) => [1, 1000 * i]],
    ['of the same offset of many partitions', (i: number) => [i, 77]],
  ] as const)('is as good as uniform over events %s', (_, place) => {
    const n = 100_000
    const counts = new Float64Array(20)
    for (let i = 0; i < n; i++) {
      const [partition, offset] = place(i)
      counts[Math.min(19, Math.floor(20 * drawn(partition, offset)))]++
    }
    // Chi-squared with 19 degrees of freedom: 43.8 is exceeded once in a thousand times.
    const chi = counts.reduce((sum, count) => sum + (count - n / 20) ** 2 / (n / 20), 0)
    expect(chi).toBeLessThan(43.8)
  })

  test('differs between partitions: neighbours do not sample the same offsets', () => {
    const both = Array.from({ length: 100_000 }, (_, i) => drawn(3, i) < 0.1 && drawn(4, i) < 0.1).filter(Boolean)
    expect(both.length / 100_000).toBeCloseTo(0.01, 2)
  })
})
