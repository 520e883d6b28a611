/** What holds until another command: a freeze, pins, a budget. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { commandKinds } from '../../../src/core/command/command.ts'
import { mostPinned } from '../../../src/core/command/control.ts'
import { segmentBins, segmentWidth } from '../../../src/core/drift/segments.ts'
import type { Model } from '../../../src/core/model/model.ts'
import { learnRows, updateOf } from '../../stages/learning-stream.ts'
import { readBack } from '../model/read-back.ts'
import { born, fresh, given, learned, refusal, rowsOf, sensible } from './orders.ts'

describe('a frozen model', () => {
  test('keeps its centroids, and all that it has learned, bit for bit through all but its resumption and a rollback', () => {
    const others = commandKinds.filter((kind) => kind !== 'resume' && kind !== 'rollback')
    const step = fc.oneof(fc.constant(null), fc.constantFrom(...others))
    const before = fresh()
    learnRows(before, rowsOf(600, 2000))
    given(before, 'freeze')
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 12 }), (steps) => {
        const model = structuredClone(before)
        steps.forEach((kind, i) => {
          if (kind === null) learnRows(model, rowsOf(2600 + 300 * i, 300), 300)
          else given(model, kind, sensible(kind, born, model.control.budget === 0.5 ? 0.001 : 0.5))
        })
        expect(learned(model)).toEqual(learned(before))
        expect(learned(readBack(model))).toEqual(learned(before))
        expect(model.version).toBe(before.version + steps.length)
      }),
      { numRuns: 60 },
    )
  })

  test('has after a rollback what that version had learned, and keeps it', () => {
    const model = fresh()
    learnRows(model, rowsOf(600, 2000))
    given(model, 'freeze')
    expect(given(model, 'rollback', sensible('rollback', born, 0))).toBe('obeyed')
    learnRows(model, rowsOf(2600, 900))
    const [{ quality, ...now }, { quality: ofThen, ...then }] = [learned(model), learned(born)]
    expect(now).toEqual(then)
    expect(quality.record).toEqual(ofThen.record)
    expect(model.control.frozen).not.toBeNull()
  })
})

describe('a pinned version', () => {
  const older = (version: number) => ({ targetVersion: version })

  test('is remembered until it is unpinned', () => {
    const model = { ...fresh(), version: 100 }
    for (const version of [40, 7, 90]) expect(given(model, 'pin', older(version))).toBe('obeyed')
    expect(readBack(model).control.pinned).toEqual([7, 40, 90])
    expect(given(model, 'unpin', older(40))).toBe('obeyed')
    expect(model.control.pinned).toEqual([7, 90])
  })

  test('is pinned once, is one before, and is one of a bounded number', () => {
    const model = { ...fresh(), version: 1000 }
    given(model, 'pin', older(5))
    expect(given(model, 'pin', older(5))).toBe('declined')
    expect(refusal(model)).toBe('version 5 must not be pinned: it is already')
    expect(given(model, 'pin', older(1003))).toBe('declined')
    expect(refusal(model)).toBe('a pinned version must be one before 1003: got 1003')
    expect(given(model, 'unpin', older(6))).toBe('declined')
    expect(refusal(model)).toBe('version 6 must be pinned: it is not')
    for (let version = 6; version < 5 + mostPinned; version++) given(model, 'pin', older(version))
    expect(model.control.pinned.length).toBe(mostPinned)
    expect(given(model, 'pin', older(500))).toBe('declined')
    expect(refusal(model)).toContain('unpin one of them first')
  })

  test('stays pinned when the model is rolled back', () => {
    const model = fresh()
    learnRows(model, rowsOf(600, 500))
    given(model, 'pin', older(1))
    given(model, 'rollback', sensible('rollback', born, 0))
    expect(model.control.pinned).toEqual([1])
  })
})

describe('the budget of a model', () => {
  test('is what the model is born with until a command says otherwise, whatever is rolled back', () => {
    const model = fresh()
    expect(model.control.budget).toBe(0.005)
    learnRows(model, rowsOf(600, 500))
    expect(given(model, 'budget', { budget: 0.05 })).toBe('obeyed')
    given(model, 'rollback', sensible('rollback', born, 0))
    expect(readBack(model).control.budget).toBe(0.05)
    expect(given(model, 'budget', { budget: 0.05 })).toBe('declined')
    expect(refusal(model)).toBe('the budget must be another one: it is 0.05 already')
  })

  test('is the share that events are called anomalous by from the next version on', () => {
    const model = fresh()
    learnRows(model, rowsOf(600, 4000), 1000)
    given(model, 'budget', { budget: 0.2 })
    const update = updateOf(model, rowsOf(4600, 1000), model.learnedUpTo.get(7)!)
    expect(update.budget).toBe(0.2)
    learnRows(model, rowsOf(4600, 3500), 500)
    const { rare, allowed } = model.drift.window
    expect(allowed / model.drift.window.events).toBeCloseTo(0.2, 9)
    expect(rare / allowed).toBeGreaterThan(0.5)
    expect(rare / allowed).toBeLessThan(2)
  })

  test('counts what segments had called anomalous as if by the new one, so that none seems to have changed', () => {
    const model = withSegments(fresh())
    const { reference } = model.drift
    reference.segments.fill(0)
    reference.segments[3] = 1000
    reference.segments[segmentBins] = 20
    reference.segments[segmentWidth + segmentBins] = 0
    given(model, 'budget', { budget: 0.05 })
    expect([reference.segments[segmentBins], reference.segments[segmentWidth + segmentBins]]).toEqual([200, 0])
    given(model, 'budget', { budget: 0.5 })
    expect(reference.segments[segmentBins]).toBe(1000)
  })
})

/** As if born with a field of segments. */
function withSegments(model: Model): Model {
  const { drift } = model
  return {
    ...model,
    drift: { ...drift, reference: { ...drift.reference, segments: new Float64Array(3 * segmentWidth) } },
  }
}
