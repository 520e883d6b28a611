import { expect, test } from 'vitest'
import { reportQuality } from '../../src/runtime/quality-report.ts'
import { bornFrom, clusteredRows, numericPlan } from '../core/model/sample-model.ts'
import { recordedTelemetry } from './recorded-telemetry.ts'

test('what was assessed of a version is in numbers, and what cannot be told of it is left out', () => {
  const model = bornFrom(numericPlan(2), clusteredRows(200, 2, 4, 3), 200, 4)
  const telemetry = recordedTelemetry()
  reportQuality(model, telemetry)
  const { record } = model.quality
  expect(telemetry.gauged('shoal_quality_version')).toBe(1)
  expect(telemetry.gauged('shoal_quality_silhouette')).toBe(record.silhouette)
  expect(telemetry.gauged('shoal_quality_davies_bouldin')).toBe(record.daviesBouldin)
  expect(telemetry.gauged('shoal_quality_unexplained_ratio')).toBe(record.unexplained)
  expect(telemetry.gauged('shoal_cluster_share', { size: 'smallest' })).toBe(record.smallest)
  expect(telemetry.gauged('shoal_cluster_share', { size: 'largest' })).toBe(record.largest)
  expect(telemetry.gauged('shoal_clusters_effective')).toBe(record.effective)
  expect(telemetry.gauged('shoal_clusters_idle', { state: 'empty' })).toBe(0)
  expect(telemetry.gauged('shoal_quality_refit_ratio')).toBeNull()
  expect(telemetry.gauged('shoal_quality_stability')).toBeNull()
})
