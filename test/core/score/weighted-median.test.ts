import fc from 'fast-check'
import { expect, test } from 'vitest'
import { weightedMedian } from '../../../src/core/score/weighted-median.ts'

const weighed = fc.array(
  fc.record({
    value: fc.oneof(fc.integer({ min: -5, max: 5 }), fc.double({ noNaN: true })),
    weight: fc.integer({ min: 1, max: 9 }),
  }),
  { minLength: 1, maxLength: 60 },
)

test('the weighted median is where the sorted values have half of the weight', () => {
  fc.assert(
    fc.property(weighed, (all) => {
      const sorted = all.toSorted((a, b) => a.value - b.value)
      let left = all.reduce((sum, { weight }) => sum + weight, 0) / 2
      const expected = sorted.find(({ weight }) => {
        left -= weight
        return left <= 0
      })
      const values = Float64Array.from(all, ({ value }) => value)
      const found = weightedMedian(
        values,
        Float64Array.from(all, ({ weight }) => weight),
      )
      expect(found === expected!.value).toBe(true)
    }),
  )
})

test('what is no number has an end, too', () => {
  const [nothing, one] = [Number.NaN, new Float64Array(3).fill(1)]
  expect(weightedMedian(Float64Array.of(nothing, nothing, nothing), one)).toBeNaN()
  expect(weightedMedian(Float64Array.of(1, nothing, Number.POSITIVE_INFINITY), one)).toBeNaN()
})
