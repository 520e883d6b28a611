import { expect, test } from 'vitest'
import type { Model } from '../../src/core/model/model.ts'
import { emptyScores, freeze, score } from '../../src/core/score/scorer.ts'
import { ModelReport } from '../../src/runtime/model-report.ts'
import { bornFrom, clusteredRows, numericPlan } from '../core/model/sample-model.ts'
import { recordedTelemetry } from './recorded-telemetry.ts'

const rows = clusteredRows(4000, 2, 4, 3)
const published = (model: Model) => ({
  offset: 3,
  publishedAtMs: 5_000,
  bytes: new Uint8Array(77),
  scorer: freeze(model),
})
const tell = (model: Model, telemetry = recordedTelemetry(), report = new ModelReport()) => {
  report.tell(published(model), telemetry)
  return telemetry
}

test('a version is told with its time, its size and what it has learned', () => {
  const model = bornFrom(numericPlan(2), rows, 4000, 4)
  const telemetry = tell(model)
  expect(telemetry.gauged('shoal_model_version')).toBe(1)
  expect(telemetry.gauged('shoal_model_published_timestamp_seconds')).toBe(5)
  expect(telemetry.gauged('shoal_model_bytes')).toBe(77)
  expect(telemetry.gauged('shoal_model_trained_events')).toBe(4000)
  expect(telemetry.gauged('shoal_clusters')).toBe(4)
})

test('the sizes of clusters are shares that add up to all, by their ids', () => {
  const model = bornFrom(numericPlan(2), rows, 4000, 4)
  const telemetry = tell(model)
  const sizes = Array.from(
    model.ids,
    (id) => telemetry.gauged('shoal_cluster_size_ratio', { cluster: String(id) }) ?? 0,
  )
  expect(sizes.reduce((sum, each) => sum + each, 0)).toBeCloseTo(1, 9)
})

test('only the 32 largest clusters have a series, and one that falls from among them loses it', () => {
  const telemetry = recordedTelemetry()
  const report = new ModelReport()
  const model = bornFrom(numericPlan(2), rows, 4000, 40)
  const size = (cluster: number) => telemetry.gauged('shoal_cluster_size_ratio', { cluster: String(cluster) })
  tell(model, telemetry, report)
  const shown = [...model.ids].filter((id) => size(id) !== null)
  expect(shown).toHaveLength(32)
  const [left] = shown
  model.clusters.weight[model.ids.indexOf(left)] = 0
  tell(model, telemetry, report)
  expect(size(left)).toBeNaN()
})

test('half of the events are less remote than the median that is told, whatever the budget has made of rarities', () => {
  const model = bornFrom(numericPlan(2), rows, 4000, 4)
  const scores = emptyScores(4000)
  score(freeze(model), rows, 4000, scores)
  const share = (quantile: string, of: Model) => {
    const limit = tell(of).gauged('shoal_remoteness', { share: quantile }) ?? Number.NaN
    return scores.logDistances.filter((each) => Math.exp(each) < limit).length / 4000
  }
  for (const exponent of [1, 1.7]) {
    const same = { ...model, rarity: { ...model.rarity, exponent } }
    expect(share('0.5', same)).toBeCloseTo(0.5, 1)
    expect(share('0.9', same)).toBeCloseTo(0.9, 1)
    expect(share('0.99', same)).toBeGreaterThan(0.97)
  }
})
