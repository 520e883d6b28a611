import { expect, test } from 'vitest'
import { runningSpreads } from '../../../src/core/model/metric.ts'
import type { Model } from '../../../src/core/model/model.ts'
import { movement } from '../../../src/core/model/movement.ts'
import { bornFrom, clusteredRows, numericPlan } from './sample-model.ts'

const then = bornFrom(numericPlan(3), clusteredRows(300, 3, 2, 1), 300, 2)

/** The model with its centroids moved by so many spreads: of every column, or of cluster j alone. */
function moved(spreads: number, only?: number): Model {
  const now = structuredClone(then)
  for (let c = 0; c < 6; c++) {
    if (only === undefined || Math.floor(c / 3) === only) now.clusters.mean[c] += spreads * runningSpreads(then)[c % 3]
  }
  return now
}

test('a model that has not moved has moved by 0, and one whose clusters moved by a spread in every column by 1', () => {
  expect(movement(then, then)).toBe(0)
  expect(movement(then, moved(1))).toBeCloseTo(1, 12)
  expect(movement(then, moved(-2.5))).toBeCloseTo(2.5, 12)
})

test('a cluster counts by the mass that it has now', () => {
  const now = moved(1, 0)
  now.clusters.weight.set([30, 70])
  expect(movement(then, now)).toBeCloseTo(0.3, 12)
})

test('one column of three counts √⅓', () => {
  const now = structuredClone(then)
  now.clusters.mean[1] += runningSpreads(then)[1]
  now.clusters.mean[4] -= runningSpreads(then)[1]
  expect(movement(then, now)).toBeCloseTo(Math.sqrt(1 / 3), 12)
})

test('without mass nothing has moved, and it is never NaN', () => {
  const now = moved(3)
  now.clusters.weight.fill(0)
  expect(movement(then, now)).toBe(0)
  const weightless = structuredClone(then)
  weightless.whole.weight[0] = 0
  expect(Number.isFinite(movement(weightless, moved(3)))).toBe(true)
})
