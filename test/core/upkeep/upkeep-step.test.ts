import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeModel, encodeModel } from '../../../src/core/codec/model-codec.ts'
import { finish } from '../../../src/core/kmeans/steps.ts'
import { fold } from '../../../src/core/model/fold.ts'
import type { Model } from '../../../src/core/model/model.ts'
import { emptyStatistics } from '../../../src/core/model/statistics.ts'
import {
  emptyReservoir,
  farthestKept,
  offer,
  reservoirCapacity,
  reservoirOf,
} from '../../../src/core/upkeep/reservoir.ts'
import { isDue, reseedSteps, upkeepSteps } from '../../../src/core/upkeep/upkeep-step.ts'
import { randomModel, randomUpdate } from '../model/random-learning.ts'
import { bornFrom, clusteredRows, numericPlan, sampleFingerprint } from '../model/sample-model.ts'

const d = 2
const value = fc.oneof(
  fc.constantFrom(0, -0, 1, farthestKept, -farthestKept, 1e-40),
  fc.double({ min: -5, max: 5, noNaN: true }),
)

/** A model as hostile as can be, with a sample of so many rows of so few values, whose clusters must be looked after now. */
function dueModel(k: number): fc.Arbitrary<Model> {
  const row = fc.record({
    x: value,
    y: value,
    importance: fc.constantFrom(0, 3, 64),
    age: fc.double({ min: 0, max: 1, noNaN: true }),
  })
  return fc.tuple(randomModel(k, d), fc.array(row, { minLength: 4 * k, maxLength: 40 })).map(([model, rows]) => {
    const { clock, reservoir } = model.upkeep
    const { origin, unit } = reservoir
    const sample = {
      drawn: Float32Array.from(rows, (_, i) => -i / 3),
      importance: Float32Array.from(rows, (of) => of.importance),
      clocks: Float64Array.from(rows, ({ age }) => age * clock),
      rows: Float32Array.from(rows.flatMap(({ x, y }) => [x, y])),
    }
    return {
      ...model,
      upkeep: { ...model.upkeep, nextId: 1000, nextAtEvents: 0, reservoir: reservoirOf(40, origin, unit, sample) },
    }
  })
}

describe('a step of upkeep', () => {
  test('leaves a model that is finite and can be written and read, whatever rows and clusters there are', () => {
    let adopted = 0
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }).chain(dueModel), (model) => {
        const before = model.upkeep.nextId
        finish(upkeepSteps(model))
        if (model.upkeep.nextId > before) adopted++
        expect(decodeModel(encodeModel(model), sampleFingerprint)).toEqual({ value: model })
      }),
      { numRuns: 400 },
    )
    expect(adopted).toBeGreaterThan(5)
  })

  test('that is a reseed leaves such a model, too', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }).chain(dueModel), (model) => {
        finish(reseedSteps(model))
        expect(decodeModel(encodeModel(model), sampleFingerprint)).toEqual({ value: model })
      }),
      { numRuns: 200 },
    )
  })

  test('leaves such a model fit to learn on', () => {
    fc.assert(
      fc.property(dueModel(3), fc.array(randomUpdate(3, d), { maxLength: 4 }), (model, updates) => {
        finish(upkeepSteps(model))
        for (const update of updates) fold(model, { ...update, bornAtMs: model.bornAtMs }, model.nextUpdateOffset)
        expect(decodeModel(encodeModel(model), sampleFingerprint)).toEqual({ value: model })
      }),
      { numRuns: 200 },
    )
  })

  test.each([
    ['one row', 1, () => [3, 3]],
    ['rows that are all equal', 400, () => [3, 3]],
    ['fewer different rows than clusters', 400, (i: number) => [i % 3, 5]],
    ['a constant column', 400, (i: number) => [(i * 7919) % 101, 0]],
  ] as const)('makes nothing new of %s', (_, n, row) => {
    const model = bornFrom(
      numericPlan(2),
      Float64Array.from({ length: 2 * n }, (__, at) => row(at >> 1)[at & 1]),
      n,
      5,
    )
    const before = structuredClone(model)
    finish(upkeepSteps(model))
    expect(model.clusters).toEqual(before.clusters)
    expect(model.ids).toEqual(before.ids)
    expect(model.upkeep.changes).toEqual([])
  })

  test('is due after so many events, sooner after a surprise, and not before batches know what the last one did', () => {
    const model = bornFrom(numericPlan(2), clusteredRows(400, 2, 3, 7), 400, 3)
    const at = (trainedEvents: number) => ({ ...model, trainedEvents })
    expect(isDue(at(799), 1, false)).toBe(false)
    expect(isDue(at(800), 1, false)).toBe(true)
    expect(isDue(at(424), 1, true)).toBe(false)
    expect(isDue(at(425), 1, true)).toBe(true)
    model.upkeep.shapedVersions[1] = 9
    expect([isDue(at(1400), 8, true), isDue(at(1400), 9, false)]).toEqual([false, true])
  })

  test('comes less often when it changes nothing, up to half of what the model remembers, while it is young a quarter of its age', () => {
    const model = bornFrom(numericPlan(2), clusteredRows(400, 2, 3, 7), 400, 3)
    const intervals = [400, 3200, 8000, 100_000, 1e6, 1e6, 1e6, 1e6, 1e6].map((trainedEvents) => {
      model.trainedEvents = trainedEvents
      finish(upkeepSteps(model))
      return model.upkeep.intervalEvents
    })
    expect(intervals).toEqual([800, 1000, 2000, 4000, 8000, 16_000, 32_000, 50_000, 50_000])
  })
})

test('a record of the largest configuration has room for its sample', () => {
  const [k, columns] = [1024, 256]
  const [origin, unit] = [new Float64Array(columns), new Float64Array(columns).fill(1)]
  const reservoir = emptyReservoir(reservoirCapacity(k, columns), origin, unit)
  const n = 2 * reservoir.capacity
  const [drawn, importance] = [new Float32Array(n).fill(-3), new Float32Array(n)]
  offer(reservoir, 0, { drawn, importance, rows: new Float32Array(n * columns) })
  const small = bornFrom(numericPlan(columns), clusteredRows(4, columns, 2, 1), 4, 2)
  const model: Model = {
    ...small,
    k,
    ids: Int32Array.from({ length: k }, (_, j) => j),
    bornVersions: new Float64Array(k).fill(1),
    clusters: emptyStatistics(k, columns),
    usual: { ...small.usual, places: emptyStatistics(k, columns) },
    upkeep: {
      ...small.upkeep,
      support: new Float64Array(k),
      shapedVersions: new Float64Array(k),
      nextId: k,
      reservoir,
    },
  }
  expect(encodeModel(model).length).toBeLessThan(16 * 1024 * 1024)
})
