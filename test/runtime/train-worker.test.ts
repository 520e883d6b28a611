/** Promises 2 and 3 for the one that trains: whoever takes over, at whatever moment, the model is the fold of the log. */
import { beforeEach, describe, expect, test } from 'vitest'
import type { MemoryCluster } from '../../src/adapters/memory/cluster.ts'
import { OutputColumns } from '../../src/adapters/memory/outputs.ts'
import type { LogTransaction } from '../../src/adapters/memory/transaction.ts'
import { decodeModel } from '../../src/core/codec/model-codec.ts'
import type { Model } from '../../src/core/model/model.ts'
import type { EventLog } from '../../src/runtime/ports.ts'
import { publishModel } from '../../src/stages/train.ts'
import { wireHeaderBytes } from '../../src/stages/wire-format.ts'
import { sampleFingerprint } from '../core/model/sample-model.ts'
import type { ManualClock } from './manual-clock.ts'
import {
  bornModel,
  eventually,
  publishEvents,
  publishUpdates,
  publishVersion,
  storedModels,
  topics,
} from './model-world.ts'
import {
  type DeathAt,
  foldedVersions,
  mortalWire,
  said,
  startTrainer,
  type Trainer,
  type TrainersWorld,
  trainersWorld,
  trainGroup,
  versionOf,
} from './trainers.ts'

let clock: ManualClock
let cluster: MemoryCluster
let log: EventLog
let later: TrainersWorld['later']
let versions: TrainersWorld['versions']
const born = bornModel()

beforeEach(async () => {
  ;({ clock, cluster, log, later, versions } = await trainersWorld())
})

/** Starts one that dies at the given request, does `work` until then, and lets the group find out. */
async function oneThatDies(at: DeathAt, work: (trainer: Trainer) => Promise<void> = async () => {}): Promise<void> {
  const { wire, dead } = mortalWire(clock, at)
  const trainer = startTrainer(cluster, clock, { wire })
  let isDead = false
  void dead.then(() => {
    isDead = true
  })
  while (!isDead) {
    await work(trainer)
    clock.advance(100)
    await clock.yield()
  }
  trainer.client.fallSilent()
}

const anywhere = (['produce', 'stage', 'end'] as const).flatMap((request) => [
  { request, heard: false },
  { request, heard: true },
])

describe('a birth', () => {
  beforeEach(() => publishEvents(log, 0, 700))

  test('is one version with the number 1, and names the events that it was born from', async () => {
    const trainer = startTrainer(cluster, clock)
    await later(() => expect(versionOf(trainer)).toBe(1))
    const [{ model }] = await storedModels(log)
    expect(model?.bornFrom).toEqual([{ partition: 0, from: 0, to: 600 }])
    expect(model?.trainedEvents).toBe(600)
    expect(trainer.telemetry.counted('shoal_transactions_total', { stage: 'train', outcome: 'committed' })).toBe(1)
    await trainer.stop()
  })

  test.each(anywhere)(
    'of one who dies at the request $request (heard: $heard) is followed by exactly one',
    async (at) => {
      await oneThatDies({ ...at, nth: 1 })
      const heir = startTrainer(cluster, clock)
      await later(() =>
        expect(said(heir)).toContainEqual(expect.stringMatching(/^(a model is born|training goes on)$/)),
      )
      await later(() => expect(versionOf(heir)).toBe(1))
      expect(await versions()).toEqual([1])
      await heir.stop()
    },
  )
})

/**
 * The coordinator of a Kafka transaction tells the partitions of its end one by one. This is the state in between: the
 * group's position is committed, and stable, the version that belongs to it is in the log, but not yet visible.
 */
async function committedButNotYetVisible(model: Model, position: number): Promise<LogTransaction> {
  const outputs = new OutputColumns()
  publishModel(outputs, topics.models, 1, model, 1000)
  const version = cluster.begin()
  cluster.accept(outputs, (partition, records) => version.write(partition, records))
  const positions = cluster.begin()
  positions.stageUnfenced(cluster.group(trainGroup, topics.updates), new Map([[0, position]]))
  positions.commit()
  return version
}

/** Far more turns of the event loop than a trainer needs to begin its work, were it not waiting. */
async function manyTurns(): Promise<void> {
  for (let i = 0; i < 500; i++) await clock.yield()
}

describe('a version that was committed, but is not visible yet,', () => {
  test('is waited for when it is the first: no second model is born', async () => {
    await publishEvents(log, 0, 700)
    const pending = await committedButNotYetVisible(born, 0)
    const trainer = startTrainer(cluster, clock)
    await manyTurns()
    expect(said(trainer)).toEqual([])
    pending.commit()
    await eventually(() => expect(said(trainer)).toContain('training goes on'))
    await trainer.stop()
    expect(await versions()).toEqual([1])
  })

  test('is waited for when it is a later one: nothing of what it had learned is lost', async () => {
    await publishVersion(log, born, 1)
    await publishUpdates(log, born, 0, 3, 50)
    const all = await foldedVersions(log, born)
    const second = decodeModel(all.get(2)!, sampleFingerprint)
    if ('refused' in second) throw new Error(second.detail)
    const pending = await committedButNotYetVisible(second.value, 1)
    const trainer = startTrainer(cluster, clock)
    await manyTurns()
    pending.commit()
    await later(() => expect(versionOf(trainer)).toBe(4))
    await trainer.stop()
    expect((await storedModels(log)).at(-1)?.bytes.subarray(wireHeaderBytes)).toEqual(all.get(4))
  })
})

describe('training', () => {
  const updates = 12

  test.each(anywhere.flatMap((at) => [1, 2, 4].map((nth) => ({ ...at, nth }))))(
    'goes on bit for bit after one who dies at the request $request (heard: $heard) of publication $nth',
    async (at) => {
      await publishVersion(log, born, 1)
      let fed = 0
      await oneThatDies(at, async (trainer) => {
        // One at a time, so that there is a publication for each.
        if (versionOf(trainer) === fed + 1) await publishUpdates(log, born, 20 * fed++, 1, 20)
      })
      await publishUpdates(log, born, 20 * fed, updates - fed, 20)
      const heir = startTrainer(cluster, clock)
      await later(() => expect(versionOf(heir)).toBe(1 + updates))
      await heir.stop()
      const all = await foldedVersions(log, born)
      const stored = await storedModels(log)
      const numbers = stored.map(({ version }) => version)
      expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b))
      for (const { version, bytes } of stored) expect(bytes.subarray(wireHeaderBytes)).toEqual(all.get(version))
    },
  )

  test('is one member’s: another waits without disturbing it, and takes over when it leaves', async () => {
    await publishVersion(log, born, 1)
    const first = startTrainer(cluster, clock)
    await later(() => expect(first.owns).toBe(true))
    const second = startTrainer(cluster, clock)
    for (let turn = 0; turn < 100; turn++) {
      clock.advance(10)
      await clock.yield()
    }
    expect(said(first).filter((line) => line === 'training goes on')).toHaveLength(1)
    expect([first.owns, second.owns]).toEqual([true, false])
    await first.stop()
    await later(() => expect(second.owns).toBe(true))
    await publishUpdates(log, born, 0, 1, 20)
    await later(() => expect(versionOf(second)).toBe(2))
    await second.stop()
    expect([first.owns, second.owns]).toEqual([false, false])
  })
})

describe('a version is published', () => {
  /** Publishes one update, and waits until it has been folded. */
  async function learn(trainer: Trainer, from: number, events: number): Promise<void> {
    const folded = () => trainer.telemetry.observed.filter(({ name }) => name === 'shoal_batch_seconds').length
    const before = folded()
    await publishUpdates(log, born, from, 1, events)
    await eventually(() => expect(folded()).toBe(before + 1))
  }

  test('once in publishEveryMs at most, and when the share ends', async () => {
    await publishVersion(log, born, 1)
    const trainer = startTrainer(cluster, clock, { publishEveryMs: 1000 })
    await learn(trainer, 0, 10)
    await eventually(() => expect(versionOf(trainer)).toBe(2))
    for (let i = 1; i <= 5; i++) await learn(trainer, 10 * i, 10)
    clock.advance(999)
    await manyTurns()
    expect(await versions()).toEqual([1, 2])
    clock.advance(1)
    await eventually(() => expect(versionOf(trainer)).toBe(7))
    for (let i = 6; i <= 8; i++) await learn(trainer, 10 * i, 10)
    await trainer.stop()
    expect(await versions()).toEqual([1, 2, 7, 10])
  })

  test('when publishEveryEvents have been learned, however little time has passed', async () => {
    await publishVersion(log, born, 1)
    const trainer = startTrainer(cluster, clock, { publishEveryMs: 3_600_000, publishEveryEvents: 30 })
    for (let i = 0; i < 7; i++) await learn(trainer, 10 * i, 10)
    await eventually(() => expect(versionOf(trainer)).toBe(8))
    expect(await versions()).toEqual([1, 2, 5, 8])
    await trainer.stop()
  })

  test.each([-7, 7])('in its time by a machine whose clock is set by %i days, under the new date', async (days) => {
    await publishVersion(log, born, 1)
    const trainer = startTrainer(cluster, clock, { publishEveryMs: 1000 })
    await learn(trainer, 0, 10)
    await eventually(() => expect(versionOf(trainer)).toBe(2))
    const date = clock.date() + days * 86_400_000
    clock.setDate(date)
    await learn(trainer, 10, 10)
    clock.advance(1000)
    await eventually(() => expect(versionOf(trainer)).toBe(3))
    await trainer.stop()
    expect((await storedModels(log)).at(-1)?.timestamp).toBe(date + 1000)
  })

  test('not at all while nothing is learned', async () => {
    await publishVersion(log, born, 1)
    const trainer = startTrainer(cluster, clock, { publishEveryMs: 10 })
    await eventually(() => expect(said(trainer)).toContain('training goes on'))
    clock.advance(100_000)
    await manyTurns()
    await trainer.stop()
    expect(await versions()).toEqual([1])
  })
})

test('versions are thinned as the rules say, also by one who takes over', async () => {
  const minuteMs = 60_000
  const hourMs = 60 * minuteMs
  const keep = { allForMs: 30 * minuteMs, hourlyForMs: 6 * hourMs, dailyForMs: 48 * hourMs }
  await publishVersion(log, born, 1, clock.now())
  let trainer = startTrainer(cluster, clock, { keep })
  for (let i = 0; i < 60; i++) {
    if (i === 35) {
      await trainer.stop()
      trainer = startTrainer(cluster, clock, { keep })
      await eventually(() => expect(said(trainer)).toContain('training goes on'))
    }
    clock.advance(20 * minuteMs)
    await publishUpdates(log, born, 5 * i, 1, 5)
    await eventually(() => expect(versionOf(trainer)).toBe(i + 2))
  }
  await trainer.stop()
  const stored = await storedModels(log)
  const lastOf = new Map(stored.map((one) => [one.version, one]))
  const alive = [...lastOf.values()].filter(({ model }) => model !== null)
  const aged = (from: number, to: number) =>
    alive.filter(({ version, timestamp }) => {
      const age = clock.now() - timestamp
      return version > 1 && age >= from && age < to
    })
  expect(alive.map(({ version }) => version)).toContain(1)
  expect(aged(0, keep.allForMs)).toHaveLength(2)
  const hours = aged(keep.allForMs, keep.hourlyForMs).map(({ timestamp }) => Math.floor(timestamp / hourMs))
  expect(hours).toEqual([...new Set(hours)])
  expect(hours.length).toBeGreaterThanOrEqual(5)
  const days = aged(keep.hourlyForMs, keep.dailyForMs).map(({ timestamp }) => Math.floor(timestamp / (24 * hourMs)))
  expect(days).toEqual([...new Set(days)])
  expect(days.length).toBeGreaterThanOrEqual(1)
})
