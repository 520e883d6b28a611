import { describe, expect, it } from 'vitest'
import { ClusterLives, lifeText } from '../../../src/cli/backtest/cluster-lives.ts'
import type { Model } from '../../../src/core/model/model.ts'
import type { ClusterChange } from '../../../src/core/upkeep/upkeep.ts'
import { bornFrom, clusteredRows, numericPlan } from '../../core/model/sample-model.ts'

const model = bornFrom(numericPlan(2), clusteredRows(200, 2, 3, 1), 200, 3)
const at = (version: number, ...changes: ClusterChange[]): Model => ({
  ...model,
  version,
  upkeep: { ...model.upkeep, changes },
})
const born: ClusterChange = { version: 4, kind: 'born', id: 7, weight: 10, relatives: [] }
const split: ClusterChange = { version: 6, kind: 'split', id: 8, weight: 5, relatives: [{ id: 2, weight: 5 }] }

describe('the lives of clusters', () => {
  it('hold each change once, at the first event that a version with it scores', () => {
    const lives = new ClusterLives()
    lives.note(at(3), 100)
    lives.note(at(5, born), 200)
    lives.note(at(6, born, split), 300)
    lives.note(at(7, split), 400)
    expect(lives.all.map(({ row, kind, cluster }) => [row, kind, cluster])).toEqual([
      [200, 'born', 7],
      [300, 'split', 8],
    ])
  })

  it('are told in a sentence', () => {
    const lives = new ClusterLives()
    lives.note(at(6, born, split), 0)
    expect(lives.all.map(lifeText)).toEqual(['cluster 7 was born', 'cluster 8 was split off 2'])
  })
})
