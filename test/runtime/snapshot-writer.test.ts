import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { fileSnapshots } from '../../src/adapters/file/file-snapshots.ts'
import { ShoalError } from '../../src/runtime/errors.ts'
import type { EventLog, Snapshot, SnapshotStore } from '../../src/runtime/ports.ts'
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
/** Answers to `put`. */
let written: number
/** Until it fires the follower keeps up with the log. */
let awake: AbortController
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
  written = 0
  owns = true
  stop = new AbortController()
  one = following(log, null)
  one.health.running()
  one.health.modelKnown()
  awake = new AbortController()
  void one.follower.run(AbortSignal.any([awake.signal, stop.signal]))
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
    put: reached((...args) => files.put(...args).finally(() => written++)),
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

test('the metrics tell when the version in the store was published and its size, and go no further while the store is down', async () => {
  const publishedAt = () => one.telemetry.gauged('shoal_snapshot_published_timestamp_seconds')
  await publishVersion(log, model, 1, 5_000)
  await eventually(() => expect(publishedAt()).toBe(5))
  const [first] = await storedModels(log)
  expect(one.telemetry.gauged('shoal_snapshot_bytes')).toBe(first.bytes.length)
  isDown = true
  await publishVersion(log, model, 2, 65_000)
  await eventually(() => expect(one.telemetry.gauged('shoal_model_published_timestamp_seconds')).toBe(65))
  await eventually(() => expect(one.health.line()).toBe('degraded: redis: connection refused'))
  expect(publishedAt()).toBe(5)
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

/** The snapshot of a version, as the log holds it. */
async function inLog(version: number): Promise<Snapshot> {
  const stored = (await storedModels(log)).find((each) => each.version === version)
  if (stored === undefined) throw new Error(`the log must hold version ${version}`)
  const { offset, timestamp, bytes } = stored
  const { bornAtMs, fingerprint } = model
  return { name: 'cards', version, bornAtMs, fingerprint, offset, publishedAtMs: timestamp, bytes }
}

/** Another process writes a version. */
async function writtenByAnother(version: number, change: Partial<Snapshot> = {}): Promise<void> {
  expect(await files.put({ ...(await inLog(version)), ...change })).toBe('written')
}

test('one who has slept through a version replaces nothing when it wakes, and the gauge shows what is there', async () => {
  await publishVersion(log, model, 3)
  await becomes(3)
  await eventually(() => expect(clock.sleepers).toBe(1))
  awake.abort()
  await publishVersion(log, model, 9)
  await writtenByAnother(9)
  const puts = written
  clock.advance(5_000)
  await eventually(() => expect(written).toBe(puts + 1))
  void one.follower.run(stop.signal)
  await eventually(() => expect(gauge()).toBe(9))
  expect(await files.latest('cards')).toMatchObject(await inLog(9))
  expect(one.telemetry.counted('shoal_snapshot_failures_total')).toBe(0)
})

const foreignOnes: readonly [string, Partial<Snapshot>][] = [
  ['of a later version than the log holds', { version: 9 }],
  ['of a life that was born later', { version: 1, bornAtMs: model.bornAtMs + 1 }],
  ['of the same version in another life of the topic', { version: 3, bytes: Buffer.from('of another log') }],
  ['of the same bytes at another offset', { version: 3, offset: 77 }],
  ['of another configuration', { version: 4, fingerprint: 'feedfacecafebeef' }],
]
test.each(foreignOnes)('one %s is replaced within 5 s, and that is said', async (_, change) => {
  isDown = true
  await publishVersion(log, model, 3)
  await eventually(() => expect(one.health.line()).toContain('redis'))
  await writtenByAnother(3, change)
  isDown = false
  await eventually(async () => {
    clock.advance(100)
    expect(await files.latest('cards')).toMatchObject(await inLog(3))
  })
  await eventually(() => expect(gauge()).toBe(3))
  expect((await files.history('cards', 9)).map(({ version }) => version)).toEqual([3])
  expect(one.telemetry.counted('shoal_snapshot_failures_total', { code: 'snapshot.foreign' })).toBe(1)
  await eventually(() => expect(one.health.line()).toBe('serving'))
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
