/** Alerts about processes that stand still, cannot go on, or come too late: each by its cause. Minutes, so only in full runs. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { kafkaLog } from '../../src/adapters/kafka/log.ts'
import { encodeModel } from '../../src/core/codec/model-codec.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { wireHeaderBytes } from '../../src/stages/wire-format.ts'
import { resealedAfter } from '../core/codec/resealing.ts'
import { bornFrom, clusteredRows, numericPlan } from '../core/model/sample-model.ts'
import { until } from '../pipeline/harness.ts'
import { describeWith } from '../servers.ts'
import { silentLog } from '../silent-log.ts'
import { unwatchable, Watched } from './watched.ts'

const alertTest = (await unwatchable()) === null ? test : test.skip
/** Long enough for a lag to be noticed before the other process takes over. */
const sessionTimeoutMs = 25_000

/** A record of `models` that only a later release can read. */
async function publishNewer(kafka: string, topic: string): Promise<void> {
  const brokers = kafka.split(',')
  const log = kafkaLog({ brokers, clientId: 'newer', transactionalId: topic, log: silentLog, clock: systemClock })
  const bytes = encodeModel(bornFrom(numericPlan(2), clusteredRows(200, 2, 4, 3), 200, 4))
  const newer = resealedAfter(bytes, (body) => void body.writeInt8(4, 0))
  const value = Buffer.concat([Buffer.alloc(wireHeaderBytes), newer])
  await log.publish((outputs) =>
    outputs.append({ topic, partition: 0, key: Buffer.from('newer'), value, timestamp: Date.now() }),
  )
  await log.close()
}

describeWith(['kafka', 'registry', 'redis'], 'two processes of one model, watched', (addresses) => {
  let world: Watched

  beforeAll(async () => {
    if (alertTest !== test) return
    world = new Watched(addresses, `, sessionTimeoutMs: ${sessionTimeoutMs}`)
    await world.start(2)
    await world.produce(4990)
    await until(
      async () => (await world.metric('shoal_events_total')) === 5000,
      () => world.told(),
    )
  })
  afterAll(() => world?.stop())

  async function holderOf(stage: 'score' | 'train') {
    const held = await Promise.all(world.processes.map((each) => each.metric('shoal_partitions', `stage="${stage}"`)))
    return world.processes[held.indexOf(1)]
  }

  alertTest('one that holds the partition and stands still makes a lag, until the other has taken over', async () => {
    const holder = await holderOf('score')
    await world.fires('ShoalLagHigh', async () => {
      holder.signal('SIGSTOP')
      await world.produce(1000)
    })
    await world.ends('ShoalLagHigh')
    holder.signal('SIGCONT')
    await until(
      async () => (await world.metric('shoal_partitions', 'stage="score"')) === 1,
      () => world.told(),
    )
  })

  alertTest(
    'a trainer that finds the model of a newer release is told as a loop, as degraded and as a stale model',
    async () => {
      await world.fires('ShoalDegraded', () => publishNewer(addresses.kafka, `${world.name}.models`))
      const trainer = await holderOf('train')
      await world.fires('ShoalRestartLoop', () => trainer.signal('SIGTERM'))
      await world.fires('ShoalModelStale', () =>
        until(
          async () => {
            await world.produce(200)
            return world.monitoring.fires('ShoalModelStale')
          },
          () => world.told(),
          60_000,
        ),
      )
    },
  )

  alertTest('events that are deleted before they are read are told, with how many', async () => {
    for (const each of world.processes) each.signal('SIGKILL')
    await Promise.all(world.processes.map(({ ended }) => ended))
    await world.produce(1000)
    await world.deleteEventsBut(300)
    const alert = await world.fires('ShoalEventsExpired', () => world.startAgain())
    expect(alert.annotations.description).toContain('700')
  })
})
