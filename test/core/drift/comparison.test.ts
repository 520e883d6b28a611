import { describe, expect, test } from 'vitest'
import { compare } from '../../../src/core/drift/comparison.ts'
import { emptyTally, type Tally } from '../../../src/core/drift/tally.ts'
import { type BinKind, binsOf } from '../../../src/core/features/feature-bins.ts'

const none = new Float64Array(0)

/** Events of one feature of four bins. */
function tallyOf(counts: readonly number[], missing = 0): Tally {
  const tally = emptyTally(1, 4, 2)
  tally.features.bins.set(counts)
  tally.features.missing[0] = missing
  tally.events = counts.reduce((sum, count) => sum + count, missing)
  return tally
}

function compared(kind: BinKind, then: Tally, now: Tally) {
  const edges = kind === 'number' ? Float64Array.of(0, 1, 2) : none
  return compare([kind], binsOf([{ edges, count: 4 }]), now, then)
}

describe('a comparison', () => {
  test('of categories does not depend on their order, of a number it does', () => {
    const [then, now] = [tallyOf([500, 0, 500, 0]), tallyOf([0, 500, 0, 500])]
    expect(compared('category', then, now).distances[0]).toBe(1)
    expect(compared('number', then, now).distances[0]).toBe(0.5)
  })

  test('never says that the time of day has changed', () => {
    expect(compared('phase', tallyOf([1000, 0, 0, 0]), tallyOf([0, 0, 0, 1000])).distances[0]).toBe(0)
  })

  test('of too few values says nothing', () => {
    const { distances, limits } = compared('number', tallyOf([1000, 0, 0, 0]), tallyOf([0, 0, 0, 50]))
    expect([distances[0], limits[0]]).toEqual([0, Number.POSITIVE_INFINITY])
  })

  test('takes the share that is missing where that has changed more than the values', () => {
    const { distances, isMissing } = compared('number', tallyOf([500, 500, 0, 0]), tallyOf([250, 250, 0, 0], 500))
    expect([distances[0], isMissing[0]]).toEqual([0.5, 1])
  })

  test('misses a category of two in a hundred that none of a thousand events has; a rarer one, that none of four thousand has', () => {
    expect(compared('category', tallyOf([9800, 200, 0, 0]), tallyOf([1000, 0, 0, 0])).vanished).toBeCloseTo(0.02, 12)
    expect(compared('category', tallyOf([9900, 100, 0, 0]), tallyOf([1000, 0, 0, 0])).vanished).toBe(0)
    expect(compared('category', tallyOf([9900, 100, 0, 0]), tallyOf([4000, 0, 0, 0])).vanished).toBeCloseTo(0.01, 12)
    expect(compared('category', tallyOf([9500, 500, 0, 0]), tallyOf([980, 20, 0, 0])).vanished).toBe(0)
  })
})
