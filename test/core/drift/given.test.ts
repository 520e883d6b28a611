/** A reference that people give: drift is looked for beside that from then on. */
import { expect, test } from 'vitest'
import { encodeModel } from '../../../src/core/codec/model-codec.ts'
import { commandOf } from '../../../src/core/command/command.ts'
import { foldCommandSteps } from '../../../src/core/command/obey.ts'
import { summed } from '../../../src/core/drift/sums.ts'
import { finish } from '../../../src/core/kmeans/steps.ts'
import type { Model } from '../../../src/core/model/model.ts'
import { readBack } from '../model/read-back.ts'
import { type Change, DriftStream } from './drift-stream.ts'

const shifted: Change = { shift: { 5: 1 } }

/** A version of the model that has the reference of a stream of so many events that are changed so. */
function measuredOn(stream: DriftStream, events: number, change: Change): Model {
  const other = readBack(stream.model)
  const { drift } = new DriftStream(1).model
  // Nothing is told, so that all windows are in one sum.
  const past = new DriftStream(99, { ...other, drift: { ...drift, options: { ...drift.options, ksThreshold: 0.99 } } })
  past.observe(events, change)
  return { ...other, drift: { ...other.drift, reference: summed(past.model.drift) } }
}

function give({ model }: DriftStream, measured: Model, targetVersion = measured.version) {
  const target = encodeModel(measured)
  const given = { bornAtMs: model.bornAtMs, reason: 'it is so now', by: 'Zoë', atMs: 1, targetVersion, target }
  return finish(foldCommandSteps(model, commandOf('reference', given), model.nextUpdateOffset))
}

test('what is like the reference that was given is no drift, from the first event on', () => {
  const stream = new DriftStream(2).observe(20_000)
  expect(give(stream, measuredOn(stream, 30_000, shifted))).toBe('obeyed')
  expect(stream.model.drift.reference.events).toBe(30_000)
  expect(stream.model.drift.reference.sinceVersion).toBe(stream.model.version)
  stream.observe(40_000, shifted)
  expect(stream.findings).toEqual([])
})

test('without it the same events are told', () => {
  const stream = new DriftStream(2).observe(20_000).observe(4000, shifted)
  expect(stream.kinds()).toEqual(['featureOnly'])
})

test('what is as it was before the reference was given is told as known', () => {
  const stream = new DriftStream(2).observe(20_000)
  give(stream, measuredOn(stream, 30_000, shifted))
  stream.observe(4000)
  expect(stream.kinds()).toEqual(['recurring'])
})

test('a drift that is open is over', () => {
  const stream = new DriftStream(2).observe(20_000).observe(3000, shifted)
  expect(stream.model.drift.open).not.toBeNull()
  give(stream, measuredOn(stream, 30_000, shifted))
  expect(stream.model.drift.open).toBeNull()
  expect(stream.model.drift.findings.at(-1)).toMatchObject({ kind: 'cleared', accepted: true })
  stream.observe(20_000, shifted)
  expect(stream.kinds()).toEqual(['featureOnly'])
})

test('whoever reads the command after the same events has the same bits', () => {
  const stream = new DriftStream(2).observe(20_000).observe(3000, shifted)
  const measured = measuredOn(stream, 30_000, shifted)
  const other = new DriftStream(2, readBack(stream.model))
  give(stream, measured)
  give(other, measured)
  expect(Buffer.from(encodeModel(other.model))).toEqual(Buffer.from(encodeModel(stream.model)))
})

test('a reference of no window, or of another life, is refused and changes nothing but the version', () => {
  const stream = new DriftStream(2).observe(20_000)
  const before = stream.model.drift.reference
  const measured = measuredOn(stream, 30_000, shifted)
  const { drift } = measured
  const empty = { ...measured, drift: { ...drift, reference: { ...drift.reference, windows: 0 } } }
  expect(give(stream, empty)).toBe('declined')
  expect(stream.model.control.deeds.at(-1)?.refused).toBe('its reference must be of a window at least')
  expect(give(stream, { ...measured, bornAtMs: 77 })).toBe('declined')
  expect(give(stream, measured, measured.version + 1)).toBe('declined')
  expect(stream.model.drift.reference).toBe(before)
})
