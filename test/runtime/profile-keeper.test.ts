/** Profiles of a share whose topic cannot be read, for now or for good. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { MemoryCluster } from '../../src/adapters/memory/cluster.ts'
import { planFeatures } from '../../src/core/features/feature-plan.ts'
import { type ErrorCode, ShoalError } from '../../src/runtime/errors.ts'
import { Health } from '../../src/runtime/health.ts'
import type { Share } from '../../src/runtime/ports.ts'
import { ProfileKeeper } from '../../src/runtime/profile-keeper.ts'
import { profileFeature } from '../core/profiles/profiling.ts'
import { ManualClock } from './manual-clock.ts'
import { eventually } from './model-world.ts'
import { type RecordedTelemetry, recordedTelemetry } from './recorded-telemetry.ts'

const plan = planFeatures({ id: 'id', time: null, timeUnitMs: 1, features: [profileFeature('count1h')] }).profiles!

let clock: ManualClock
let cluster: MemoryCluster
let telemetry: RecordedTelemetry
let health: Health
let failure: ErrorCode | null
let leave: () => Promise<void>

beforeEach(async () => {
  clock = new ManualClock()
  cluster = new MemoryCluster({ clock })
  telemetry = recordedTelemetry()
  health = new Health(telemetry)
  health.running()
  health.modelKnown()
  const own = { partitions: 2, owner: 'shoal' } as const
  await cluster.client().prepare([{ ...own, topic: 'in', cleanup: 'delete' }], true)
  await cluster.client().prepare([{ ...own, topic: 'profiles', cleanup: 'compact' }], true)
  await cluster.client().publish((outputs) => {
    outputs.append({ topic: 'profiles', partition: 0, key: Buffer.from('device\0x'), value: null, timestamp: 1 })
  })
  leave = async () => undefined
})
afterEach(() => leave())

/** Reads, and commits what its keeper lets through. */
function start(): { readonly done: Promise<void>; readonly read: number[] } {
  const log = cluster.client(async (_, deliver) => {
    await clock.yield()
    if (failure !== null) throw new ShoalError(failure, 'the topic cannot be read')
    return deliver()
  })
  const options = { plan, limits: { limit: 10, key: null }, topic: 'profiles', log, clock, telemetry, health }
  const read: number[] = []
  const work = async (share: Share): Promise<void> => {
    const keeper = new ProfileKeeper(options, share, 2)
    while (!share.ended.aborted) {
      const batches = keeper.ready(await share.read({ maxEvents: 10, maxBytes: 1000 }))
      read.push(...batches.map(({ partition }) => partition))
      if (batches.length === 0) continue
      await share.begin().commit(new Map(batches.map(({ partition, nextOffset }) => [partition, nextOffset])))
    }
  }
  const membership = cluster.client().join('group', 'in', work)
  leave = () => membership.leave()
  membership.done.catch(() => undefined)
  return { done: membership.done, read }
}

const send = (partition: number) =>
  cluster.client().publish((outputs) => {
    outputs.append({ topic: 'in', partition, key: null, value: Buffer.from('{}'), timestamp: 1 })
  })

const later = (check: () => unknown) =>
  eventually(() => {
    clock.advance(100)
    return check()
  })

describe('a topic of profiles that cannot be read', () => {
  test('is asked again, and meanwhile nothing of its partition is scored and the health says why', async () => {
    failure = 'log.unavailable'
    const { read } = start()
    await send(0)
    await later(() => expect(health.line()).toBe('degraded: profiles: the topic cannot be read'))
    expect(read).toEqual([])
    failure = null
    await later(() => expect(read).toEqual([0]))
    await later(() => expect(health.line()).toBe('serving'))
    expect(telemetry.counted('shoal_profile_restores_total')).toBe(2)
  })

  test('for good ends the work with that error when an event comes, and not before', async () => {
    failure = 'log.corrupt'
    const { done, read } = start()
    await later(() => expect(health.line()).toBe('degraded: profiles: the topic cannot be read'))
    await send(1)
    await expect(done).rejects.toMatchObject({ code: 'log.corrupt' })
    expect(read).toEqual([])
    await later(() => expect(health.line()).toBe('serving'))
  })

  test('leaves no gauge behind when its share has ended', async () => {
    failure = null
    const { read } = start()
    await send(0)
    await later(() => expect(read).toEqual([0]))
    await leave()
    expect(telemetry.gauged('shoal_profiles')).toBeNaN()
    expect(telemetry.gauged('shoal_profile_restore_left', { partition: '0' })).toBeNaN()
  })
})
