/** The dashboards are what their sources make, and ask for metrics that exist, in PromQL that Prometheus reads. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { processRegistry } from '../../src/adapters/telemetry/process-metrics.ts'
import { metrics } from '../../src/runtime/metrics.ts'
import { dashboardJson } from '../../tools/dashboards/dashboard.ts'
import { rows } from '../../tools/dashboards/rows.ts'
import { unknownIn } from './metric-names.ts'
import { describeWithPromtool } from './promtool.ts'

interface Placed {
  readonly id: number
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
}

const deploy = join(import.meta.dirname, '..', '..', 'deploy')
const recordedGroups = parse(readFileSync(join(deploy, 'prometheus', 'shoal.recording.yml'), 'utf8')).groups
const recorded: readonly string[] = recordedGroups[0].rules.map(({ record }: { record: string }) => record)
const expressions = rows.flatMap(({ panels }) => panels.flatMap(({ queries }) => queries.map(({ expr }) => expr)))

test('the dashboard that is checked in is what `npm run dashboards` writes', () => {
  expect(readFileSync(join(deploy, 'grafana', 'shoal.json'), 'utf8')).toBe(dashboardJson())
})

test('it asks for metrics that exist, with labels that they have', () => {
  expect(
    unknownIn(expressions, { catalogue: metrics, process: processRegistry().getMetricsAsArray(), recorded }),
  ).toEqual([])
})

test('each of its panels has an id of its own, and a place where no other is', () => {
  const panels: readonly Placed[] = JSON.parse(dashboardJson()).panels
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length)
  const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, i) => `${x + (i % w)} ${y + Math.floor(i / w)}`),
  )
  expect(new Set(cells).size).toBe(cells.length)
})

await describeWithPromtool('promtool', (promtool) => {
  test('reads every question of the dashboard', async () => {
    const asked = expressions.map((expr) => expr.replaceAll('$__rate_interval', '5m').replaceAll('$job', '.*'))
    const group = { name: 'asked', rules: asked.map((expr, i) => ({ record: `asked:${i}`, expr })) }
    const folder = mkdtempSync(join(tmpdir(), 'shoal-asked-'))
    const file = join(folder, 'asked.yml')
    writeFileSync(file, stringify({ groups: [group] }))
    const { code, said } = await promtool(['check', 'rules', file])
    rmSync(folder, { recursive: true })
    expect([code, said]).toEqual([0, expect.stringContaining(`SUCCESS: ${asked.length} rules found`)])
  })
})
