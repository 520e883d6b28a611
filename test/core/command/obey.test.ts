import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeModel, encodeModel } from '../../../src/core/codec/model-codec.ts'
import { commandKinds, policy } from '../../../src/core/command/command.ts'
import { calmWindows, rollbackEveryWindows } from '../../../src/core/command/control.ts'
import { fold } from '../../../src/core/model/fold.ts'
import type { Model } from '../../../src/core/model/model.ts'
import { learnRows, updateOf } from '../../stages/learning-stream.ts'
import { readBack } from '../model/read-back.ts'
import { clusteredRows, sampleFingerprint } from '../model/sample-model.ts'
import { backTo, born, d, fresh, given, learned, refusal, rowsOf, sensible } from './orders.ts'

const bytesOf = (model: Model) => Buffer.from(encodeModel(model))

describe('a frozen model', () => {
  test('learns nothing, and goes on in the log; events are learned again from its resumption on', () => {
    const model = fresh()
    learnRows(model, rowsOf(600, 1000))
    expect(given(model, 'freeze')).toBe('obeyed')
    const before = learned(model)
    const [version, trained] = [model.version, model.trainedEvents]
    const from = model.learnedUpTo.get(7)!
    expect(fold(model, updateOf(model, rowsOf(1600, 500), from), model.nextUpdateOffset)).toBe('watched')
    expect(learned(model)).toEqual(before)
    expect([model.version, model.trainedEvents]).toEqual([version + 1, trained])
    expect(model.learnedUpTo.get(7)).toBe(from + 500)
    expect(given(model, 'resume')).toBe('obeyed')
    learnRows(model, rowsOf(2100, 500))
    expect(model.trainedEvents).toBe(trained + 500)
    expect(learned(model)).not.toEqual(before)
  })

  test('still finds drift, and takes none for usual', () => {
    const model = fresh()
    learnRows(model, rowsOf(600, 6000))
    given(model, 'freeze')
    const moved = rowsOf(600, 10_000).map((x) => x + 40)
    for (let round = 0; round < 4; round++) learnRows(model, moved)
    expect(model.drift.findings.map(({ kind }) => kind)).toEqual(['sudden'])
    expect(model.drift.open?.windows).toBeGreaterThan(30)
    given(model, 'resume')
    learnRows(model, moved)
    expect(model.drift.findings.at(-1)).toMatchObject({ kind: 'cleared', accepted: true })
  })

  test('is frozen once and resumed once', () => {
    const model = fresh()
    expect(given(model, 'resume')).toBe('declined')
    expect(refusal(model)).toBe('learning must stand still: it does not')
    given(model, 'freeze')
    expect(given(model, 'freeze')).toBe('declined')
    expect(refusal(model)).toBe('learning must go on: it has stood still since version 3')
    expect(given(model, 'refit')).toBe('declined')
    expect(given(model, 'learnFaster', { factor: 2, events: 5 })).toBe('declined')
    expect(model.version).toBe(6)
  })
})

describe('learning faster', () => {
  test('divides the half-life for so many events, and is over by itself', () => {
    const [fast, plain] = [fresh(), fresh()]
    given(fast, 'learnFaster', { factor: 50, events: 1000 })
    learnRows(fast, rowsOf(600, 1000), 1000)
    learnRows(plain, rowsOf(600, 1000), 1000)
    const { halfLifeEvents } = plain
    const kept = (factor: number) => 600 * 2 ** (-1000 / (halfLifeEvents / factor)) + 1000
    expect(plain.whole.weight[0]).toBeCloseTo(kept(1), 6)
    expect(fast.whole.weight[0]).toBeCloseTo(kept(50), 6)
    const weight = fast.whole.weight[0]
    learnRows(fast, rowsOf(1600, 1000), 1000)
    expect(fast.whole.weight[0]).toBeCloseTo(weight * 2 ** (-1000 / halfLifeEvents) + 1000, 6)
  })
})

describe('a refit', () => {
  test('finds at once what a step of upkeep would have found later', () => {
    const model = fresh()
    const moved = clusteredRows(3000, d, 3, 9)
    const nextAtEvents = Number.MAX_SAFE_INTEGER
    model.upkeep.nextAtEvents = nextAtEvents
    model.upkeep.intervalEvents = 1
    learnRows(model, moved)
    expect(model.upkeep.changes).toEqual([])
    expect(given(model, 'refit')).toBe('obeyed')
    expect(model.upkeep.changes.length).toBeGreaterThan(0)
    expect(model.upkeep.changes.every(({ version }) => version === model.version)).toBe(true)
    expect(model.upkeep.nextAtEvents).toBeLessThan(nextAtEvents)
  })
})

describe('a rollback', () => {
  const then = fresh()
  learnRows(then, rowsOf(600, 2000))
  const now = structuredClone(then)
  learnRows(now, clusteredRows(6000, d, 3, 9))

  test('brings back all that the version had learned, bit for bit, and goes on in the log', () => {
    const model = structuredClone(now)
    expect(learned(model)).not.toEqual(learned(then))
    const before = { version: model.version, trainedEvents: model.trainedEvents, nextId: model.upkeep.nextId }
    expect(given(model, 'rollback', backTo(then))).toBe('obeyed')
    expect(learned(model)).toEqual(learned(then))
    expect(model.version).toBe(before.version + 1)
    expect(model.trainedEvents).toBe(before.trainedEvents)
    expect(model.learnedUpTo).toEqual(now.learnedUpTo)
    expect(model.upkeep.nextId).toBe(before.nextId)
    expect(model.drift).toEqual(now.drift)
    expect(decodeModel(encodeModel(model), sampleFingerprint)).toEqual({ value: model })
  })

  test('is told cluster by cluster: which are there again, and which are no more', () => {
    const model = structuredClone(now)
    given(model, 'rollback', backTo(then))
    const gone = [...now.ids].filter((id) => !then.ids.includes(id))
    const back = [...then.ids].filter((id) => !now.ids.includes(id))
    expect(back.length).toBeGreaterThan(0)
    const told = model.upkeep.changes.filter(({ version }) => version === model.version)
    expect(told.filter(({ kind }) => kind === 'restored').map(({ id }) => id)).toEqual(back)
    expect(told.filter(({ kind }) => kind === 'undone').map(({ id }) => id)).toEqual(gone)
  })

  test('lets what follows be learned as the version that it led to would have learned it', () => {
    const [model, other] = [structuredClone(now), structuredClone(then)]
    given(model, 'rollback', backTo(then))
    other.learnedUpTo.set(7, model.learnedUpTo.get(7)!)
    // Upkeep goes by the events learned, of which there are more.
    for (const one of [model, other]) one.upkeep.nextAtEvents = Number.MAX_SAFE_INTEGER
    for (let i = 0; i < 4; i++) {
      learnRows(model, rowsOf(3000 + 500 * i, 500))
      learnRows(other, rowsOf(3000 + 500 * i, 500))
    }
    expect(learned(model)).toEqual(learned(other))
  })

  test('leaves nothing to batches that were scored before it: they teach no cluster', () => {
    const model = structuredClone(now)
    const late = updateOf(model, rowsOf(9000, 500), model.learnedUpTo.get(7)!)
    given(model, 'rollback', backTo(then))
    fold(model, late, model.nextUpdateOffset)
    expect(model.clusters.mean).toEqual(then.clusters.mean)
  })

  test.each([
    ['that is no version', { target: Uint8Array.of(1, 2, 3), targetVersion: 2 }, 'its version must be whole'],
    ['of another number', { target: encodeModel(then), targetVersion: 2 }, 'its version must be one before'],
    ['to itself', backTo({ ...now, version: now.version + 1 }), 'its version must be one before'],
    ['to another life', backTo({ ...then, bornAtMs: 77 }), 'of this life'],
  ])('%s is refused', (_, more, detail) => {
    const model = structuredClone(now)
    expect(given(model, 'rollback', more)).toBe('declined')
    expect(refusal(model)).toContain(detail)
    expect(learned(model)).toEqual(learned(now))
  })

  test('by policy comes once in so many windows; by a person whenever they say', () => {
    const model = structuredClone(now)
    expect(given(model, 'rollback', { ...backTo(then), by: policy })).toBe('obeyed')
    model.drift.closed += rollbackEveryWindows - 1
    expect(given(model, 'rollback', { ...backTo(then), by: policy })).toBe('declined')
    expect(given(model, 'rollback', backTo(then))).toBe('obeyed')
    model.drift.closed += 1
    expect(given(model, 'rollback', { ...backTo(then), by: policy })).toBe('obeyed')
  })
})

describe('a healthy version', () => {
  test('is one that has been followed by calm windows alone; the birth before there is one', () => {
    const model = fresh()
    learnRows(model, rowsOf(600, 11_000), 1000)
    expect(model.control.healthyVersion).toBe(1)
    learnRows(model, rowsOf(600, 11_000), 1000)
    // Window w closes in version w + 1.
    expect(model.control.healthyVersion).toBe(22 - calmWindows + 1)
    const before = model.control.healthyVersion
    learnRows(
      model,
      rowsOf(600, 5000).map((x) => x + 40),
      1000,
    )
    expect(model.drift.open).not.toBeNull()
    expect(model.control).toMatchObject({ healthyVersion: before, calm: [] })
  })
})

describe('a question', () => {
  const asked = () => {
    const model = fresh()
    given(model, 'ask', { by: policy, driftNumber: 3, asks: 'refit' })
    return model
  }

  test('waits until it is answered, once, by doing it or by rejecting it', () => {
    for (const answer of ['refit', 'reject'] as const) {
      const model = asked()
      expect(model.control.asked).toEqual([{ driftNumber: 3, kind: 'refit', targetVersion: 0 }])
      expect(given(model, answer, { driftNumber: 3 })).toBe('obeyed')
      expect(model.control.asked).toEqual([])
      expect(given(model, answer, { driftNumber: 3 })).toBe('declined')
      expect(refusal(model)).toBe('drift 3 must wait for an answer: it does not')
    }
  })

  test('is asked once, and another drift is no answer', () => {
    const model = asked()
    expect(given(model, 'ask', { by: policy, driftNumber: 3, asks: 'refit' })).toBe('declined')
    expect(given(model, 'reject', { driftNumber: 2 })).toBe('declined')
    expect(model.control.asked.length).toBe(1)
  })

  test('whose answer is a rollback may be followed by a freeze for the same drift', () => {
    const model = fresh()
    given(model, 'ask', { by: policy, driftNumber: 3, asks: 'rollback', targetVersion: 1 })
    const answer = { ...backTo(born), driftNumber: 3 }
    expect(given(model, 'freeze', { driftNumber: 4 })).toBe('declined')
    expect(given(model, 'rollback', answer)).toBe('obeyed')
    expect(given(model, 'freeze', { driftNumber: 3 })).toBe('obeyed')
  })
})

describe('a command', () => {
  test('of another life is not obeyed', () => {
    const model = fresh()
    expect(given(model, 'freeze', { bornAtMs: 12 })).toBe('foreign')
    expect([model.version, model.control.frozen]).toEqual([2, null])
  })

  test('is a part of the log: whoever goes on from any version between gets the same bits', () => {
    const target = fresh()
    learnRows(target, rowsOf(600, 500))
    const step = fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, fc.constantFrom(...commandKinds))
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        const through = structuredClone(target)
        let resumed = structuredClone(target)
        for (const kind of steps) {
          const more = kind === null ? {} : sensible(kind, target, through.control.budget === 0.5 ? 0.001 : 0.5)
          for (const model of [through, resumed]) {
            if (kind === null) learnRows(model, rowsOf(2000 + 50 * model.version, 300), 300)
            else given(model, kind, more)
          }
          resumed = readBack(resumed)
        }
        expect(bytesOf(resumed).equals(bytesOf(through))).toBe(true)
      }),
      { numRuns: 60 },
    )
  })
})
