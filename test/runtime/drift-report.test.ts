import { expect, test } from 'vitest'
import { reportDrift } from '../../src/runtime/drift-report.ts'
import { Health } from '../../src/runtime/health.ts'
import { DriftStream } from '../core/drift/drift-stream.ts'
import { numericPlan } from '../core/model/sample-model.ts'
import { recordedTelemetry } from './recorded-telemetry.ts'

const plan = numericPlan(8)

/** A process that serves, and what it says of the model of a stream. */
function watching(stream: DriftStream) {
  const telemetry = recordedTelemetry()
  const health = new Health(telemetry)
  health.running()
  health.modelKnown()
  const before = telemetry.log.lines.length
  const report = () => reportDrift(stream.model, { plan, telemetry, health })
  const said = () => telemetry.log.lines.slice(before).map(({ level, message }) => `${level} ${message}`)
  return { telemetry, health, report, said }
}

test('a model that knows no drift says so in numbers, and the state says nothing', () => {
  const { telemetry, health, report, said } = watching(new DriftStream(1).observe(20_300, {}, 100))
  report()
  expect(telemetry.gauged('shoal_drift_open', { severity: 'warning' })).toBe(0)
  expect(telemetry.gauged('shoal_drift_open', { severity: 'critical' })).toBe(0)
  expect(telemetry.gauged('shoal_drift_window_events')).toBe(300)
  expect(telemetry.gauged('shoal_drift_reference_events')).toBe(21_000)
  expect(telemetry.gauged('shoal_drift_known_phases')).toBe(0)
  expect(telemetry.gauged('shoal_drift_statistic', { detector: 'features' })).toBeLessThan(0.1)
  expect(telemetry.gauged('shoal_drift_threshold', { detector: 'features' })).toBe(0.2)
  expect(health.report()).toEqual({ state: 'serving', ready: true, reasons: [], notices: [] })
  expect(said()).toEqual([])
})

test('a critical drift is shown while it is open, by a process that goes on serving, and its end is told', () => {
  const stream = new DriftStream(2).observe(20_000).observe(3000, { shift: { 5: 2 } })
  const { telemetry, health, report, said } = watching(stream)
  report()
  report()
  expect(telemetry.gauged('shoal_drift_open', { severity: 'critical' })).toBe(1)
  expect(telemetry.gauged('shoal_drift_open_windows')).toBe(2)
  expect(telemetry.gauged('shoal_drift_feature_distance', { feature: 'x5' })).toBeGreaterThan(0.4)
  expect(telemetry.gauged('shoal_drift_feature_distance', { feature: 'x4' })).toBeLessThan(0.1)
  const { state, ready, notices } = health.report()
  expect([state, ready, notices]).toEqual([
    'serving',
    true,
    [
      expect.stringMatching(
        /^critical drift since version 22, featureOnly: one feature has changed: most in x5, whose median went from /,
      ),
    ],
  ])
  stream.observe(10_000)
  report()
  expect(telemetry.gauged('shoal_drift_open', { severity: 'critical' })).toBe(0)
  expect(health.report().notices).toEqual([])
  expect(said()).toEqual([`warn ${notices[0]}`, `info over: ${notices[0]}`])
})

test('a warning is in the numbers alone', () => {
  const stream = new DriftStream(3).observe(20_000).observe(2000, { shift: { 5: 0.8 } })
  const { telemetry, health, report } = watching(stream)
  report()
  expect(telemetry.gauged('shoal_drift_open', { severity: 'warning' })).toBe(1)
  expect(health.report().notices).toEqual([])
})

test('where drift is not looked for nothing is reported', () => {
  const { model } = new DriftStream(4)
  const options = { ...model.drift.options, enabled: false }
  const stream = new DriftStream(4, { ...model, drift: { ...model.drift, options } })
  const { telemetry, report } = watching(stream)
  report()
  expect(telemetry.gauged('shoal_drift_window_events')).toBeNull()
})
