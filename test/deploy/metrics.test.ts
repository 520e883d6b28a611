/** What a process prints is what Prometheus expects of names, kinds and text. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { avroWriter } from '../../src/adapters/registry/avro-values.ts'
import { type ProcessTelemetry, telemetry } from '../../src/adapters/telemetry/telemetry.ts'
import { reportBuild } from '../../src/compose.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { lagOf } from '../../src/runtime/lag.ts'
import { metrics } from '../../src/runtime/metrics.ts'
import { type Service, startService } from '../../src/runtime/service.ts'
import { commandLine, schemaText } from '../cli/command-line.ts'
import { until } from '../pipeline/harness.ts'
import { describeWithPromtool } from './promtool.ts'

let said: ProcessTelemetry
let service: Service
let text = ''

beforeAll(async () => {
  const { cluster, log, registry, configuration, context, shoal } = commandLine('input: {format: json}')
  expect((await shoal(['produce', '--count', '8000', '--partitions', '2'])).error).toBe('')
  const settings = context.settingsOf(configuration)
  said = telemetry({ level: 'error', base: {}, tracing: null })
  reportBuild(settings, said)
  service = startService(settings, {
    log: cluster.client(),
    registry,
    snapshots: null,
    clock: systemClock,
    telemetry: said,
    projection: () => context.projectionOf(configuration, settings),
    schema: schemaText,
    encodeAnomaly: (id) => avroWriter(schemaText('anomaly'), id),
  })
  const lag = async () => [...(await lagOf(log, settings.name, settings.topics.input)).values()]
  await until(
    async () => (await lag()).every((events) => events === 0),
    () => service.health.line(),
  )
  text = (await said.expose(undefined)).text
})
afterAll(async () => {
  await service.stop()
  await said.close()
})

const value = (sample: string) =>
  Number(
    text
      .split('\n')
      .find((line) => line.startsWith(`${sample} `))
      ?.slice(sample.length),
  )

test('a process that has worked tells what it is, what it has learned and how it stands', () => {
  expect(text).toMatch(
    /^shoal_build_info\{name="shoal",fingerprint="[0-9a-f]{16}",release="[\d.]+",node="24\.[\d.]+"\} 1$/m,
  )
  expect(value('shoal_ready')).toBe(1)
  expect(value('shoal_dead_letters_total{reason="tombstone"}')).toBeGreaterThanOrEqual(0)
  expect(value('shoal_transactions_total{stage="score",outcome="fenced"}')).toBe(0)
  expect(value('shoal_batch_events_sum{stage="score"}')).toBe(8000)
  expect(value('shoal_batch_events_count{stage="score"}')).toBe(value('shoal_batch_seconds_count{stage="score"}'))
  expect(value('shoal_transaction_bytes_sum{stage="score"}')).toBeGreaterThan(8000)
  expect(value('shoal_anomaly_budget_ratio')).toBeGreaterThan(0)
  expect(value('shoal_remoteness{share="0.99"}')).toBeGreaterThan(value('shoal_remoteness{share="0.5"}'))
  expect(value('shoal_model_bytes')).toBeGreaterThan(1000)
  expect(
    value('shoal_dependency_requests_total{dependency="registry",request="register",outcome="answered"}'),
  ).toBeGreaterThan(0)
})

await describeWithPromtool('promtool', (promtool) => {
  test('finds nothing wrong with what a process prints', async () => {
    expect(await promtool(['check', 'metrics'], text)).toEqual({ code: 0, said: '' })
  })

  test('finds nothing wrong with any metric of the catalogue', async () => {
    const families = Object.entries(metrics).map(
      ([name, { help, kind }]) => `# HELP ${name} ${help}\n# TYPE ${name} ${kind}\n${sampleOf(name, kind)}`,
    )
    expect(await promtool(['check', 'metrics'], families.join(''))).toEqual({ code: 0, said: '' })
  })

  test('would find a counter that is not called one', async () => {
    const wrong = '# HELP shoal_events Events.\n# TYPE shoal_events counter\nshoal_events 1\n'
    expect((await promtool(['check', 'metrics'], wrong)).said).toContain('counter metrics should have "_total" suffix')
  })
})

function sampleOf(name: string, kind: string): string {
  if (kind !== 'histogram') return `${name} 1\n`
  return `${name}_bucket{le="+Inf"} 1\n${name}_sum 1\n${name}_count 1\n`
}
