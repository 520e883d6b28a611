import { describe, expect, test } from 'vitest'
import type { Model } from '../../../src/core/model/model.ts'
import { renewUsual } from '../../../src/core/score/usual-renewal.ts'
import { sampleOf } from '../../../src/core/upkeep/reservoir.ts'
import { bornFrom, clusteredRows, numericPlan } from '../model/sample-model.ts'

const [d, k, n] = [2, 4, 1000]

/** A model whose sample moved by `way` in `share` of its rows, and whose clusters lie where its rows are now. */
function refitted(share: number, way: number): Model {
  const model = bornFrom(numericPlan(d), clusteredRows(n, d, k, 1), n, k)
  const { unit } = model.upkeep.reservoir
  const { rows, drawn } = sampleOf(model.upkeep.reservoir)
  const moved = share * drawn.length
  for (let i = 0; i < moved; i++) for (let c = 0; c < d; c++) rows[i * d + c] += way / unit[c]
  const after = bornFrom(numericPlan(d), clusteredRows(n, d, k, 1), n, k).clusters.mean
  if (share >= 0.5) for (let at = 0; at < k * d; at++) model.clusters.mean[at] = after[at] + way
  return { ...model, version: 9, trainedEvents: 20_000 }
}

describe('the usual places', () => {
  test('are taken anew from the clusters when most of the sampled rows have left them', () => {
    const model = refitted(0.8, 300)
    renewUsual(model, 19_999)
    expect(model.usual).toEqual({ sinceVersion: 9, places: model.clusters })
    expect(model.usual.places.mean).not.toBe(model.clusters.mean)
  })

  test.each([
    ['a few rows have left them', 0.2, 300],
    ['nothing has happened', 0, 0],
    ['the way is no longer than a row lies from its place', 0.8, 0.5],
  ])('stay when %s', (_, share, way) => {
    const model = refitted(share, way)
    renewUsual(model, 19_999)
    expect(model.usual.sinceVersion).toBe(1)
  })

  test('are looked at only every 20,000 events', () => {
    const model = refitted(0.8, 300)
    renewUsual({ ...model, trainedEvents: 19_999 }, 10)
    renewUsual({ ...model, trainedEvents: 39_999 }, 20_000)
    expect(model.usual.sinceVersion).toBe(1)
  })
})
