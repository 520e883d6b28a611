/** What is known of published versions beside the newest. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Model } from '../../src/core/model/model.ts'
import { Health } from '../../src/runtime/health.ts'
import { ModelFollower } from '../../src/runtime/model-follower.ts'
import type { EventLog } from '../../src/runtime/ports.ts'
import { VersionBook } from '../../src/runtime/versions/version-book.ts'
import { sampleFingerprint } from '../core/model/sample-model.ts'
import { ManualClock } from './manual-clock.ts'
import {
  bornModel,
  forgetVersions,
  makeTopics,
  modelWorld,
  noticing,
  plan,
  publishVersion,
  topics,
} from './model-world.ts'
import { recordedTelemetry } from './recorded-telemetry.ts'

const clock = new ManualClock()
const model = bornModel()
let stop: AbortController

beforeEach(() => {
  stop = new AbortController()
})
afterEach(() => stop.abort())

async function publish(log: EventLog, from: number, to: number, of: Model = model): Promise<void> {
  for (let version = from; version <= to; version++) await publishVersion(log, of, version, 1000 * version)
}

/** A follower that tells a book what it reads, once it has seen all that is there; `reads` are the offsets that the book reads from. */
async function openBook(log: EventLog) {
  const telemetry = recordedTelemetry()
  const shared = { topic: topics.models, fingerprint: sampleFingerprint, plan }
  const reads: number[] = []
  const book = new VersionBook({ ...shared, log: noticing(log, (from) => reads.push(from)), clock })
  const health = new Health(telemetry)
  const follower = new ModelFollower({
    ...shared,
    name: 'cards',
    log,
    snapshots: null,
    telemetry,
    health,
    versions: book,
  })
  void follower.run(stop.signal)
  await follower.upToDate(stop.signal)
  const list = async (limit: number, before = Number.POSITIVE_INFINITY) =>
    (await book.list(limit, before, stop.signal)).map(({ version }) => version)
  const read = async (version: number) => (await book.read(version, stop.signal))?.scorer.model ?? null
  return { book, follower, reads, list, read }
}

async function worldOf(versions: number) {
  const { log } = modelWorld(clock)
  await makeTopics(log)
  await publish(log, 1, versions)
  return log
}

const upTo = (newest: number, count: number) => Array.from({ length: count }, (_, i) => newest - i)

describe('the newest version up to one', () => {
  test('is found without reading what is newer, also where it was never published or is forgotten', async () => {
    const { log } = modelWorld(clock)
    await makeTopics(log)
    for (let version = 1; version <= 999; version += 2) await publishVersion(log, model, version, 1000)
    await forgetVersions(log, [7])
    const { book, reads } = await openBook(log)
    const found = async (version: number, fits = (_: number) => true) =>
      (await book.newestUpTo(version, ({ scorer }) => fits(scorer.version), stop.signal))?.scorer.version ?? null
    expect([await found(1001), await found(999), await found(500), await found(2), await found(1)]).toEqual([
      999, 999, 499, 1, 1,
    ])
    expect(await found(0)).toBeNull()
    expect(await found(501, (version) => version < 490)).toBe(489)
    // Eight are looked at.
    expect(await found(501, (version) => version < 480)).toBeNull()
    const before = reads.length
    await found(21)
    expect(reads.slice(before).length).toBeLessThan(12)
  })

  test('is none of another life, and none when the signal has fired', async () => {
    const log = await worldOf(40)
    await publish(log, 41, 60, { ...model, bornAtMs: 5 })
    const { book } = await openBook(log)
    expect((await book.newestUpTo(50, () => true, stop.signal))?.scorer.version).toBe(50)
    expect(await book.newestUpTo(40, () => true, stop.signal)).toBeNull()
    expect(await book.newestUpTo(50, () => true, AbortSignal.abort())).toBeNull()
  })
})

describe('versions spread over a time', () => {
  const spread = async (book: VersionBook, sinceMs: number, most: number) =>
    book.spread({ sinceMs, most }, ({ scorer }) => scorer.version, stop.signal)

  test('are a few, evenly, from that time on, without reading all that lies between', async () => {
    const { book, reads } = await openBook(await worldOf(900))
    const before = reads.length
    const found = await spread(book, 500_000, 8)
    expect(found).toEqual([500, 550, 600, 650, 700, 750, 800, 850].map((version) => expect.closeTo(version, -1)))
    expect(Math.min(...found)).toBeGreaterThanOrEqual(500)
    expect(reads.length - before).toBeLessThan(30)
  })

  test('are all where there are few, and none of another life', async () => {
    const log = await worldOf(5)
    const { book } = await openBook(log)
    expect(await spread(book, 0, 8)).toEqual([1, 2, 3, 4, 5])
    expect(await spread(book, 6_000, 8)).toEqual([])
    await publish(log, 6, 7, { ...model, bornAtMs: 5 })
    expect(await spread((await openBook(log)).book, 0, 8)).toEqual([6, 7])
  })
})

describe('the book of versions', () => {
  test('lists all that the topic holds, newest first, in pages, whatever of it the follower has read', async () => {
    const { list, reads } = await openBook(await worldOf(300))
    expect(await list(5)).toEqual(upTo(300, 5))
    const farthest = Math.min(...reads)
    expect(farthest).toBeGreaterThan(200)
    expect(await list(200)).toEqual(upTo(300, 200))
    expect(await list(200, 101)).toEqual(upTo(100, 100))
    expect(await list(10, 1)).toEqual([])
  })

  test('says what each version says of itself', async () => {
    const { book } = await openBook(await worldOf(3))
    const [newest, second] = await book.list(2, Number.POSITIVE_INFINITY, stop.signal)
    expect(newest).toMatchObject({
      version: 3,
      offset: 2,
      publishedAtMs: 3000,
      k: model.k,
      undone: false,
      frozen: false,
    })
    expect(second).toMatchObject({ version: 2, offset: 1, trainedEvents: model.trainedEvents })
  })

  test('gains what the follower adopts, and what it passes over in a batch', async () => {
    const log = await worldOf(2)
    const { follower, list } = await openBook(log)
    await publish(log, 3, 9)
    await follower.upToDate(stop.signal)
    expect(await list(20)).toEqual(upTo(9, 9))
  })

  test('does not list a version that is forgotten, whether its record is behind the tombstone or gone', async () => {
    const log = await worldOf(100)
    await forgetVersions(log, [2, 50])
    await publish(log, 101, 101)
    const { follower, list, read } = await openBook(log)
    const before = upTo(101, 101).filter((version) => version !== 2 && version !== 50)
    expect(await list(200)).toEqual(before)
    await forgetVersions(log, [101 - 1, 7])
    await follower.upToDate(stop.signal)
    expect(await list(200)).toEqual(before.filter((version) => version !== 100 && version !== 7))
    expect(await read(7)).toBeNull()
  })

  test('finds one version by its number with a few fetches, though nobody has listed it', async () => {
    const log = await worldOf(1000)
    const { read, reads } = await openBook(log)
    for (const version of [1, 2, 457, 999, 1000]) {
      expect((await read(version))?.version).toBe(version)
    }
    expect(reads.length).toBeLessThan(50)
    expect(await read(1001)).toBeNull()
  })

  test('finds a version among gaps: those that compaction and commits leave', async () => {
    const log = await worldOf(40)
    await forgetVersions(log, upTo(40, 39).slice(0, 30))
    await publish(log, 500, 560)
    const { read } = await openBook(log)
    expect((await read(5))?.version).toBe(5)
    expect((await read(530))?.version).toBe(530)
    expect(await read(499)).toBeNull()
  })

  test('lists and reads no version of another life or configuration, and no stranger’s record', async () => {
    const log = await worldOf(3)
    await publish(log, 4, 4, { ...model, fingerprint: 'ffffffffffffffff' })
    await publish(log, 5, 5, { ...model, bornAtMs: model.bornAtMs - 5 })
    await log.publish((outputs) =>
      outputs.append({
        topic: topics.models,
        partition: 0,
        key: Buffer.from('6'),
        value: Buffer.from('x'),
        timestamp: 1,
      }),
    )
    await publish(log, 7, 7)
    const { list, read } = await openBook(log)
    expect(await list(9)).toEqual([7, 3, 2, 1])
    expect([await read(4), await read(5), await read(6)]).toEqual([null, null, null])
  })

  test('says of a version that a rollback has led away from it, once the newest says so', async () => {
    const log = await worldOf(5)
    const { book, follower } = await openBook(log)
    await publish(log, 6, 6, { ...model, control: { ...model.control, undone: [{ from: 3, to: 5 }] } })
    await follower.upToDate(stop.signal)
    const versions = await book.list(9, Number.POSITIVE_INFINITY, stop.signal)
    expect(versions.map(({ undone }) => undone)).toEqual([false, true, true, false, false, false])
  })

  test('knows nothing before there is a model', async () => {
    const { log } = modelWorld(clock)
    await makeTopics(log)
    const { list, read } = await openBook(log)
    expect([await list(5), await read(1)]).toEqual([[], null])
  })

  test('gives up when it is interrupted', async () => {
    const log = await worldOf(300)
    const { book } = await openBook(log)
    const over = AbortSignal.abort()
    expect([await book.list(200, Number.POSITIVE_INFINITY, over), await book.read(1, over)]).toEqual([[], null])
  })
})
