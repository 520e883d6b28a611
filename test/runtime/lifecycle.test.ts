/** What becomes of clusters is told once, in the transaction of the version that shows it, whoever dies. */
import { beforeEach, describe, expect, test } from 'vitest'
import { Random } from '../../src/core/kmeans/random.ts'
import { fold } from '../../src/core/model/fold.ts'
import type { ModelUpdate } from '../../src/core/model/update.ts'
import type { EventLog } from '../../src/runtime/ports.ts'
import { readTopic } from '../pipeline/harness.ts'
import { avroReader } from '../stages/batches.ts'
import { updateOf } from '../stages/learning-stream.ts'
import { bornModel, d, publishThese, publishVersion, topics } from './model-world.ts'
import { mortalWire, startTrainer, type TrainersWorld, trainersWorld, versionOf } from './trainers.ts'

let world: TrainersWorld
beforeEach(async () => {
  world = await trainersWorld()
})

const read = avroReader<{ readonly id: string; readonly kind: string; readonly currentVersion: number }>('drift-event')

/** A stream that comes to places where nothing was, and what it makes of the model. */
function newPlaces() {
  const random = new Random(4)
  const model = bornModel()
  const updates: ModelUpdate[] = []
  for (let batch = 0; batch < 20; batch++) {
    const centre = [200, -300, 900, -2000][Math.floor(batch / 5)]
    const rows = Float64Array.from({ length: 400 * d }, () => centre + random.gaussian())
    const update = updateOf(model, rows, 400 * batch)
    updates.push(update)
    fold(model, update, batch)
  }
  return { model, updates }
}

const toldIn = async (log: EventLog) => (await readTopic(log, topics.driftEvents)).map(({ value }) => read(value!))

/** What was told is every change, in their order, and every drift that the stream is found to have; nothing twice. */
function expectTold(events: Awaited<ReturnType<typeof toldIn>>, { model }: ReturnType<typeof newPlaces>): void {
  const told = events.filter(({ kind }) => kind.startsWith('cluster.')).map(({ id }) => id)
  const { changes } = model.upkeep
  expect(told).toEqual(changes.map(({ version, kind, id }) => `${model.bornAtMs}-${version}-${kind}-${id}`))
  expect(events.length - told.length).toBe(model.drift.findings.length)
  expect(new Set(events.map(({ id }) => id)).size).toBe(events.length)
}

describe('what became of clusters', () => {
  test('is told in the order of the versions, and counted by kind', async () => {
    const stream = newPlaces()
    expect(stream.model.upkeep.changes.length).toBeGreaterThan(3)
    await publishVersion(world.log, bornModel(), 1)
    await publishThese(world.log, stream.updates)
    const trainer = startTrainer(world.cluster, world.clock)
    await world.later(() => expect(versionOf(trainer)).toBe(21))
    const events = await toldIn(world.log)
    expectTold(events, stream)
    for (const kind of new Set(stream.model.upkeep.changes.map((change) => change.kind))) {
      const count = events.filter((event) => event.kind === `cluster.${kind}`).length
      expect(trainer.telemetry.counted('shoal_cluster_changes_total', { kind })).toBe(count)
    }
    const drifts = events.filter(({ kind }) => kind.startsWith('drift.'))
    expect(drifts.length).toBeGreaterThan(0)
    for (const { kind } of drifts) {
      const count = drifts.filter((event) => event.kind === kind).length
      const counted = trainer.telemetry.counted('shoal_drift_events_total', { kind: kind.replace('drift.', '') })
      expect(counted).toBe(count)
    }
    await trainer.stop()
  })

  test.each([
    { request: 'end', heard: true, nth: 1 },
    { request: 'end', heard: false, nth: 2 },
    { request: 'stage', heard: true, nth: 2 },
    { request: 'produce', heard: true, nth: 3 },
  ] as const)('is told once when the trainer dies at the request $request $nth (heard: $heard)', async (at) => {
    const stream = newPlaces()
    await publishVersion(world.log, bornModel(), 1)
    const { wire, dead } = mortalWire(world.clock, at)
    let isDead = false
    void dead.then(() => {
      isDead = true
    })
    const trainer = startTrainer(world.cluster, world.clock, { wire })
    for (let i = 0; i < stream.updates.length; i += 4) {
      await publishThese(world.log, stream.updates.slice(i, i + 4))
      for (let turn = 0; turn < 20 && !isDead; turn++) {
        world.clock.advance(100)
        await world.clock.yield()
      }
    }
    await world.later(() => expect(isDead).toBe(true))
    trainer.client.fallSilent()
    const heir = startTrainer(world.cluster, world.clock)
    await world.later(() => expect(versionOf(heir)).toBe(21))
    expectTold(await toldIn(world.log), stream)
    await heir.stop()
  })
})
