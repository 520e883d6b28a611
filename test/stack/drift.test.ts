/** `shoal drift` on what a service has found in a topic: a shift is told with its place, and is open. */
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Random } from '../../src/core/kmeans/random.ts'
import type { DriftReport } from '../../src/runtime/views/drift/report.ts'
import { until } from '../pipeline/harness.ts'
import { describeWith } from '../servers.ts'
import { serversYaml } from './servers-yaml.ts'
import { type ShoalProcess, shoal, startShoal } from './shoal-process.ts'

const shiftAt = 8000
const count = 11_000

describeWith(['kafka', 'registry', 'redis'], 'a shift in a topic, run and asked for', (addresses) => {
  const folder = mkdtempSync(join(tmpdir(), 'shoal-drift-'))
  const config = join(folder, 'shoal.yaml')
  let running: ShoalProcess | undefined
  let report: DriftReport

  beforeAll(async () => {
    const name = `drift-${randomUUID().slice(0, 8)}`
    writeFileSync(
      config,
      `name: ${name}
input: { topic: ${name}-rows, format: json, time: null }
features: [{ field: x, transform: none }, { field: y, transform: none }]
clusters: { k: 4 }
worker: { maxEventsPerTransaction: 500 }
${serversYaml(addresses)}`,
    )
    const random = new Random(3)
    const lines = Array.from(
      { length: count },
      (_, i) => `${random.gaussian() + (i < shiftAt ? 0 : 3)},${random.gaussian()}`,
    )
    writeFileSync(join(folder, 'rows.csv'), ['x,y', ...lines, ''].join('\n'))
    await shoal('produce', join(folder, 'rows.csv'), '--config', config, '--partitions', '1')
    const process = await startShoal(name, config)
    running = process
    await until(
      async () => (await process.metric('shoal_drift_open', 'severity="critical"').catch(() => 0)) === 1,
      () => `a critical drift that is open. It has said: ${process.said()}`,
      60_000,
    )
    const { stdout } = await shoal('drift', '--config', config, '--json')
    report = JSON.parse(stdout)
  })

  afterAll(() => {
    running?.signal('SIGKILL')
    rmSync(folder, { recursive: true })
  })

  test('it was told at the offsets where it happened, of the feature that changed, and is open in the newest version', () => {
    const [told] = report.events.filter(({ kind }) => kind.startsWith('drift.'))
    expect(told).toMatchObject({ kind: 'drift.featureOnly', scope: 'feature x', severity: 'critical' })
    expect(told.windows).toHaveLength(1)
    const [{ fromOffset, toOffset }] = told.windows
    expect(toOffset).toBeGreaterThan(shiftAt)
    expect(fromOffset).toBeLessThan(shiftAt + 2000)
    expect(told.features[0].feature).toBe('x')
    expect(Math.abs(told.features[0].before!)).toBeLessThan(0.3)
    expect(report.open).toMatchObject([{ id: told.id, detectedAt: told.detectedAt }])
    expect(report.model?.version).toBeGreaterThanOrEqual(told.currentVersion)
  })

  test('the service that tells it is ready, and its metrics say what the command says', async () => {
    expect(await running!.health()).toBe('ready: serving')
    expect(await running!.metric('shoal_drift_events_total', 'kind="featureOnly"')).toBe(1)
    expect(await running!.metric('shoal_drift_feature_distance', 'feature="x"')).toBeGreaterThan(0.4)
  })

  test('a person reads it, too', async () => {
    const { stdout } = await shoal('drift', '--config', config, '--open')
    expect(stdout).toMatch(/^CRITICAL: drift\.featureOnly in feature x$/m)
    expect(stdout).toMatch(/^ {12}partition 0: offsets [\d,]+ to [\d,]+$/m)
  })
})
