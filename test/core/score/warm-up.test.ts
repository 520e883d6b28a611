import { expect, test } from 'vitest'
import { isWarmingUp } from '../../../src/core/score/warm-up.ts'
import { bornFrom, clusteredRows, numericPlan } from '../model/sample-model.ts'

const born = bornFrom(numericPlan(2), clusteredRows(200, 2, 3, 1), 200, 3)

test.each([
  ['20 events lie within the budget', 3, 0.005, 4000],
  ['there were 100 events for each cluster', 64, 0.005, 6400],
  ['the histogram holds what it can, though that is too little for the budget', 3, 1e-6, 20_000],
])('a version warms up until %s', (_, k, budget, events) => {
  const model = { ...born, k, control: { ...born.control, budget } }
  expect(isWarmingUp({ ...model, trainedEvents: events - 1 })).toBe(true)
  expect(isWarmingUp({ ...model, trainedEvents: events })).toBe(false)
})
