import fc from 'fast-check'
import { expect, test } from 'vitest'
import { RunningMeanScore } from '../../../src/core/score/baseline.ts'

test('the score is the sum of the distances to the mean in standard deviations', () => {
  const baseline = new RunningMeanScore(2)
  baseline.learn(Float64Array.of(-1, 90, 1, 110), 2)
  const scores = new Float64Array(2)
  baseline.score(Float64Array.of(0, 100, 2, 70), 2, scores)
  expect([...scores]).toEqual([0, 5])
})

test('scoring learns nothing, and before anything is learned every score is 0', () => {
  const baseline = new RunningMeanScore(1)
  const scores = Float64Array.of(9)
  baseline.score(Float64Array.of(5), 1, scores)
  expect([scores[0], baseline.statistics.weight[0]]).toEqual([0, 0])
})

test('a column that has been constant is measured in its own units', () => {
  const baseline = new RunningMeanScore(1)
  baseline.learn(Float64Array.of(3, 3, 3), 3)
  const scores = new Float64Array(1)
  baseline.score(Float64Array.of(5), 1, scores)
  expect(scores[0]).toBe(2)
})

test('what is learned is the mean and spread of all rows as they are, however far one lies', () => {
  const baseline = new RunningMeanScore(1)
  baseline.learn(Float64Array.of(-1, 1), 2)
  baseline.learn(Float64Array.of(3e9, 5), 1)
  expect(baseline.statistics.mean[0]).toBeCloseTo(1e9, 3)
  const scores = new Float64Array(1)
  baseline.score(Float64Array.of(3e9), 1, scores)
  expect(scores[0]).toBeCloseTo(Math.SQRT2, 12)
})

test('no rows of a size that a feature can have make NaN', () => {
  const value = fc.double({ min: -1e100, max: 1e100, noNaN: true })
  const batches = fc.array(fc.array(fc.tuple(value, value), { maxLength: 6 }), { maxLength: 5 })
  fc.assert(
    fc.property(batches, (rowsOf) => {
      const baseline = new RunningMeanScore(2)
      for (const batch of rowsOf) {
        const rows = Float64Array.from(batch.flat())
        const scores = new Float64Array(batch.length)
        baseline.score(rows, batch.length, scores)
        expect(scores.some(Number.isNaN)).toBe(false)
        baseline.learn(rows, batch.length)
      }
      expect(baseline.statistics.mean.every(Number.isFinite)).toBe(true)
      expect(baseline.statistics.m2.every(Number.isFinite)).toBe(true)
    }),
  )
})
