/** The mixture score and the rarity against the numpy reference; test/golden/make_scoring.py made the vectors. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { Model } from '../../../src/core/model/model.ts'
import { emptyStatistics } from '../../../src/core/model/statistics.ts'
import {
  addRarity,
  decayRarity,
  emptyRarity,
  rarityBin,
  rarityOf,
  rarityTable,
} from '../../../src/core/score/rarity.ts'
import { emptyScores, freeze, score } from '../../../src/core/score/scorer.ts'
import { modelByHand } from '../model/model-by-hand.ts'

interface Mixture {
  readonly name: string
  readonly d: number
  readonly k: number
  readonly n: number
  readonly centroids: number[]
  readonly weights: number[]
  readonly pooled: number[]
  readonly spread: number[]
  readonly rows: number[]
  readonly logDistances: number[]
}

interface RarityCase {
  readonly name: string
  readonly halfLifeRows: number
  readonly steps: readonly {
    readonly values: number[]
    readonly weight: number
    readonly bins: readonly (readonly [number, number])[]
    readonly queries: number[]
    readonly rarities: number[]
  }[]
}

const golden = JSON.parse(readFileSync(new URL('../../golden/scoring.json', import.meta.url), 'utf8')) as {
  readonly mixture: readonly Mixture[]
  readonly rarity: readonly RarityCase[]
}

function modelOf({ d, k, centroids, weights, pooled, spread }: Mixture): Model {
  const clusters = emptyStatistics(k, d)
  clusters.weight.set(weights)
  clusters.mean.set(centroids)
  clusters.m2.set(pooled)
  const whole = emptyStatistics(1, d)
  whole.weight[0] = 1
  whole.m2.set(spread.map((s) => s * s))
  whole.mean.set(
    Array.from({ length: d }, (_, c) => centroids.filter((_, at) => at % d === c).reduce((a, b) => a + b, 0) / k),
  )
  return modelByHand(clusters, whole)
}

describe.each(golden.mixture)('the mixture score on $name', (vectors) => {
  test('equals the reference within 1e-9', () => {
    const { n } = vectors
    const scorer = freeze(modelOf(vectors))
    const scores = emptyScores(n)
    score(scorer, Float64Array.from(vectors.rows), n, scores)
    vectors.logDistances.forEach((expected, i) => {
      expect(Math.abs(scores.logDistances[i] - expected)).toBeLessThan(1e-9 * Math.max(1, Math.abs(expected)))
    })
  })
})

describe.each(golden.rarity)('the rarity on $name', ({ halfLifeRows, steps }) => {
  test('equals the reference within 1e-9 after every step', () => {
    const state = emptyRarity()
    for (const { values, weight, bins, queries, rarities } of steps) {
      decayRarity(state, 2 ** (-values.length / halfLifeRows))
      addRarity(state, Int32Array.from(values, rarityBin), new Float64Array(values.length).fill(1))
      expect(Math.abs(state.weight - weight)).toBeLessThan(1e-9 * Math.max(1, weight))
      for (const [bin, mass] of bins) expect(Math.abs(state.bins[bin] - mass)).toBeLessThan(1e-9 * Math.max(1, mass))
      const table = rarityTable(state)
      queries.forEach((query, i) => {
        expect(Math.abs(rarityOf(table, query) - rarities[i])).toBeLessThan(1e-9)
      })
    }
  })
})
