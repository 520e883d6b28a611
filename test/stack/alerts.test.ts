/** What is wrong reaches a person: a real Prometheus scrapes a running Shoal, a real Alertmanager delivers. */
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Random } from '../../src/core/kmeans/random.ts'
import { programOf } from '../../tools/stack/prometheus.ts'
import { startRedis } from '../../tools/stack/redis.ts'
import type { Server } from '../../tools/stack/server.ts'
import { until } from '../pipeline/harness.ts'
import { describeWith } from '../servers.ts'
import { type Monitoring, startMonitoring } from './monitoring.ts'
import { type ShoalProcess, shoal, startShoal } from './shoal-process.ts'

const missing = await Promise.all([programOf('prometheus'), programOf('alertmanager')]).then(
  () => null,
  (error: Error) => error.message,
)
if (missing !== null) console.error(`\nSKIPPED: NO PROMETHEUS. ${missing}\n`)

describeWith(['kafka', 'registry'], 'a running Shoal, watched by Prometheus and Alertmanager', (addresses) => {
  const folder = mkdtempSync(join(tmpdir(), 'shoal-alerts-'))
  const config = join(folder, 'shoal.yaml')
  const name = `alerts-${randomUUID().slice(0, 8)}`
  const random = new Random(3)
  let redis: Server
  let running: ShoalProcess
  let monitoring: Monitoring

  /** Rows about these places, or lines of text, as new events. */
  async function produce(count: number, x: number, line?: string): Promise<void> {
    const lines = Array.from({ length: count }, () => line ?? `${random.gaussian() + x},${random.gaussian()}`)
    const file = join(folder, 'rows.csv')
    writeFileSync(file, ['x,y', ...lines, ''].join('\n'))
    await shoal('produce', file, '--config', config, '--partitions', '1')
  }

  /** Injects, and gives how many seconds later the alert was delivered. */
  async function delivered(alert: string, inject: () => Promise<unknown>): Promise<number> {
    const sinceMs = Date.now()
    await inject()
    const found = () =>
      monitoring.delivered.find(
        (each) => each.labels.alertname === alert && each.status === 'firing' && each.atMs > sinceMs,
      )
    await until(
      () => found() !== undefined,
      () => `${alert}. What came: ${names()}. Shoal said: ${running.said()}`,
      60_000,
    )
    const seconds = ((found()?.atMs ?? Number.NaN) - sinceMs) / 1000
    console.log(`${alert}: ${seconds.toFixed(1)} s after its cause`)
    return seconds
  }

  const resolved = (alert: string) =>
    until(
      () => !monitoring.fires(alert),
      () => `the end of ${alert}`,
      60_000,
    )
  const names = () => monitoring.delivered.map(({ status, labels }) => `${labels.alertname} ${status}`).join(', ')

  beforeAll(async () => {
    if (missing !== null) return
    const { kafka, registry } = addresses
    redis = await startRedis()
    writeFileSync(
      config,
      `name: ${name}
input: { topic: ${name}-rows, format: json, time: null }
features: [{ field: x, transform: none }, { field: y, transform: none }]
clusters: { k: 4 }
anomalies: { budget: 0.01 }
worker: { maxEventsPerTransaction: 500 }
kafka: { brokers: ['${kafka.split(',').join("', '")}'] }
registry: { url: '${registry}' }
redis: { url: '${redis.address}' }
`,
    )
    await produce(10, 0)
    running = await startShoal(name, config)
    monitoring = await startMonitoring('rows', [new URL(running.url).host])
  })

  afterAll(async () => {
    running?.signal('SIGKILL')
    await monitoring?.stop()
    await redis?.stop()
    rmSync(folder, { recursive: true })
  })

  const alertTest = missing === null ? test : test.skip

  alertTest('that waits for a model is told as not ready, until it serves', async () => {
    await delivered('ShoalNotReady', async () => undefined)
    await produce(7990, 0)
    await until(
      async () => (await running.metric('shoal_events_total')) === 8000,
      () => running.said(),
    )
    await resolved('ShoalNotReady')
  })

  alertTest('a planted drift is delivered to the webhook with what it is, how bad, and where to read on', async () => {
    expect(names()).not.toContain('ShoalDrift')
    await delivered('ShoalDriftCritical', () => produce(3000, 3))
    const alert = monitoring.delivered.find(({ labels }) => labels.alertname === 'ShoalDriftCritical')
    expect(alert).toMatchObject({
      status: 'firing',
      labels: { job: 'rows', severity: 'critical' },
      annotations: {
        summary: 'A critical drift is open in rows',
        runbook_url: 'docs/operations.md#shoaldriftcritical',
      },
    })
    const [distance] = await monitoring.ask('ALERTS{alertname="ShoalDriftDistance",alertstate="firing"}')
    expect(distance.metric).toMatchObject({ feature: 'x', job: 'rows' })
    expect(names()).not.toContain('ShoalDriftDistance')
  })

  alertTest('Prometheus reads OpenMetrics of it, and all of its metrics', async () => {
    const [info] = await monitoring.ask('shoal_build_info')
    expect(info.metric).toMatchObject({ name, job: 'rows', fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/) })
    expect((await monitoring.ask('shoal_events_total')).map(({ value }) => value[1])).toEqual(['11000'])
    const answer = await fetch(`${monitoring.prometheus}/api/v1/targets`)
    const { data } = (await answer.json()) as { data: { activeTargets: { health: string; lastError: string }[] } }
    expect(data.activeTargets).toMatchObject([{ health: 'up', lastError: '' }])
  })

  alertTest('invalid events are delivered, and that they have ended', async () => {
    await delivered('ShoalDeadLetters', () => produce(100, 0, 'a,b'))
    expect(await running.metric('shoal_dead_letters_total', 'reason="wrong_type"')).toBe(100)
    await produce(2000, 0)
    await resolved('ShoalDeadLetters')
  })

  alertTest('learning that is frozen is delivered, and far events then are off the budget', async () => {
    await delivered('ShoalLearningFrozen', () => shoal('model', 'freeze', '--config', config, '--reason', 'a trial'))
    await delivered('ShoalAnomalyShareOffBudget', () => produce(3000, 60))
    await shoal('model', 'resume', '--config', config, '--reason', 'the trial is over')
    await resolved('ShoalLearningFrozen')
  })

  alertTest(
    'a snapshot store that is gone is delivered as a problem and as a stale snapshot, and as mended when it is back',
    async () => {
      const { port } = redis
      await delivered('ShoalDegraded', async () => redis.kill('SIGKILL'))
      await redis.gone()
      await delivered('ShoalSnapshotStale', async () => {
        await until(
          async () => {
            await produce(200, 0)
            return monitoring.fires('ShoalSnapshotStale')
          },
          () => names(),
          60_000,
        )
      })
      await redis.stop()
      redis = await startRedis({ port })
      await resolved('ShoalDegraded')
      await resolved('ShoalSnapshotStale')
    },
  )

  alertTest('a stream that has ended is delivered', async () => {
    await delivered('ShoalNoEvents', async () => undefined)
  })

  alertTest('a process that is gone is delivered as no data, until there is one again', async () => {
    await delivered('ShoalNoData', async () => running.signal('SIGKILL'))
    await running.ended
  })
})
