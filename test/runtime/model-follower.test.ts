/** Promise 6, and how the newest version is found in any log. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { fileSnapshots } from '../../src/adapters/file/file-snapshots.ts'
import { crc32c } from '../../src/core/codec/crc32c.ts'
import type { Model } from '../../src/core/model/model.ts'
import { ShoalError } from '../../src/runtime/errors.ts'
import type { EventLog, Snapshot, SnapshotStore } from '../../src/runtime/ports.ts'
import { supervise } from '../../src/runtime/supervision.ts'
import { wireHeaderBytes } from '../../src/stages/wire-format.ts'
import { sampleFingerprint } from '../core/model/sample-model.ts'
import { ManualClock } from './manual-clock.ts'
import {
  askingWire,
  bornModel,
  eventually,
  type Following,
  following,
  forgetVersions,
  makeTopics,
  modelWorld,
  publishVersion,
  storedModels,
} from './model-world.ts'

const clock = new ManualClock()
const model = bornModel()
let stop: AbortController
let folder: string
let store: SnapshotStore

beforeEach(() => {
  stop = new AbortController()
  folder = mkdtempSync(join(tmpdir(), 'shoal-follower-'))
  store = fileSnapshots({ folder, historyLimit: 10 })
})
afterEach(() => {
  stop.abort()
  rmSync(folder, { recursive: true })
})

async function world(): Promise<ReturnType<typeof modelWorld>> {
  const made = modelWorld(clock)
  await makeTopics(made.log)
  return made
}

async function publishVersions(log: EventLog, from: number, to: number, of: Model = model): Promise<void> {
  for (let version = from; version <= to; version++) await publishVersion(log, of, version)
}

/** The snapshot of a version, as the log holds it. */
async function snapshotOf(log: EventLog, version: number): Promise<Snapshot> {
  const stored = (await storedModels(log)).find((one) => one.version === version)
  if (stored === undefined) throw new Error(`the log must hold version ${version}`)
  const { offset, timestamp, bytes } = stored
  const { bornAtMs, fingerprint } = model
  return { name: 'cards', version, bornAtMs, fingerprint, offset, publishedAtMs: timestamp, bytes }
}

async function reaches({ follower }: Following, version: number): Promise<void> {
  await eventually(() => expect(follower.current()?.scorer.version).toBe(version))
}

describe('a follower', () => {
  test('knows the newest version, and each that follows', async () => {
    const { log } = await world()
    await publishVersions(log, 1, 3)
    const one = following(log, null)
    const running = one.follower.run(stop.signal)
    await reaches(one, 3)
    await publishVersions(log, 4, 5)
    await reaches(one, 5)
    expect(one.telemetry.gauged('shoal_model_version')).toBe(5)
    stop.abort()
    await running
  })

  test('waits in an empty topic for the first version', async () => {
    const { log } = await world()
    const one = following(log, null)
    void one.follower.run(stop.signal)
    const found = one.follower.newerThan(null, stop.signal)
    await publishVersion(log, model, 1)
    expect((await found)?.scorer.version).toBe(1)
  })

  test.each([1, 63, 64, 65, 600, 5000])('finds the newest version behind %i tombstones', async (tombstones) => {
    const { log } = await world()
    await publishVersions(log, 1, 2)
    await forgetVersions(
      log,
      Array.from({ length: tombstones }, (_, i) => 1_000_000 + i),
    )
    const one = following(log, null)
    void one.follower.run(stop.signal)
    await reaches(one, 2)
  })

  test('reads no more of a long history than its end', async () => {
    const { log } = await world()
    await publishVersions(log, 1, 200)
    const one = following(log, null)
    void one.follower.run(stop.signal)
    await reaches(one, 200)
    expect(Math.min(...one.starts)).toBe(200 - 64)
  })

  test('has reached an offset when it has seen all before it, versions or not', async () => {
    const { log } = await world()
    const one = following(log, null)
    void one.follower.run(stop.signal)
    let isThere = false
    const there = one.follower.reach(3, stop.signal).then(() => {
      isThere = true
    })
    await publishVersions(log, 1, 2)
    await reaches(one, 2)
    expect(isThere).toBe(false)
    await forgetVersions(log, [1])
    await there
  })

  test('lets whoever waits go when the signal fires', async () => {
    const { log } = await world()
    const one = following(log, null)
    const waiting = [one.follower.newerThan(null, stop.signal), one.follower.reach(1, stop.signal)]
    stop.abort()
    expect(await Promise.all(waiting)).toEqual([null, undefined])
  })

  test('goes on through errors of the log', async () => {
    const { cluster, log } = await world()
    await publishVersions(log, 1, 1)
    let faults = 5
    const wire = askingWire(clock, () => {
      if (faults > 0 && faults-- > 0) throw new ShoalError('log.unavailable', 'the wire is cut')
    })
    const one = following(cluster.client(wire), null)
    const { follower, telemetry, health } = one
    const over = supervise('model follower', (s) => follower.run(s), { clock, telemetry, health }, stop.signal)
    await eventually(() => expect(health.line()).toBe('starting: kafka: the wire is cut'))
    await eventually(() => {
      clock.advance(1000)
      expect(follower.current()?.scorer.version).toBe(1)
    })
    expect(health.line()).toBe('starting')
    await publishVersion(log, model, 2)
    await reaches(one, 2)
    stop.abort()
    await over
  })

  test('refuses a model in the log that is not of its configuration, by name, and keeps the one that it has', async () => {
    const { log } = await world()
    const one = following(log, null)
    const { follower, telemetry, health } = one
    void supervise('model follower', (s) => follower.run(s), { clock, telemetry, health }, stop.signal)
    await publishVersion(log, model, 1)
    await reaches(one, 1)
    await publishVersion(log, { ...model, fingerprint: 'feedfacecafebeef' }, 2)
    const line =
      'starting: model: the model at offset 1 of models is refused: it was made by configuration feedfacecafebeef'
    await eventually(() => expect(health.line()).toContain(line))
    expect(follower.current()?.scorer.version).toBe(1)
    await publishVersion(log, model, 3)
    await eventually(() => {
      clock.advance(15_000)
      expect(follower.current()?.scorer.version).toBe(3)
    })
    expect(health.line()).toBe('starting')
  })

  test('forgets the model of a topic that has been made anew', async () => {
    const { cluster, log } = await world()
    await publishVersions(log, 1, 8)
    const one = following(log, null)
    const first = new AbortController()
    const running = one.follower.run(first.signal)
    await reaches(one, 8)
    first.abort()
    await running

    cluster.create({ topic: 'models', partitions: 1, cleanup: 'compact', owner: 'shoal' })
    await publishVersion(log, { ...model, bornAtMs: model.bornAtMs + 1 }, 1)
    void one.follower.run(stop.signal)
    await reaches(one, 1)
    expect(one.follower.current()?.scorer.model.bornAtMs).toBe(model.bornAtMs + 1)
    const warnings = one.telemetry.log.lines.filter(({ level }) => level === 'warn')
    expect(warnings.map(({ message }) => message)).toEqual([
      'models has been begun anew: the model that it held is forgotten',
    ])
  })
})

describe('a snapshot', () => {
  test('that the log holds is where a follower starts', async () => {
    const { log } = await world()
    await publishVersions(log, 1, 200)
    await store.put(await snapshotOf(log, 50))
    const one = following(log, store)
    void one.follower.run(stop.signal)
    await reaches(one, 200)
    expect(new Set(one.starts)).toEqual(new Set([49]))
    expect(one.telemetry.counted('shoal_snapshot_failures_total')).toBe(0)
  })

  const foreign = () => ({ ...model, fingerprint: 'feedfacecafebeef' })

  /** Format 2, which this release does not know, with a checksum that is right. */
  function ofNewerFormat(bytes: Uint8Array): Uint8Array {
    const newer = Buffer.from(bytes)
    newer[wireHeaderBytes] = 4
    newer.writeUInt32BE(crc32c(newer.subarray(wireHeaderBytes, -4)), newer.length - 4)
    return newer
  }
  function damaged(bytes: Uint8Array): Uint8Array {
    const damaged = Buffer.from(bytes)
    damaged[Math.floor(damaged.length / 2)] ^= 1
    return damaged
  }

  test.each<[string, string, (right: Snapshot, log: EventLog) => Promise<Snapshot> | Snapshot]>([
    ['damaged', 'snapshot.damaged', (right) => ({ ...right, bytes: damaged(right.bytes) })],
    ['cut short', 'snapshot.damaged', (right) => ({ ...right, bytes: right.bytes.subarray(0, -1) })],
    ['empty', 'snapshot.damaged', (right) => ({ ...right, bytes: new Uint8Array(0) })],
    ['of a newer format', 'snapshot.newer_format', (right) => ({ ...right, bytes: ofNewerFormat(right.bytes) })],
    [
      'of another configuration',
      'snapshot.foreign',
      async (right) => {
        const { log } = await world()
        await publishVersion(log, foreign(), right.version)
        return { ...right, bytes: (await storedModels(log))[0].bytes, fingerprint: foreign().fingerprint }
      },
    ],
    [
      'of another life, with the same version at the same offset',
      'snapshot.foreign',
      async (right) => {
        const other = await world()
        await publishVersions(other.log, 1, 4, { ...model, bornAtMs: model.bornAtMs - 1 })
        return { ...(await snapshotOf(other.log, right.version)), bornAtMs: model.bornAtMs - 1 }
      },
    ],
    ['from beyond the end of the log', 'snapshot.foreign', (right) => ({ ...right, offset: 1000 })],
    ['from another offset', 'snapshot.foreign', (right) => ({ ...right, offset: right.offset - 1 })],
  ])('that is %s is refused as %s, and the log is used', async (_, code, spoilt) => {
    const { log } = await world()
    await publishVersions(log, 1, 4)
    await store.put(await spoilt(await snapshotOf(log, 3), log))
    const one = following(log, store)
    void one.follower.run(stop.signal)
    await reaches(one, 4)
    expect(one.follower.current()?.bytes).toEqual(new Uint8Array((await snapshotOf(log, 4)).bytes))
    expect(one.telemetry.counted('shoal_snapshot_failures_total', { code })).toBe(1)
    const refusals = one.telemetry.log.lines.filter(({ level }) => level === 'warn')
    expect(refusals).toMatchObject([{ message: expect.stringMatching(/; the log is used instead$/), fields: { code } }])
    expect(one.health.line()).toBe('starting')
  })

  test('whose place the log no longer has is not needed', async () => {
    const { cluster, log } = await world()
    await publishVersions(log, 1, 6)
    await store.put(await snapshotOf(log, 2))
    cluster.partition({ topic: 'models', partition: 0 }).deleteBefore(4)
    const one = following(log, store)
    void one.follower.run(stop.signal)
    await reaches(one, 6)
    expect(one.telemetry.counted('shoal_snapshot_failures_total', { code: 'snapshot.foreign' })).toBe(1)
  })

  test('that cannot be asked for is a trouble of Redis, and the log is used', async () => {
    const { log } = await world()
    await publishVersions(log, 1, 4)
    const gone = { ...store, latest: () => Promise.reject(new ShoalError('snapshots.unavailable', 'refused')) }
    const one = following(log, gone)
    void one.follower.run(stop.signal)
    await reaches(one, 4)
    expect(one.health.line()).toBe('starting: redis: refused')
    expect(one.follower.current()?.scorer.model.fingerprint).toBe(sampleFingerprint)
  })
})
