import { describe, expect, test } from 'vitest'
import { lowerFloors } from '../../../src/core/model/floor.ts'
import { runningSpreads } from '../../../src/core/model/metric.ts'
import { learnRows } from '../../stages/learning-stream.ts'
import { bornFrom, numericPlan } from './sample-model.ts'

/** A model whose first column had one value at birth, and the second a spread of 1. */
function model() {
  const rows = Float64Array.from({ length: 2000 }, (_, at) => (at % 2 === 0 ? 3 : ((at * 7919) % 1000) / 288))
  return bornFrom(numericPlan(2), rows, 1000, 2)
}

describe('the least spread of a column', () => {
  test('that had one value at birth is a unit at first, and comes down with the square root of the events', () => {
    const born = model()
    expect(born.floor[0]).toBe(1)
    const after = (trainedEvents: number) => {
      const one = { ...born, floor: born.floor.slice(), trainedEvents }
      lowerFloors(one)
      return one.floor[0]
    }
    expect([1000, 20_000, 80_000, 2_000_000].map(after)).toEqual([1, 1, 0.5, 0.1])
    expect(after(Number.MAX_SAFE_INTEGER)).toBe(1e-3)
  })

  test('that was known at birth stays about what it was', () => {
    const born = model()
    const before = born.floor[1]
    lowerFloors(Object.assign(born, { trainedEvents: 1e12 }))
    expect(before).toBeLessThan(0.01)
    expect(born.floor[1]).toBeGreaterThan(0.5 * before)
  })

  test('does not keep a flag that was never set at birth from having its own spread', () => {
    const born = model()
    for (let i = 0; i < 15; i++) {
      const rows = Float64Array.from({ length: 20_000 }, (_, at) => (at % 2 === 0 ? (at % 8 === 0 ? 4 : 3) : 1))
      learnRows(born, rows, 5000)
    }
    expect(runningSpreads(born)[0]).toBeCloseTo(Math.sqrt(0.25 * 0.75), 2)
  })
})
