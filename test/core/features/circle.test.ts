import fc from 'fast-check'
import { expect, test } from 'vitest'
import { writePhase } from '../../../src/core/features/circle.ts'

function phaseOf(share: number): readonly number[] {
  const to = new Float64Array(2)
  writePhase(share, to, 0)
  return [...to]
}

test('sine and cosine of a share of a turn are those of its angle', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (share) => {
      const [sine, cosine] = phaseOf(share)
      // The angle itself is rounded: by 4e-16 at the end of the turn.
      expect(Math.abs(sine - Math.sin(share * 2 * Math.PI))).toBeLessThan(1e-15)
      expect(Math.abs(cosine - Math.cos(share * 2 * Math.PI))).toBeLessThan(1e-15)
      expect(Math.abs(sine * sine + cosine * cosine - 1)).toBeLessThan(1e-15)
    }),
    { numRuns: 2000 },
  )
})

test('at the quarters one of them is 1, and at the end of the turn both are as at its beginning', () => {
  expect([0, 0.25, 0.5, 0.75].map((share) => phaseOf(share).map(Math.round).map(Math.abs))).toEqual([
    [0, 1],
    [1, 0],
    [0, 1],
    [1, 0],
  ])
  expect(phaseOf(1)).toEqual(phaseOf(0))
})
