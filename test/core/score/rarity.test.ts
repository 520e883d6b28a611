import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Random } from '../../../src/core/kmeans/random.ts'
import type { RarityState } from '../../../src/core/model/model.ts'
import {
  addRarity,
  decayRarity,
  emptyRarity,
  logDistanceAt,
  rarityBin,
  rarityBins,
  rarityOf,
  rarityTable,
} from '../../../src/core/score/rarity.ts'

function stateOf(logDistances: readonly number[]): RarityState {
  const state = emptyRarity()
  addRarity(state, Int32Array.from(logDistances, rarityBin), new Float64Array(logDistances.length).fill(1))
  return state
}

const histogram = fc.oneof(
  fc.array(fc.double({ min: -30, max: 30, noNaN: true }), { minLength: 1, maxLength: 60 }),
  // All in a few bins, where ties are.
  fc.array(fc.constantFrom(-8, -1, -0.999, 0, 0.01, 15.99), { minLength: 1, maxLength: 200 }),
  fc.constant(Array.from({ length: 1000 }, (_, i) => Math.log(i + 1))),
)

describe('the bin of a log distance', () => {
  test.each([
    [-8, 0],
    [-8 + 1 / 32, 1],
    [-8 + 1 / 32 - 1e-12, 0],
    [0, 256],
    [15.99, 767],
    [16, 767],
    [-1000, 0],
    [-8.01, 0],
    [1e300, 767],
    [-Infinity, 0],
    [Infinity, 767],
  ])('%d is %d', (logDistance, bin) => {
    expect(rarityBin(logDistance) + 0).toBe(bin)
  })
})

describe('the rarity', () => {
  test('falls as the distance grows, and stays in [1e-300, 1]', () => {
    const distance = fc.oneof(fc.double({ min: -26, max: 26, noNaN: true }), fc.double({ noNaN: true }))
    fc.assert(
      fc.property(histogram, fc.array(distance, { minLength: 2, maxLength: 30 }), (seen, queries) => {
        const table = rarityTable(stateOf(seen))
        const bounds = [...seen, ...seen.map((s) => s + 1e-9), table.tailStart, table.tailStart + 1e-9]
        const rarities = [...queries, ...bounds].sort((a, b) => a - b).map((s) => rarityOf(table, s))
        expect(rarities.filter((rarity) => !(rarity >= 1e-300 && rarity <= 1))).toEqual([])
        expect(rarities.filter((rarity, i) => i > 0 && rarity > rarities[i - 1] * (1 + 1e-12))).toEqual([])
      }),
      { numRuns: 500 },
    )
  })

  test('is raised to the exponent', () => {
    fc.assert(
      fc.property(histogram, fc.double({ min: -9, max: 9, noNaN: true }), fc.constantFrom(0.8, 1, 3), (seen, s, by) => {
        const plain = rarityOf(rarityTable(stateOf(seen)), s)
        // At the floor the power of what was cut off says nothing.
        fc.pre(plain > 1e-300)
        const raised = rarityOf(rarityTable({ ...stateOf(seen), exponent: by }), s)
        const expected = Math.max(plain ** by, 1e-300)
        expect(Math.abs(raised - expected)).toBeLessThanOrEqual(1e-9 * expected)
      }),
      { numRuns: 500 },
    )
  })

  test('of the log distance at which it begins is what was asked for', () => {
    const wanted = fc.double({ min: 1e-6, max: 0.5, noNaN: true })
    fc.assert(
      fc.property(histogram, wanted, fc.constantFrom(0.8, 1, 3), (seen, rarity, exponent) => {
        const table = rarityTable({ ...stateOf(seen), exponent })
        const s = logDistanceAt(table, rarity)
        expect(rarityOf(table, s - 1e-6)).toBeGreaterThanOrEqual(rarity * (1 - 1e-9))
        expect(rarityOf(table, s + 1e-6)).toBeLessThanOrEqual(rarity * (1 + 1e-9))
      }),
      { numRuns: 2000, examples: [[[-8, -8, -8, 0.01], 0.32987697769322366, 0.8]] },
    )
  })

  test('is about the share of events that were at least as far', () => {
    const random = new Random(4)
    const seen = Array.from({ length: 20_000 }, () => random.gaussian())
    const table = rarityTable(stateOf(seen))
    for (const s of [-2, -0.5, 0, 1, 2, 2.5, 3]) {
      const share = seen.filter((x) => x >= s).length / seen.length
      expect(Math.abs(rarityOf(table, s) / share - 1)).toBeLessThan(0.03)
    }
  })

  test('goes on falling beyond all that was seen', () => {
    const table = rarityTable(stateOf(Array.from({ length: 1000 }, (_, i) => i / 1000)))
    const beyond = [1.1, 1.5, 2, 3].map((s) => rarityOf(table, s))
    expect(beyond).toEqual([...beyond].sort((a, b) => b - a))
    expect(new Set(beyond).size).toBe(4)
    expect(beyond[0]).toBeLessThan(1 / 1000)
  })

  test('is a half while nothing is known', () => {
    const little = stateOf([0])
    decayRarity(little, 0.999)
    for (const state of [emptyRarity(), little]) {
      for (const s of [-100, 0, 100]) expect(rarityOf(rarityTable(state), s)).toBe(0.5)
    }
  })

  test('does not depend on how much was seen long ago, only on what shares it has', () => {
    const seen = Array.from({ length: 4096 }, (_, i) => Math.sin(i))
    const decayed = stateOf(seen)
    decayRarity(decayed, 0.5)
    for (const s of [-1, 0, 0.9, 1.2]) {
      expect(rarityOf(rarityTable(decayed), s)).toBeCloseTo(rarityOf(rarityTable(stateOf(seen)), s), 3)
    }
  })

  test('answers from the histogram as it was when the table was made', () => {
    const state = stateOf([0, 1, 2])
    const table = rarityTable(state)
    const before = rarityOf(table, 0.5)
    addRarity(state, Int32Array.of(rarityBin(0.5), 0), Float64Array.of(500, 500))
    expect(rarityOf(table, 0.5)).toBe(before)
  })
})

test('counts are conserved: the weight is the sum of the bins, decayed or not', () => {
  fc.assert(
    fc.property(histogram, fc.double({ min: 0, max: 1, noNaN: true }), (seen, factor) => {
      const state = stateOf(seen)
      decayRarity(state, factor)
      addRarity(state, Int32Array.of(rarityBins - 1), Float64Array.of(2.5))
      expect(state.weight).toBeCloseTo(
        state.bins.reduce((sum, count) => sum + count, 0),
        9,
      )
      expect(state.weight).toBeCloseTo(seen.length * factor + 2.5, 9)
    }),
  )
})
