/** What is wrong reaches a person: a real Prometheus scrapes a running Shoal, a real Alertmanager delivers. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startRedis } from '../../tools/stack/redis.ts'
import type { Server } from '../../tools/stack/server.ts'
import { until } from '../pipeline/harness.ts'
import { describeWith } from '../servers.ts'
import { shoal } from './shoal-process.ts'
import { unwatchable, Watched } from './watched.ts'

const alertTest = (await unwatchable()) === null ? test : test.skip

describeWith(['kafka', 'registry'], 'a running Shoal, watched by Prometheus and Alertmanager', (addresses) => {
  let redis: Server
  let world: Watched
  const order = (...words: readonly string[]) =>
    shoal('model', ...words, '--config', world.config, '--reason', 'a trial')
  const names = () => world.monitoring.delivered.map(({ labels }) => labels.alertname)

  beforeAll(async () => {
    if (alertTest !== test) return
    redis = await startRedis()
    world = new Watched({ ...addresses, redis: redis.address })
    await world.start(1)
  })
  afterAll(async () => {
    await world?.stop()
    await redis?.stop()
  })

  alertTest(
    'that waits for a model is told as not ready, and so is who asks for the model, until it serves',
    async () => {
      await world.fires('ShoalNotReady')
      const ask = () => fetch(`${world.processes[0].url}/v1/model`)
      expect((await ask()).status).toBe(503)
      await world.fires('ShoalApiErrors', () =>
        until(
          async () => (await ask()).ok || world.monitoring.fires('ShoalApiErrors'),
          () => world.told(),
        ),
      )
      await world.produce(7990)
      await until(
        async () => (await world.metric('shoal_events_total')) === 8000,
        () => world.told(),
      )
      await world.ends('ShoalNotReady')
    },
  )

  alertTest('a planted drift is delivered to the webhook with what it is, how bad, and where to read on', async () => {
    expect(names()).not.toContain('ShoalDriftCritical')
    expect(await world.fires('ShoalDriftCritical', () => world.produce(3000, 3))).toMatchObject({
      status: 'firing',
      labels: { job: 'rows', severity: 'critical' },
      annotations: {
        summary: 'A critical drift is open in rows',
        runbook_url: 'docs/operations.md#shoaldriftcritical',
      },
    })
  })

  alertTest('what follows from it fires too, and is held back beside it', async () => {
    const distances = () => world.monitoring.ask('ALERTS{alertname="ShoalDriftDistance",alertstate="firing"}')
    await until(
      async () => (await distances()).length === 1,
      () => world.told(),
    )
    expect((await distances())[0].metric).toMatchObject({ feature: 'x', job: 'rows' })
    await until(
      async () => (await world.monitoring.inhibited()).includes('ShoalDriftDistance'),
      () => world.told(),
    )
  })

  alertTest('Prometheus reads OpenMetrics of it, and all of its metrics', async () => {
    const [info] = await world.monitoring.ask('shoal_build_info')
    expect(info.metric).toMatchObject({
      name: world.name,
      job: 'rows',
      fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/),
    })
    expect((await world.monitoring.ask('shoal_events_total')).map(({ value }) => value[1])).toEqual(['11000'])
    const answer = await fetch(`${world.monitoring.prometheus}/api/v1/targets`)
    const { data } = (await answer.json()) as { data: { activeTargets: { health: string; lastError: string }[] } }
    expect(data.activeTargets).toMatchObject([{ health: 'up', lastError: '' }])
  })

  alertTest('invalid events are delivered, and that they have ended', async () => {
    await world.fires('ShoalDeadLetters', () => world.produce(100, 0, 'a,b'))
    expect(await world.metric('shoal_dead_letters_total', 'reason="wrong_type"')).toBe(100)
    await world.produce(2000)
    await world.ends('ShoalDeadLetters')
  })

  alertTest('learning that is frozen is delivered, and far events then are off the budget', async () => {
    await world.fires('ShoalLearningFrozen', () => order('freeze'))
    await world.fires('ShoalAnomalyShareOffBudget', () => world.produce(3000, 60))
    await order('resume')
    await world.ends('ShoalLearningFrozen')
  })

  alertTest(
    'a snapshot store that is gone is delivered as a problem and as a stale snapshot, and as mended when it is back',
    async () => {
      await world.fires('ShoalDegraded', () => redis.kill('SIGKILL'))
      await redis.gone()
      await world.fires('ShoalSnapshotStale', () =>
        until(
          async () => {
            await world.produce(200)
            return world.monitoring.fires('ShoalSnapshotStale')
          },
          () => world.told(),
          60_000,
        ),
      )
      await redis.stop()
      redis = await startRedis({ port: redis.port })
      await world.ends('ShoalDegraded')
      await world.ends('ShoalSnapshotStale')
    },
  )

  alertTest('a stream that has ended is delivered', async () => {
    await world.fires('ShoalNoEvents')
  })

  alertTest('a process that is gone is delivered as no data', async () => {
    await world.fires('ShoalNoData', () => world.processes[0].signal('SIGKILL'))
  })
})
