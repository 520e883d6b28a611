/** `shoal model` and the answers of `shoal drift`, on a model that obeys as the trainer does. */
import { describe, expect, test } from 'vitest'
import { encodeModel } from '../../src/core/codec/model-codec.ts'
import { commandOf, policy } from '../../src/core/command/command.ts'
import { foldCommandSteps } from '../../src/core/command/obey.ts'
import { finish } from '../../src/core/kmeans/steps.ts'
import type { Model } from '../../src/core/model/model.ts'
import { serviceSettings } from '../../src/runtime/service-settings.ts'
import { driftIdOf } from '../../src/stages/drift-records.ts'
import { foldRecord } from '../../src/stages/train.ts'
import { readTopic } from '../pipeline/harness.ts'
import { commandLine } from './command-line.ts'
import { world, yaml } from './obeying-model.ts'

const why = ['--reason', 'cents', '--by', 'Zoë'] as const

describe('shoal model', () => {
  test('freezes and resumes what is learned, and says in which version', async () => {
    const { said, model } = await world()
    expect(await said(['model', 'freeze', ...why])).toMatchObject({ code: 0, stdout: 'freeze: done in version 6\n' })
    expect(model.control.frozen).toEqual({ sinceVersion: 6, byPolicy: false, driftNumber: 0 })
    expect(model.control.deeds.at(-1)).toMatchObject({ by: 'Zoë', reason: 'cents', refused: '' })
    expect((await said(['model', 'resume', ...why])).stdout).toBe('resume: done in version 7\n')
    expect(model.control.frozen).toBeNull()
  })

  test('refits at once', async () => {
    const { said, model } = await world()
    const { stdout } = await said(['model', 'refit', '--json', ...why])
    expect(JSON.parse(stdout)).toMatchObject({ name: 'cards', done: [{ kind: 'refit', version: 6, refused: '' }] })
    expect(model.quality.record).toMatchObject({ version: 6, trainedEvents: model.trainedEvents })
  })

  test('lets the clusters be born anew', async () => {
    const { said, model } = await world()
    expect((await said(['model', 'reseed', ...why])).stdout).toBe('reseed: done in version 6\n')
    expect(model.quality.record).toMatchObject({ version: 6, refitted: true })
  })

  test('pins a version that is kept, the newest unless one is named, until it is unpinned', async () => {
    const { said, model } = await world()
    expect((await said(['model', 'pin', '3', ...why])).stdout).toBe('pin: done in version 6\n')
    expect((await said(['model', 'pin', ...why])).stdout).toBe('pin: done in version 7\n')
    expect(model.control.pinned).toEqual([3, 6])
    expect((await said(['model', 'unpin', '3', ...why])).stdout).toBe('unpin: done in version 8\n')
    expect(model.control.pinned).toEqual([6])
  })

  test.each([
    ['0.01', 0.01],
    ['2%', 0.02],
  ])('changes the budget to %s', async (text, budget) => {
    const { said, model } = await world()
    expect((await said(['model', 'budget', text, ...why])).stdout).toBe('budget: done in version 6\n')
    expect(model.control.budget).toBe(budget)
  })

  test.each(['0', '0.6', '51%', 'much'])('takes no budget of %s', async (text) => {
    const { shoal } = await world()
    expect(await shoal(['model', 'budget', text, ...why])).toMatchObject({ code: 2, stdout: '' })
  })

  test.each([
    ['a pin of a version that was never published', ['pin', '4'], 'version 4 must be kept: `shoal model list`'],
    ['to unpin what is not pinned', ['unpin', '3'], 'version 3 must be pinned: it is not'],
    ['the budget that it has', ['budget', '0.005'], 'the budget must be another one: it is 0.005 already'],
    ['resume when it is not frozen', ['resume'], 'learning must stand still: it does not'],
    [
      'a version that was never published',
      ['rollback', '--to', '4'],
      'version 4 must be kept, and healthy: the nearest',
    ],
    ['the version that is', ['rollback', '--to', '9'], 'version 9 must be kept, and healthy: the nearest'],
  ])('refuses %s, and writes nothing', async (_, args, detail) => {
    const { said, model, log, configuration } = await world()
    const { code, error } = await said(['model', ...args, ...why])
    expect([code, model.version]).toEqual([1, 5])
    expect(error).toContain(detail)
    const { modelUpdates } = serviceSettings(configuration).topics
    expect(await log.bounds({ topic: modelUpdates, partition: 0 })).toEqual({ start: 0, end: 0 })
  })

  test('rolls back to a version that is kept, or to the last healthy one', async () => {
    for (const [args, to] of [
      [['--to', '3'], 3],
      [[], 1],
    ] as const) {
      const { said, model, published } = await world()
      expect((await said(['model', 'rollback', ...args, ...why])).stdout).toBe('rollback: done in version 6\n')
      expect(model.control.deeds.at(-1)?.targetVersion).toBe(to)
      expect(model.control.undone).toEqual([{ from: to, to: 5 }])
      expect(published.get(6)?.equals(encodeModel(model))).toBe(true)
    }
  })

  test('without a trainer leaves the command in the log, and says so', async () => {
    const { shoal, log, model, configuration } = await world()
    const { code, stdout } = await shoal(['model', 'freeze', ...why, '--wait', '1ms'])
    expect([code, stdout]).toEqual([0, 'it is in the log, and will be done when a process trains again\n'])
    const { modelUpdates } = serviceSettings(configuration).topics
    const [{ value }] = await readTopic(log, modelUpdates)
    expect(foldRecord(model, value, 0)).toEqual({ outcome: 'obeyed', damaged: null })
  })

  test('must be given a reason, and a model', async () => {
    const { shoal } = await world()
    expect((await shoal(['model', 'freeze'])).code).toBe(2)
    const none = commandLine(yaml)
    const { topics } = serviceSettings(none.configuration)
    await none.log.prepare([{ topic: topics.models, partitions: 1, owner: 'shoal', cleanup: 'compact' }], true)
    expect((await none.shoal(['model', 'freeze', ...why])).error).toContain('there must be a model of cards')
  })
})

describe('shoal drift', () => {
  const asking = (asks: 'refit' | 'rollback') => (model: Model) => {
    const given = { bornAtMs: model.bornAtMs, reason: 'it is sudden', by: policy, atMs: 1, driftNumber: 3, asks }
    const command = commandOf('ask', { ...given, targetVersion: asks === 'rollback' ? 3 : 0 })
    finish(foldCommandSteps(model, command, -1))
  }

  test('approve does what was asked, once', async () => {
    const { said, model } = await world(asking('rollback'))
    const id = driftIdOf(model, 3)
    expect((await said(['drift', 'approve', id, ...why])).stdout).toBe('rollback: done in version 7\n')
    expect(model.control.undone).toEqual([{ from: 3, to: 6 }])
    const again = await said(['drift', 'approve', id, ...why])
    expect([again.code, again.error]).toEqual([1, expect.stringContaining('must wait for an answer: nothing does')])
  })

  test('reject does not do it, and nobody is asked any more', async () => {
    const { said, model } = await world(asking('refit'))
    expect((await said(['drift', 'reject', driftIdOf(model, 3), ...why])).stdout).toBe('reject: done in version 7\n')
    expect(model.control).toMatchObject({ asked: [], undone: [] })
  })

  test('names what waits when asked about another drift', async () => {
    const { said, model } = await world(asking('refit'))
    const { error } = await said(['drift', 'approve', driftIdOf(model, 2), ...why])
    expect(error).toContain(`only ${driftIdOf(model, 3)} does`)
  })
})
