import fc from 'fast-check'
import { expect, test } from 'vitest'
import { nthLeast } from '../../../src/core/upkeep/nth-least.ts'

const values = fc.array(fc.oneof(fc.double({ noNaN: true }), fc.integer({ min: 0, max: 3 })), {
  minLength: 1,
  maxLength: 200,
})

test('is what a sort puts there', () => {
  fc.assert(
    fc.property(values, fc.nat(), (some, at) => {
      const n = at % some.length
      // A sort tells the two zeros apart; no comparison does.
      const sorted = Float64Array.from(some, (value) => value + 0).sort()
      expect(
        nthLeast(
          Float64Array.from(some, (value) => value + 0),
          n,
        ),
      ).toBe(sorted[n])
    }),
  )
})
