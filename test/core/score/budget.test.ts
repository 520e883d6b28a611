import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Random } from '../../../src/core/kmeans/random.ts'
import type { RarityState } from '../../../src/core/model/model.ts'
import { keepToBudget } from '../../../src/core/score/budget.ts'
import {
  addRarity,
  decayRarity,
  emptyRarity,
  logDistanceAt,
  rarityBin,
  rarityBins,
  rarityTable,
} from '../../../src/core/score/rarity.ts'

const budget = 0.005
const halfLife = 20_000
const batch = 1000

/** Lets the state (IN and OUT) judge and then learn batches of `draw`; gives the share of them that it called rare. */
function learn(state: RarityState, events: number, draw: () => number): number {
  let called = 0
  for (let from = 0; from < events; from += batch) {
    const scores = Float64Array.from({ length: batch }, draw)
    const threshold = logDistanceAt(rarityTable(state), budget)
    called += scores.filter((s) => s > threshold).length
    const bins = Int32Array.from(scores, rarityBin)
    const counts = new Float64Array(batch).fill(1)
    keepToBudget(state, bins, counts, budget)
    decayRarity(state, 2 ** (-batch / halfLife))
    addRarity(state, bins, counts)
  }
  return called / events
}

function settled(draw: () => number): RarityState {
  const state = emptyRarity()
  learn(state, 60_000, draw)
  return state
}

describe('the share of events called rare', () => {
  const random = new Random(7)
  const usual = () => 0.7 * random.gaussian()

  test.each<[string, () => number]>([
    ['an even tail', usual],
    ['a tail with a second heap', () => (random.uniform() < 0.01 ? 3 : 0) + 0.3 * random.gaussian()],
    ['a steep tail', () => -Math.log(random.uniform()) / 12],
    ['a heavy tail', () => -Math.log(random.uniform())],
  ])('is the budget within a tenth of it on %s', (_, draw) => {
    expect(Math.abs(learn(settled(draw), 200_000, draw) / budget - 1)).toBeLessThan(0.1)
  })

  test.each<[string, () => number, () => number]>([
    ['everything has come nearer', () => usual() + 2, usual],
    ['everything has gone farther', usual, () => usual() + 2],
    ['a fifth that lay far has gone', () => usual() + (random.uniform() < 0.2 ? 4 : 0), usual],
    ['a fifth has come that lies far', usual, () => usual() + (random.uniform() < 0.2 ? 4 : 0)],
  ])('is within a fifth of the budget 30,000 events after %s', (_, before, after) => {
    const state = settled(before)
    learn(state, 30_000, after)
    expect(Math.abs(learn(state, 40_000, after) / budget - 1)).toBeLessThan(0.2)
  })

  test('is a third of the budget at least after any burst', () => {
    const state = settled(usual)
    learn(state, 2000, () => 6)
    expect(state.exponent).toBeGreaterThan(Math.log(budget) / Math.log(budget / 3) - 1e-12)
  })
})

test('the exponent stays above 0 and finite, whatever was counted', () => {
  const count = fc.oneof(fc.constantFrom(1, 2 ** 50), fc.double({ min: 1, max: 1e9, noNaN: true }))
  const update = fc.array(fc.tuple(fc.nat(rarityBins - 1), count), { maxLength: 6 })
  const share = fc.constantFrom(1e-300, 1e-6, budget, 0.5, 0.999999)
  fc.assert(
    fc.property(fc.array(fc.tuple(update, share), { maxLength: 12 }), (updates) => {
      const state = emptyRarity()
      for (const [counted, allowed] of updates) {
        const bins = Int32Array.from(counted, ([bin]) => bin)
        const counts = Float64Array.from(counted, ([, n]) => n)
        keepToBudget(state, bins, counts, allowed)
        addRarity(state, bins, counts)
        expect(state.exponent > 0 && state.exponent < 1e6).toBe(true)
      }
    }),
  )
})
