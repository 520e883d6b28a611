import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { fileSnapshots } from '../../src/adapters/file/file-snapshots.ts'
import { ShoalError } from '../../src/runtime/errors.ts'
import type { EventLog, SnapshotStore } from '../../src/runtime/ports.ts'
import { writeSnapshots } from '../../src/runtime/snapshot-writer.ts'
import { ManualClock } from './manual-clock.ts'
import {
  bornModel,
  eventually,
  type Following,
  following,
  makeTopics,
  modelWorld,
  publishVersion,
  storedModels,
} from './model-world.ts'

const model = bornModel()
let clock: ManualClock
let log: EventLog
let folder: string
/** What the files hold, whatever happens on the way to them. */
let files: SnapshotStore
let isDown: boolean
let owns: boolean
let stop: AbortController
let one: Following
let writing: Promise<void>

beforeEach(async () => {
  clock = new ManualClock()
  log = modelWorld(clock).log
  await makeTopics(log)
  folder = mkdtempSync(join(tmpdir(), 'shoal-writer-'))
  files = fileSnapshots({ folder, historyLimit: 5 })
  isDown = false
  owns = true
  stop = new AbortController()
  one = following(log, null)
  one.health.running()
  one.health.modelKnown()
  void one.follower.run(stop.signal)
  const { follower, telemetry, health } = one
  const options = {
    name: 'cards',
    follower,
    snapshots: throughTheNetwork(),
    clock,
    telemetry,
    health,
    owns: () => owns,
  }
  writing = writeSnapshots(options, stop.signal)
})
afterEach(async () => {
  stop.abort()
  await writing
  rmSync(folder, { recursive: true })
})

/** The files, as long as they are not down. */
function throughTheNetwork(): SnapshotStore {
  const reached =
    <A extends readonly unknown[], T>(work: (...args: A) => Promise<T>) =>
    async (...args: A): Promise<T> => {
      if (isDown) throw new ShoalError('snapshots.unavailable', 'connection refused')
      return work(...args)
    }
  return {
    put: reached(files.put),
    latest: reached(files.latest),
    history: reached(files.history),
    read: reached(files.read),
    close: async () => undefined,
  }
}

const kept = async () => (await files.latest('cards'))?.version ?? null
const becomes = (version: number | null) => eventually(async () => expect(await kept()).toBe(version))
const gauge = () => one.telemetry.gauged('shoal_snapshot_version')

test('each version is written as the log holds it, with its place', async () => {
  await publishVersion(log, model, 1)
  await becomes(1)
  await publishVersion(log, model, 2)
  await becomes(2)
  const [, second] = await storedModels(log)
  expect(await files.latest('cards')).toMatchObject({
    offset: second.offset,
    bornAtMs: model.bornAtMs,
    fingerprint: model.fingerprint,
    publishedAtMs: second.timestamp,
    bytes: second.bytes,
  })
  await eventually(() => expect(gauge()).toBe(2))
})

test('a store that is down is tried until it is back, and holds the newest version then', async () => {
  await publishVersion(log, model, 1)
  await becomes(1)
  isDown = true
  await publishVersion(log, model, 2)
  await eventually(() => expect(one.health.line()).toBe('degraded: redis: connection refused'))
  await publishVersion(log, model, 3)
  isDown = false
  await eventually(async () => {
    clock.advance(100)
    expect(await kept()).toBe(3)
  })
  await eventually(() => expect(one.health.line()).toBe('serving'))
  expect(one.telemetry.counted('shoal_snapshot_failures_total', { code: 'snapshots.unavailable' })).toBeGreaterThan(0)
})

test('a store that has lost what it had has it again within 5 s, without a new version', async () => {
  await publishVersion(log, model, 1)
  await becomes(1)
  await eventually(() => expect(clock.sleepers).toBe(1))
  rmSync(join(folder, 'cards'), { recursive: true })
  clock.advance(4_999)
  expect(await kept()).toBeNull()
  clock.advance(1)
  await becomes(1)
})

test('a newer version of another writer is left alone, and is what the gauge shows', async () => {
  const foreign = { name: 'cards', fingerprint: model.fingerprint, publishedAtMs: 1, bytes: Buffer.from('of an heir') }
  await files.put({ ...foreign, version: 9, bornAtMs: model.bornAtMs, offset: 9 })
  await publishVersion(log, model, 3)
  await eventually(() => expect(gauge()).toBe(9))
  expect(await kept()).toBe(9)
})

test('a process that does not train writes nothing, but knows how the store is', async () => {
  owns = false
  await publishVersion(log, model, 1)
  await eventually(() => expect(one.follower.current()?.scorer.version).toBe(1))
  isDown = true
  await eventually(() => {
    clock.advance(1_000)
    expect(one.health.line()).toBe('degraded: redis: connection refused')
  })
  isDown = false
  await eventually(() => {
    clock.advance(1_000)
    expect(one.health.line()).toBe('serving')
  })
  expect(await kept()).toBeNull()
  owns = true
  await eventually(async () => {
    clock.advance(1_000)
    expect(await kept()).toBe(1)
  })
})

test('the last version is written at the end, also when the store was down until then', async () => {
  isDown = true
  await publishVersion(log, model, 1)
  await eventually(() => expect(one.health.line()).toContain('redis'))
  await publishVersion(log, model, 2)
  await eventually(() => expect(one.follower.current()?.scorer.version).toBe(2))
  isDown = false
  stop.abort()
  await writing
  expect(await kept()).toBe(2)
})
