import { describe, expect, test } from 'vitest'
import { decodeModel, encodeModel } from '../../../src/core/codec/model-codec.ts'
import { finish } from '../../../src/core/kmeans/steps.ts'
import { upkeepSteps } from '../../../src/core/upkeep/upkeep-step.ts'
import { bornFrom, clusteredRows, numericPlan, sampleFingerprint } from '../model/sample-model.ts'

const born = () => bornFrom(numericPlan(3), clusteredRows(600, 3, 4, 7), 600, 4)

describe('the quality of a model', () => {
  test('is assessed at its birth', () => {
    const { record } = born().quality
    expect(record).toMatchObject({ version: 1, trainedEvents: 600, rows: 600, empty: 0, starved: 0 })
    expect(record).toMatchObject({ refitRatio: null, refitted: false, stability: null, comparedVersion: null })
    // Four blobs of spread 1 whose centres are about 20 apart in each of three columns.
    expect(record.silhouette).toBeGreaterThan(0.8)
    expect(record.daviesBouldin).toBeLessThan(0.3)
    expect(record.unexplained).toBeLessThan(0.02)
    expect(record.effective).toBeGreaterThan(3.8)
  })

  test('is assessed with each step of upkeep, beside the assessment before', () => {
    const model = born()
    model.version = 9
    finish(upkeepSteps(model))
    const { record } = model.quality
    expect(record).toMatchObject({ version: 9, comparedVersion: 1, stability: 1, refitted: false })
    expect(record.refitRatio).toBeCloseTo(1, 1)
  })

  test('says what a refit gained where centroids had been put elsewhere, and that its clusters are those of before', () => {
    const model = born()
    model.version = 9
    // The second cluster is beside the first, and none is where it was.
    model.clusters.mean.copyWithin(3, 0, 3)
    model.clusters.mean[3] += 1
    finish(upkeepSteps(model))
    expect(model.quality.record).toMatchObject({ version: 9, refitted: true, comparedVersion: 1, stability: 1 })
    expect(model.quality.record.refitRatio).toBeGreaterThan(2)
  })

  test('says that the clusters are others than they were', () => {
    const model = born()
    model.quality.assessed.copyWithin(3, 0, 3)
    finish(upkeepSteps(model))
    expect(model.quality.record.stability).toBeLessThan(0.9)
  })

  test.each([
    ['rows that are all equal', 5, () => [3, 3]],
    ['fewer different rows than clusters', 5, (i: number) => [i % 3, 5]],
    ['one cluster', 1, (i: number) => [i % 7, 5]],
    ['rows far beyond any meaning', 5, (i: number) => [i % 2 ? 1e300 : -1e300, 1e300 * (i % 11)]],
  ] as const)('is finite, and can be written and read, of %s', (_, k, row) => {
    const n = 40
    const rows = Float64Array.from({ length: 2 * n }, (__, at) => row(at >> 1)[at & 1])
    const model = bornFrom(numericPlan(2), rows, n, k)
    finish(upkeepSteps(model))
    expect(model.quality.record.comparedVersion).toBe(1)
    expect(decodeModel(encodeModel(model), sampleFingerprint)).toEqual({ value: model })
  })
})
