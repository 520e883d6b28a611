/** What no command says, and no model remembers of commands, is refused when it is read. */
import { describe, expect, test } from 'vitest'
import { decodeCommand, encodeCommand } from '../../../src/core/codec/command-codec.ts'
import { decodeModel, encodeModel } from '../../../src/core/codec/model-codec.ts'
import { type Command, type CommandKind, commandOf } from '../../../src/core/command/command.ts'
import { type Control, mostPinned } from '../../../src/core/command/control.ts'
import { bornFrom, clusteredRows, numericPlan, sampleFingerprint } from '../model/sample-model.ts'

const given = { bornAtMs: 1, reason: 'why', by: 'Zoë', atMs: 5 }
const read = (kind: CommandKind, more: Partial<Command>) =>
  decodeCommand(encodeCommand(commandOf(kind, { ...given, ...more })))

describe('a command is read when it is one:', () => {
  test.each<[CommandKind, Partial<Command>]>([
    ['pin', { targetVersion: 7 }],
    ['unpin', { targetVersion: 7 }],
    ['budget', { budget: 0.5 }],
    ['budget', { budget: 5e-324 }],
    ['reseed', {}],
  ])('%s of %o', (kind, more) => {
    expect(read(kind, more)).toEqual({ value: commandOf(kind, { ...given, ...more }) })
  })
})

describe('it is refused by name when it is', () => {
  test.each<[string, CommandKind, Partial<Command>, string]>([
    ['a pin of nothing', 'pin', {}, 'a pin must name a version'],
    ['an unpin of nothing', 'unpin', {}, 'a pin must name a version'],
    ['a pin that carries a version', 'pin', { targetVersion: 1, target: Uint8Array.of(1) }, 'and nothing else may'],
    ['a budget of nothing', 'budget', {}, 'a budget must be above 0 and at most 0.5: got 0'],
    ['a budget of more than half', 'budget', { budget: 0.51 }, 'got 0.51'],
    ['a budget below nothing', 'budget', { budget: -0.1 }, 'got -0.1'],
    ['a budget that is no number', 'budget', { budget: Number.NaN }, 'got NaN'],
    ['a freeze with a budget', 'freeze', { budget: 0.1 }, 'nothing but a budget may name a share'],
    ['a reseed that asks', 'reseed', { asks: 'refit' }, 'a question must say what it asks for'],
    ['without a reason', 'freeze', { reason: '' }, 'its reason must have 1 to 1000 characters'],
    ['of nobody', 'freeze', { by: '' }, 'whose it is must have 1 to 200 characters'],
  ])('%s', (_, kind, more, detail) => {
    expect(read(kind, more)).toEqual({ refused: 'damaged', detail: expect.stringContaining(detail) })
  })
})

describe('a model is refused that remembers', () => {
  const model = bornFrom(numericPlan(2), clusteredRows(200, 2, 3, 1), 200, 3)

  test.each<[string, Partial<Control>, string]>([
    ['no budget', { budget: 0 }, 'its budget must be above 0'],
    ['a budget of more than half', { budget: 0.6 }, 'its budget must be above 0'],
    ['pins out of order', { pinned: [7, 3] }, 'its pinned versions must be few, and in their order'],
    ['a pin twice', { pinned: [3, 3] }, 'its pinned versions must be few'],
    ['a pin of no version', { pinned: [0] }, 'its pinned versions must be few'],
    ['too many pins', { pinned: Array.from({ length: mostPinned + 1 }, (_, i) => i + 1) }, 'must be few'],
  ])('%s', (_, more, detail) => {
    const bytes = encodeModel({ ...model, control: { ...model.control, ...more } })
    expect(decodeModel(bytes, sampleFingerprint)).toEqual({
      refused: 'damaged',
      detail: expect.stringContaining(detail),
    })
  })
})
