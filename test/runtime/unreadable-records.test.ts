/** A trainer whose topics hold what it cannot read: it goes on, by a rule that whoever replays the log follows too. */
import { beforeEach, describe, expect, test } from 'vitest'
import type { MemoryCluster } from '../../src/adapters/memory/cluster.ts'
import { decodeModel } from '../../src/core/codec/model-codec.ts'
import type { EventLog } from '../../src/runtime/ports.ts'
import { wireHeaderBytes } from '../../src/stages/wire-format.ts'
import { resealed, resealedAfter } from '../core/codec/resealing.ts'
import { sampleFingerprint } from '../core/model/sample-model.ts'
import type { ManualClock } from './manual-clock.ts'
import { bornModel, publishEvents, publishUpdates, publishVersion, storedModels, topics } from './model-world.ts'
import {
  foldedVersions,
  said,
  startTrainer,
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

describe('a trainer', () => {
  /** What anybody may write to the topic of updates. */
  async function publishStray(value: Uint8Array | null): Promise<void> {
    await log.publish((outputs) =>
      outputs.append({ topic: topics.updates, partition: 0, key: null, value, timestamp: 1 }),
    )
  }

  test('passes over records that are no updates, by name, and is the same fold whoever replays the log', async () => {
    await publishVersion(log, born, 1)
    await publishUpdates(log, born, 0, 2, 20)
    await publishStray(Buffer.from('not an update'))
    await publishStray(null)
    const trainer = startTrainer(cluster, clock)
    await later(() => expect(versionOf(trainer)).toBe(5))
    expect(trainer.health.line()).toContain(
      'model: offset 2 of the model updates of cards is neither update nor command and teaches nothing',
    )
    expect(trainer.telemetry.counted('shoal_updates_refused_total', { reason: 'damaged' })).toBe(2)
    expect(trainer.telemetry.log.lines).toContainEqual(
      expect.objectContaining({ level: 'error', fields: { code: 'update.damaged', records: 2 } }),
    )
    await publishUpdates(log, born, 40, 1, 20)
    await later(() => expect(versionOf(trainer)).toBe(6))
    expect(trainer.health.line()).toBe('starting')
    await trainer.stop()
    const all = await foldedVersions(log, born)
    const stored = await storedModels(log)
    expect(stored.at(-1)?.version).toBe(6)
    for (const { version, bytes } of stored) expect(bytes.subarray(wireHeaderBytes)).toEqual(all.get(version))
    expect(stored.at(-1)?.model?.trainedEvents).toBe(born.trainedEvents + 60)
  })

  test('stops before an update of a newer format, with all before it published, and goes on when that is read', async () => {
    await publishVersion(log, born, 1)
    await publishUpdates(log, born, 0, 2, 20)
    await publishStray(Buffer.concat([Buffer.alloc(wireHeaderBytes), resealed(Buffer.of(4, 1, 2, 3))]))
    const trainer = startTrainer(cluster, clock, { publishEveryMs: 1e6 })
    await expect(trainer.membership.done).rejects.toMatchObject({
      code: 'snapshot.newer_format',
      message:
        'offset 2 of the model updates of cards must be an update or a command: its format is 2, this release reads up to 1',
    })
    expect(await versions()).toContain(3)
  })

  describe('after the newest version was', () => {
    /** Somebody's record in the topic of models, under the newest version's number or any other. */
    async function spoilModels(value: Uint8Array, key = '4'): Promise<void> {
      await log.publish((outputs) =>
        outputs.append({ topic: topics.models, partition: 0, key: Buffer.from(key), value, timestamp: 1 }),
      )
    }

    /** Versions 1 to 4 of which 2 is the newest that can be read, and the position of 4. */
    async function lostNewest(spoil: (version4: Buffer) => Uint8Array): Promise<ReadonlyMap<number, Buffer>> {
      await publishVersion(log, born, 1)
      await publishUpdates(log, born, 0, 3, 20)
      const all = await foldedVersions(log, born)
      const second = decodeModel(all.get(2)!, sampleFingerprint)
      if ('refused' in second) throw new Error(second.detail)
      await publishVersion(log, second.value, 2)
      await spoilModels(spoil(Buffer.concat([Buffer.alloc(wireHeaderBytes), all.get(4)!])))
      const positions = cluster.begin()
      positions.stageUnfenced(cluster.group(trainGroup, topics.updates), new Map([[0, 3]]))
      positions.commit()
      return all
    }

    const flipped = (bytes: Buffer) => {
      bytes[60] ^= 1
      return bytes
    }

    test.each<[string, (version4: Buffer) => Uint8Array]>([
      ['damaged', flipped],
      ['replaced by what a stranger wrote', () => Buffer.from('hello')],
      ['followed by another configuration’s', (bytes) => ofAnotherConfiguration(bytes)],
    ])('%s, what it had learned is folded again, bit for bit', async (_, spoil) => {
      const all = await lostNewest(spoil)
      const trainer = startTrainer(cluster, clock)
      await later(() => expect(versionOf(trainer)).toBe(4))
      expect(trainer.health.line()).toBe('starting')
      await publishUpdates(log, born, 60, 1, 20)
      await later(() => expect(versionOf(trainer)).toBe(5))
      await trainer.stop()
      const stored = await storedModels(log)
      const folded = await foldedVersions(log, born)
      expect(stored.filter(({ model }) => model !== null).map(({ version }) => version)).toEqual([1, 2, 4, 5])
      expect(folded.get(4)).toEqual(all.get(4))
      for (const { version, bytes, model } of stored) {
        if (model !== null) expect(bytes.subarray(wireHeaderBytes)).toEqual(folded.get(version))
      }
    })

    test('a newer release’s, nothing trains on past it', async () => {
      await lostNewest((bytes) => resealedValue(bytes, (body) => void body.writeInt8(4, 0)))
      const trainer = startTrainer(cluster, clock)
      await expect(trainer.membership.done).rejects.toMatchObject({ code: 'snapshot.newer_format' })
      expect(versionOf(trainer)).toBe(2)
    })

    test('the only one, and damaged, another is born', async () => {
      await publishEvents(log, 0, 700)
      await spoilModels(Buffer.from('hello'))
      const trainer = startTrainer(cluster, clock)
      await later(() => expect(versionOf(trainer)).toBe(1))
      expect(said(trainer)).toContain('a model is born')
      expect(trainer.health.line()).toBe('starting')
      await trainer.stop()
    })

    test('the only one, and another configuration’s, none is born beside it', async () => {
      await publishEvents(log, 0, 700)
      const other = Buffer.concat([Buffer.alloc(wireHeaderBytes), (await foldedVersions(log, born)).get(1)!])
      await spoilModels(ofAnotherConfiguration(other))
      const trainer = startTrainer(cluster, clock)
      await expect(trainer.membership.done).rejects.toMatchObject({ code: 'snapshot.foreign' })
      expect(said(trainer)).not.toContain('a model is born')
    })
  })
})

/** The value of a record, changed behind its header and sealed again. */
function resealedValue(value: Buffer, change: (body: Buffer) => void): Buffer {
  return Buffer.concat([value.subarray(0, wireHeaderBytes), resealedAfter(value.subarray(wireHeaderBytes), change)])
}

function ofAnotherConfiguration(value: Buffer): Buffer {
  return resealedValue(value, (body) => void body.fill(0xab, 1, 9))
}
