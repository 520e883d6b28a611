import { describe, expect, test } from 'vitest'
import { emptyStatistics } from '../../../src/core/model/statistics.ts'
import { learnUsual, usualOf } from '../../../src/core/score/usual.ts'

function clustersOf(weight: readonly number[], mean: readonly number[]) {
  return { ...emptyStatistics(2, 1), weight: Float64Array.from(weight), mean: Float64Array.from(mean) }
}

const batch = { ...emptyStatistics(1, 1), weight: Float64Array.of(10), mean: Float64Array.of(4) }

describe('the usual places', () => {
  test('are the clusters when they are taken, and nothing of them afterwards', () => {
    const clusters = clustersOf([10, 30], [0, 8])
    const usual = usualOf(clusters, 5)
    clusters.mean.fill(99)
    clusters.weight.fill(0)
    expect(usual).toEqual({ sinceVersion: 5, places: clustersOf([10, 30], [0, 8]) })
  })

  test('are moved by the mean of their events, after what they were has decayed', () => {
    const usual = usualOf(clustersOf([20, 30], [0, 8]), 5)
    learnUsual(usual, { sinceVersion: 5, index: Int32Array.of(0), statistics: batch }, 0.5)
    expect([...usual.places.weight]).toEqual([20, 15])
    expect([...usual.places.mean]).toEqual([2, 8])
  })

  test('learn nothing from events that fell to others of their places', () => {
    const usual = usualOf(clustersOf([20, 30], [0, 8]), 5)
    learnUsual(usual, { sinceVersion: 4, index: Int32Array.of(0), statistics: batch }, 0.5)
    learnUsual(usual, { sinceVersion: 5, index: Int32Array.of(2), statistics: batch }, 1)
    expect(usual.places).toEqual(clustersOf([10, 15], [0, 8]))
  })
})
