/** Orders to a running service, by its own follower, log and registry: as its HTTP interface gives them. */
import { afterEach, describe, expect, test } from 'vitest'
import { MemoryCluster } from '../../../src/adapters/memory/cluster.ts'
import { memoryRegistry } from '../../../src/adapters/memory/registry.ts'
import { systemClock } from '../../../src/runtime/clock.ts'
import { type Done, type Giving, give } from '../../../src/runtime/commanding/giving.ts'
import { giveOrder, type Order } from '../../../src/runtime/commanding/orders.ts'
import { clusteredRows } from '../../core/model/sample-model.ts'
import { d, type RunningService, run, schemaText, settingsFor, until } from '../../pipeline/harness.ts'

const settings = settingsFor('cards', 'events')
const rows = clusteredRows(2000, d, 4, 11)
const running: RunningService[] = []
afterEach(async () => {
  await Promise.all(running.splice(0).map((service) => service.stop()))
})

interface World extends Giving {
  readonly service: RunningService
  ordered(order: Order, more?: { readonly waitMs?: number; readonly signal?: AbortSignal }): Promise<Done | null>
}

/** A service, and a model where `events` are enough for one. */
async function world(events: number): Promise<World> {
  const cluster = new MemoryCluster({ clock: systemClock })
  const log = cluster.client()
  await log.prepare([{ topic: 'events', partitions: 2, cleanup: 'delete', owner: 'shoal' }], true)
  await log.publish((outputs) => {
    for (let i = 0; i < events; i++) {
      const fields = Array.from({ length: d }, (_, c) => `"x${c}":${rows[i * d + c]}`).join(',')
      const value = Buffer.from(`{"id":"e${i}",${fields}}`)
      outputs.append({ topic: 'events', partition: i % 2, key: null, value, timestamp: 1_000_000 + i })
    }
  })
  const registry = memoryRegistry()
  const service = run(settings, cluster.client(), null, { registry })
  running.push(service)
  const { follower, versions, audit, health } = service
  const state = events === 0 ? 'waiting for a model' : 'serving'
  await until(
    () => health.report().state === state,
    () => health.line(),
  )
  const giving: Giving = { settings, follower, versions, audit, log, registry, schema: schemaText, clock: systemClock }
  return {
    ...giving,
    service,
    ordered(order, { waitMs = 60_000, signal = new AbortController().signal } = {}) {
      return giveOrder(giving, { reason: 'a test', by: 'Zoë', waitMs }, order, signal)
    },
  }
}

const written = ({ log }: World) => log.bounds({ topic: settings.topics.modelUpdates, partition: 0 })

describe('an order to a running service', () => {
  test('is answered when the version that obeyed it is published', async () => {
    const { ordered, follower } = await world(2000)
    const done = await ordered({ kind: 'freeze' })
    expect(done?.deeds).toMatchObject([{ kind: 'freeze', by: 'Zoë', reason: 'a test', refused: '' }])
    const { model } = follower.current()!.scorer
    expect(model.control.frozen?.sinceVersion).toBe(done?.deeds[0]?.version)
  })

  test('that makes no sense after what stood before it in the log is refused by the fold, and says so', async () => {
    const giving = await world(2000)
    const twice = ['once', 'twice'] as const
    const done = await give(
      giving,
      { reason: 'a test', by: 'Zoë', waitMs: 60_000 },
      ({ command }) => twice.map((reason) => command('freeze', { reason })),
      new AbortController().signal,
    )
    const [first, second] = done!.deeds
    expect([first?.refused, second?.refused]).toEqual([
      '',
      `learning must go on: it has stood still since version ${first?.version}`,
    ])
  })

  test('is refused before it is written where the fold would refuse it', async () => {
    const { ordered } = await world(2000)
    await expect(ordered({ kind: 'resume' })).rejects.toMatchObject({ code: 'model.refuses' })
  })

  test('to a model that is not there is refused by name', async () => {
    const made = await world(0)
    await expect(made.ordered({ kind: 'freeze' })).rejects.toMatchObject({ code: 'model.missing' })
  })

  test('that is called off before it is written leaves nothing in the log', async () => {
    const made = await world(2000)
    await until(
      async () => (await written(made)).end > 0,
      () => 'an update',
    )
    await made.service.stop()
    const before = await written(made)
    expect(await made.ordered({ kind: 'freeze' }, { signal: AbortSignal.abort() })).toBeNull()
    expect(await written(made)).toEqual(before)
  })

  test('pins a version that is kept, or the newest; one that is not is refused', async () => {
    const { ordered, follower } = await world(2000)
    expect((await ordered({ kind: 'pin', version: 1 }))?.deeds).toMatchObject([{ targetVersion: 1, refused: '' }])
    const newest = (await ordered({ kind: 'pin', version: null }))?.deeds[0]
    const { pinned } = follower.current()!.scorer.model.control
    expect([newest?.refused, pinned]).toEqual(['', [1, newest?.targetVersion]])
    await expect(ordered({ kind: 'pin', version: 1_000_000 })).rejects.toThrow('version 1000000 must be kept')
    expect((await ordered({ kind: 'unpin', version: 1 }))?.deeds).toMatchObject([{ kind: 'unpin', refused: '' }])
  })

  test('says so when the version was forgotten while it was being pinned', async () => {
    const made = await world(2000)
    let isGone = false
    const versions: Giving['versions'] = {
      newestUpTo: (version, fits, signal) => made.versions.newestUpTo(version, fits, signal),
      async list(limit, before, signal) {
        const listed = isGone ? [] : await made.versions.list(limit, before, signal)
        isGone = true
        return listed
      },
    }
    const giver = { reason: 'a test', by: 'Zoë', waitMs: 60_000 }
    const done = giveOrder({ ...made, versions }, giver, { kind: 'pin', version: 1 }, new AbortController().signal)
    await expect(done).rejects.toThrow('it was forgotten while it was being pinned; unpin it, and pin another one')
  })

  test('changes the budget that the next version calls by, and bears the clusters anew', async () => {
    const { ordered, follower } = await world(2000)
    await ordered({ kind: 'budget', budget: 0.2 })
    expect(follower.current()!.scorer.model.control.budget).toBe(0.2)
    await expect(ordered({ kind: 'budget', budget: 0.6 })).rejects.toThrow('at most 0.5: got 0.6')
    expect((await ordered({ kind: 'reseed' }))?.deeds).toMatchObject([{ kind: 'reseed', refused: '' }])
  })

  test('that nobody comes to in time is in the log, and is said to wait', async () => {
    const made = await world(2000)
    expect((await made.ordered({ kind: 'freeze' }, { waitMs: 1 }))?.commands.length).toBe(1)
    await until(
      () => made.follower.current()?.scorer.model.control.frozen !== null,
      () => 'a frozen model',
    )
  })
})
