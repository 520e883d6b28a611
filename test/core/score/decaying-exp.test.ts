import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decayingExp } from '../../../src/core/score/decaying-exp.ts'

test('is exp(−x) to the last few bits, and 0 from 40 on', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 40, maxExcluded: true, noNaN: true }), (x) => {
      expect(Math.abs(decayingExp(x) / Math.exp(-x) - 1)).toBeLessThan(1e-14)
    }),
    { numRuns: 2000 },
  )
  expect([0, 40, 1e300, Number.POSITIVE_INFINITY].map(decayingExp)).toEqual([1, 0, 0, 0])
})
