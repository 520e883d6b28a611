/** A drift is reacted to once, in the transaction that tells it, whoever dies; and the model is the fold of all of it. */
import { beforeEach, describe, expect, test } from 'vitest'
import { decodeLogRecord } from '../../src/core/codec/log-record.ts'
import { encodeModel } from '../../src/core/codec/model-codec.ts'
import type { Command } from '../../src/core/command/command.ts'
import { type ReactionKind, reactionDefaults } from '../../src/core/command/reactions.ts'
import { fold } from '../../src/core/model/fold.ts'
import type { ModelUpdate } from '../../src/core/model/update.ts'
import type { EventLog } from '../../src/runtime/ports.ts'
import { wireHeaderBytes } from '../../src/stages/wire-format.ts'
import { clusteredRows } from '../core/model/sample-model.ts'
import { readTopic } from '../pipeline/harness.ts'
import { avroReader } from '../stages/batches.ts'
import { updateOf } from '../stages/learning-stream.ts'
import { bornModel, d, publishThese, publishVersion, storedModels, topics } from './model-world.ts'
import { foldedVersions, mortalWire, startTrainer, type TrainersWorld, trainersWorld } from './trainers.ts'

let world: TrainersWorld
beforeEach(async () => {
  world = await trainersWorld()
})

/** Events like those of the birth, then so many that are all elsewhere, then as they were. */
function thereAndBack(calm: number, moved: number, back: number): readonly ModelUpdate[] {
  const model = bornModel()
  const rows = clusteredRows(600, d, 3, 5)
  const updates: ModelUpdate[] = []
  for (let i = 0; i < calm + moved + back; i++) {
    const isMoved = i >= calm && i < calm + moved
    const batch = isMoved ? rows.map((x) => x + 60) : rows
    const update = updateOf(model, batch, 600 * i)
    updates.push(update)
    fold(model, update, i)
  }
  return updates
}

const reactions = (kind: ReactionKind) => ({
  policy: { ...reactionDefaults, of: { ...reactionDefaults.of, sudden: kind, featureOnly: kind } },
  schemaId: 3,
})

async function commandsIn(log: EventLog): Promise<readonly Command[]> {
  const all = (await readTopic(log, topics.updates)).map(({ value }) =>
    decodeLogRecord(value!.subarray(wireHeaderBytes)),
  )
  return all.flatMap((decoded) => ('value' in decoded && 'command' in decoded.value ? [decoded.value.command] : []))
}

const read = avroReader<{ readonly kind: string; readonly reaction: string; readonly message: string }>('drift-event')
const toldIn = async (log: EventLog) => (await readTopic(log, topics.driftEvents)).map(({ value }) => read(value!))

/** Every version in the log is the fold of the records before it. */
async function expectFolded(log: EventLog): Promise<void> {
  const versions = await foldedVersions(log, bornModel())
  for (const { model, version } of await storedModels(log)) {
    expect(Buffer.from(encodeModel(model!)).equals(versions.get(version)!)).toBe(true)
  }
}

describe('a drift that learning is to be frozen for', () => {
  test('freezes it, and what is as it was resumes it; both are told', async () => {
    await publishVersion(world.log, bornModel(), 1)
    const trainer = startTrainer(world.cluster, world.clock, { reactions: reactions('freeze') })
    const updates = thereAndBack(8, 8, 8)
    await publishThese(world.log, updates.slice(0, 16))
    await world.later(async () => expect((await commandsIn(world.log)).map(({ kind }) => kind)).toEqual(['freeze']))
    await publishThese(world.log, updates.slice(16))
    await world.later(async () => expect((await commandsIn(world.log)).length).toBe(2))
    await world.later(async () => expect((await storedModels(world.log)).at(-1)?.model?.control.deeds.length).toBe(2))
    await trainer.stop()
    expect((await commandsIn(world.log)).map(({ kind }) => kind)).toEqual(['freeze', 'resume'])
    const told = await toldIn(world.log)
    const drifts = told.filter(({ kind }) => kind.startsWith('drift.'))
    expect(drifts.map(({ reaction }) => reaction)).toEqual(['freeze', 'resume'])
    const commands = told.filter(({ kind }) => kind.startsWith('command.'))
    expect(commands.map(({ kind }) => kind)).toEqual(['command.freeze', 'command.resume'])
    for (const kind of ['freeze', 'resume']) {
      expect(trainer.telemetry.counted('shoal_commands_total', { kind, outcome: 'obeyed' })).toBe(1)
    }
    expect(commands[0].message).toMatch(
      /^nothing is learned from here on: drift 1 is \w+, seen by features \(policy\)$/,
    )
    await expectFolded(world.log)
  })

  test.each([
    { request: 'end', heard: true, nth: 2 },
    { request: 'end', heard: false, nth: 2 },
    { request: 'stage', heard: true, nth: 2 },
    { request: 'produce', heard: true, nth: 4 },
    { request: 'produce', heard: true, nth: 8 },
    { request: 'produce', heard: false, nth: 6 },
  ] as const)('freezes it once when the trainer dies at the request $request $nth (heard: $heard)', async (at) => {
    await publishVersion(world.log, bornModel(), 1)
    const { wire, dead } = mortalWire(world.clock, at)
    let isDead = false
    void dead.then(() => {
      isDead = true
    })
    const trainer = startTrainer(world.cluster, world.clock, { wire, reactions: reactions('freeze') })
    const updates = thereAndBack(8, 12, 0)
    for (let i = 0; i < updates.length; i += 2) {
      await publishThese(world.log, updates.slice(i, i + 2))
      for (let turn = 0; turn < 20 && !isDead; turn++) {
        world.clock.advance(100)
        await world.clock.yield()
      }
    }
    await world.later(() => expect(isDead).toBe(true))
    trainer.client.fallSilent()
    const heir = startTrainer(world.cluster, world.clock, { reactions: reactions('freeze') })
    await world.later(async () => expect((await storedModels(world.log)).at(-1)?.version).toBe(1 + 20 + 1))
    await heir.stop()
    expect((await commandsIn(world.log)).map(({ kind }) => kind)).toEqual(['freeze'])
    expect((await toldIn(world.log)).filter(({ kind }) => kind === 'command.freeze').length).toBe(1)
    await expectFolded(world.log)
  })
})

describe('a drift that is to be rolled back', () => {
  test('leads to a version that the log keeps, then freezes; the log alone gives the same bits', async () => {
    await publishVersion(world.log, bornModel(), 1)
    const trainer = startTrainer(world.cluster, world.clock, { reactions: reactions('rollback') })
    await publishThese(world.log, thereAndBack(50, 6, 0))
    await world.later(async () => expect((await storedModels(world.log)).at(-1)?.version).toBe(1 + 56 + 2))
    await trainer.stop()
    const [rollback, freeze, ...none] = await commandsIn(world.log)
    expect([rollback.kind, freeze.kind, none]).toEqual(['rollback', 'freeze', []])
    const target = (await storedModels(world.log)).find(({ version }) => version === rollback.targetVersion)
    expect(target?.bytes.subarray(wireHeaderBytes).equals(rollback.target)).toBe(true)
    const { model } = (await storedModels(world.log)).at(-1)!
    expect(model?.clusters).toEqual(target?.model?.clusters)
    expect(model?.control.deeds.map(({ kind, refused }) => [kind, refused])).toEqual([
      ['rollback', ''],
      ['freeze', ''],
    ])
    expect((await toldIn(world.log)).find(({ kind }) => kind.startsWith('drift.'))?.reaction).toBe('rollback')
    await expectFolded(world.log)
  })
})

describe('a drift that a person is to be asked about', () => {
  test('says in its event what waits and how to answer', async () => {
    await publishVersion(world.log, bornModel(), 1)
    const trainer = startTrainer(world.cluster, world.clock, { reactions: reactions('ask') })
    await publishThese(world.log, thereAndBack(8, 4, 0))
    await world.later(async () => expect((await storedModels(world.log)).at(-1)?.version).toBe(1 + 12 + 1))
    await trainer.stop()
    const event = (await toldIn(world.log)).find(({ kind }) => kind.startsWith('drift.'))
    expect(event?.reaction).toBe('ask')
    expect(event?.message).toMatch(/; rollback waits for: shoal drift approve \d+-drift-1, or reject$/)
    const { model } = (await storedModels(world.log)).at(-1)!
    expect(model?.control.asked).toEqual([{ driftNumber: 1, kind: 'rollback', targetVersion: 1 }])
  })
})
