/** Strangers' records in Shoal's own topics, on real Kafka: scoring and learning go on, and the model is the fold of the log. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { until } from '../pipeline/harness.ts'
import { goodJson } from '../poison/json-events.ts'
import { birthEvents } from '../poison/pipeline-under-poison.ts'
import { describeWith } from '../servers.ts'
import { foldAll, modelBytes } from './model-proof.ts'
import { newPayments, type Payments } from './payments.ts'
import type { ShoalProcess } from './shoal-process.ts'

describeWith(['kafka', 'registry', 'redis'], 'records of strangers', (addresses) => {
  let payments: Payments
  let running: ShoalProcess

  beforeAll(async () => {
    payments = await newPayments(addresses, 'json')
    await payments.send(goodJson(birthEvents + 100, 1))
    running = await payments.start()
    await payments.done(running)
  })

  afterAll(() => payments?.discard())

  async function write(topic: string, ...values: readonly (string | null)[]): Promise<void> {
    await payments.log.publish((outputs) => {
      for (const value of values) {
        const record = {
          key: Buffer.from('stray'),
          value: value === null ? null : Buffer.from(value),
          timestamp: Date.now(),
        }
        outputs.append({ topic, partition: 0, ...record })
      }
    })
  }

  const refused = (what: 'updates' | 'models') => running.metric(`shoal_${what}_refused_total`)

  async function serves(): Promise<void> {
    let health = ''
    await until(
      async () => {
        health = await running.health()
        return health === 'ready: serving'
      },
      () => `the health ready: serving: it was ${health}, and the process has said: ${running.said()}`,
      60_000,
    )
  }

  test('among the updates teach nothing, and stop nobody from learning', async () => {
    const { modelUpdates } = payments.configuration.topics
    await write(modelUpdates, 'no update', null, '')
    await payments.send(goodJson(200, 2))
    await payments.done(running)
    await until(
      async () => (await refused('updates')) === 3,
      () => `3 records that are refused: the process has said: ${running.said()}`,
    )
    await serves()
    expect(await running.metric('shoal_restarts_total')).toBe(0)
  })

  test('among the models are passed over, also by a process that starts behind them', async () => {
    const { models } = payments.configuration.topics
    await write(models, 'no model')
    await until(
      async () => (await refused('models')) === 1,
      () => `a record that is refused: the process has said: ${running.said()}`,
    )
    expect(await running.health()).toMatch(/^ready: degraded: model: the model at offset \d+ of .* is refused/)
    running.signal('SIGKILL')
    await running.ended
    await write(models, ...new Array(100).fill('no model'))
    running = await payments.start()
    await payments.send(goodJson(200, 3))
    // A version that was published behind the first of them is where the new process begins.
    await until(
      async () => (await refused('models').catch(() => 0)) >= 100,
      () => `100 or 101 records that are refused: the process has said: ${running.said()}`,
      60_000,
    )
    await until(
      async () => (await running.metric('shoal_events_total').catch(() => 0)) >= 200,
      () => `200 events: the process has said: ${running.said()}`,
      60_000,
    )
    await serves()
    expect(await running.metric('shoal_restarts_total')).toBe(0)
  })

  test('leave the model the fold of the updates, bit for bit', async () => {
    running.signal('SIGTERM')
    expect((await running.ended).code).toBe(0)
    const { modelUpdates, models } = payments.configuration.topics
    const versions = (await payments.read(models)).filter(({ key }) => key !== 'stray')
    const folded = foldAll(versions[0], await payments.read(modelUpdates), payments.configuration.fingerprint)
    expect(modelBytes(versions[versions.length - 1]).equals(folded)).toBe(true)
    expect((await payments.read(payments.topics.assignments)).length).toBe(birthEvents + 500)
  })
})
