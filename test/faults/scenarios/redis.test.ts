/** Redis is not needed: whatever happens to it, events flow as before, and it holds the newest version soon after. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { until } from '../../pipeline/harness.ts'
import { redisSnapshot } from '../../stack/model-proof.ts'
import { describeFaults, inFull } from '../describe-faults.ts'
import { OwnRedis } from '../own-redis.ts'
import { redisFaults } from '../redis-faults.ts'
import { openRig, type Rig } from '../rig.ts'

const deadlineMs = inFull(1_800_000, 400_000)
const stateDeadlineMs = 60_000
const shortFaults = 3

describeFaults('a pipeline whose Redis fails', ({ kafka, servers }) => {
  let rig: Rig
  let redis: OwnRedis
  let longestBackSeconds = 0

  beforeAll(async () => {
    redis = await OwnRedis.reserve()
    rig = await openRig('Redis', kafka, { ...servers, redis: redis.address })
  }, deadlineMs)

  afterAll(async () => {
    await rig?.close()
    await redis?.close()
  }, deadlineMs)

  async function healthIs(line: RegExp): Promise<void> {
    let last = ''
    const isSo = async () => {
      last = await rig.crew.live[0].health()
      return line.test(last)
    }
    await until(isSo, () => `${line}. It is "${last}". ${rig.crew.said()}`, stateDeadlineMs)
  }

  const failures = (code: string) => rig.crew.live[0].metric('shoal_snapshot_failures_total', `code="${code}"`)

  /** The version that is newest now, or a later one, is the snapshot again. */
  async function snapshotIsBack(): Promise<void> {
    const mendedMs = Date.now()
    const wanted = rig.verifier.model.version
    let version: number | null = null
    const isThere = async () => {
      const found = await redisSnapshot(redis.address, rig.configuration.name)
      version = found?.version ?? null
      return found !== null && found.version >= wanted
    }
    await until(
      isThere,
      () => `version ${wanted} as the snapshot: it is ${version}. ${rig.crew.said()}`,
      stateDeadlineMs,
    )
    longestBackSeconds = Math.max(longestBackSeconds, (Date.now() - mendedMs) / 1000)
  }

  async function whenServing(): Promise<void> {
    await snapshotIsBack()
    await healthIs(/^ready: serving$/)
  }

  test('starts without one, and has a snapshot once it is there', { timeout: deadlineMs }, async () => {
    const absent = async () => {
      await rig.crew.fill(1)
      return undefined
    }
    await rig.inject('Redis absent at the start', absent)
    await healthIs(/^ready: degraded: redis: snapshots cannot be kept in Redis now: /)
    expect(await failures('snapshots.unavailable')).toBeGreaterThan(0)
    await redis.start()
    await whenServing()
    await redis.dump()
  })

  test('gives every event its outcome at once while it fails, says so, and gets over it', {
    timeout: deadlineMs,
  }, async () => {
    const all = redisFaults(redis, rig.configuration.name, () => rig.snapshots.forget())
    for (const { name, says, strike, mend } of inFull(all, all.slice(0, shortFaults))) {
      // What recovers is measured from where the fault is known, and goes on.
      await rig.inject(name, async () => {
        await strike()
        if (says !== null) await healthIs(says)
        return undefined
      })
      await mend()
      await whenServing()
    }
    expect(await failures('snapshot.foreign')).toBeGreaterThan(0)
  })

  test('writes the snapshot again though no event has come since', { timeout: deadlineMs }, async () => {
    await rig.stopInput()
    const { verifier } = rig
    const isDone = () => verifier.outstanding === 0 && verifier.model.version === verifier.model.updates + 1
    await until(isDone, () => `all outcomes, all learned. ${rig.crew.said()}`, stateDeadlineMs)
    await whenServing()
    await redis.admin.flushall()
    await whenServing()
    await redis.stop()
    await healthIs(/^ready: degraded: redis: /)
    await redis.start()
    await whenServing()
  })

  test('has counted what it committed', { timeout: deadlineMs }, async () => {
    const [process] = rig.crew.live
    const valid = await process.metric('shoal_events_total')
    expect(valid + (await process.metric('shoal_dead_letters_total'))).toBe(rig.verifier.counts.events)
  })

  test('ends as any other', { timeout: deadlineMs }, async () => {
    await rig.end()
    console.log(`after Redis was mended the newest version was its snapshot within ${longestBackSeconds.toFixed(1)} s`)
  })
})
