import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Random } from '../../../src/core/kmeans/random.ts'
import { fold } from '../../../src/core/model/fold.ts'
import type { Model } from '../../../src/core/model/model.ts'
import { accumulate, copyCluster, emptyStatistics } from '../../../src/core/model/statistics.ts'
import type { ModelUpdate } from '../../../src/core/model/update.ts'
import { emptyRarity } from '../../../src/core/score/rarity.ts'
import { noCounts } from '../features/sample-features.ts'
import { modelByHand } from './model-by-hand.ts'
import { emptyUpkeep, noSample } from './sample-model.ts'

const d = 2
const k = 3

/** A model that has seen nothing, or at each cluster `weight` events at 10·j. */
function modelOf(halfLifeEvents: number, weight = 0, rarityHalfLifeEvents = halfLifeEvents): Model {
  const clusters = emptyStatistics(k, d)
  clusters.weight.fill(weight)
  for (let c = 0; c < k * d; c++) clusters.mean[c] = 10 * Math.floor(c / d)
  clusters.m2.fill(weight)
  const whole = emptyStatistics(1, d)
  whole.weight[0] = weight * k
  whole.mean.fill(10)
  whole.m2.fill(weight * k * 70)
  const rarity = emptyRarity()
  rarity.weight = weight * k
  rarity.bins[384] = weight * k
  return modelByHand(clusters, whole, {
    bornAtMs: 1,
    halfLifeEvents,
    rarityHalfLifeEvents,
    ids: Int32Array.of(4, 7, 9),
    bornVersions: new Float64Array(k).fill(1),
    floor: new Float64Array(d).fill(1e-3),
    rarity,
    trainedEvents: weight * k,
    upkeep: { ...emptyUpkeep(k, d), support: clusters.weight.slice() },
  })
}

interface Events {
  readonly rows: Float64Array
  readonly labels: Int32Array
  readonly bins: Int32Array
}

function eventsOf(n: number, seed: number): Events {
  const random = new Random(seed)
  const labels = Int32Array.from({ length: n }, () => random.below(k))
  const rows = Float64Array.from({ length: n * d }, (_, at) => 10 * labels[Math.floor(at / d)] + random.gaussian())
  return { rows, labels, bins: Int32Array.from({ length: n }, () => 380 + random.below(9)) }
}

/** What events [from, to) of partition 0 teach. */
function updateOf(model: Model, { rows, labels, bins }: Events, from: number, to: number): ModelUpdate {
  const n = to - from
  const all = emptyStatistics(k, d)
  accumulate(rows.subarray(from * d, to * d), n, labels.subarray(from, to), model.clusters.mean.slice(), all)
  const touched = [0, 1, 2].filter((j) => all.weight[j] > 0)
  const clusters = emptyStatistics(touched.length, d)
  for (const [i, j] of touched.entries()) copyCluster(clusters, i, all, j)
  const seen = [...new Set(bins.subarray(from, to))].sort((a, b) => a - b)
  return {
    bornAtMs: 1,
    version: model.version,
    d,
    ranges: [{ partition: 0, from, to }],
    trained: n,
    clusterIds: Int32Array.from(touched, (j) => model.ids[j]),
    clusters,
    bins: Int32Array.from(seen),
    counts: Float64Array.from(seen, (bin) => bins.subarray(from, to).filter((b) => b === bin).length),
    ...noSample(),
    features: noCounts(),
    usual: { sinceVersion: 1, index: Int32Array.from(touched), statistics: clusters },
    budget: 0.005,
  }
}

/** Folds the events in updates that end where `cuts` says. */
function folded(model: Model, events: Events, cuts: readonly number[]): Model {
  let from = 0
  for (const to of [...cuts, events.labels.length]) {
    if (to > from) fold(model, updateOf(model, events, from, to), model.nextUpdateOffset)
    from = Math.max(from, to)
  }
  return model
}

function expectSame(a: Model, b: Model, relative = 1e-9): void {
  const numbers = ({ clusters, whole, rarity }: Model) => [
    ...clusters.weight,
    ...clusters.mean,
    ...clusters.m2,
    ...whole.weight,
    ...whole.mean,
    ...whole.m2,
    rarity.weight,
    ...rarity.bins,
  ]
  const expected = numbers(b)
  numbers(a).forEach((value, i) => {
    expect(Math.abs(value - expected[i])).toBeLessThanOrEqual(relative * Math.max(1, Math.abs(expected[i])))
  })
}

const sum = (values: Iterable<number>) => [...values].reduce((total, value) => total + value, 0)

test('without forgetting the same events in any updates make the same model', () => {
  const cutting = fc.array(fc.nat(200), { maxLength: 12 }).map((cuts) => [...cuts].sort((a, b) => a - b))
  fc.assert(
    fc.property(cutting, fc.integer(), fc.constantFrom(0, 5), (cuts, seed, weight) => {
      const events = eventsOf(200, seed)
      expectSame(folded(modelOf(Infinity, weight), events, cuts), folded(modelOf(Infinity, weight), events, []))
    }),
  )
})

test('without forgetting a model that had seen nothing is the statistics of its events', () => {
  const events = eventsOf(300, 3)
  const { clusters, whole, trainedEvents } = folded(modelOf(Infinity), events, [7, 100, 101])
  const definition = emptyStatistics(k, d)
  accumulate(events.rows, 300, events.labels, new Float64Array(k * d), definition)
  const one = emptyStatistics(1, d)
  accumulate(events.rows, 300, new Int32Array(300), new Float64Array(d), one)
  definition.mean.forEach((mean, c) => {
    expect(clusters.mean[c]).toBeCloseTo(mean, 9)
    expect(clusters.m2[c]).toBeCloseTo(definition.m2[c], 7)
  })
  expect([...clusters.weight]).toEqual([...definition.weight])
  expect(whole.mean[0]).toBeCloseTo(one.mean[0], 9)
  expect(whole.m2[1]).toBeCloseTo(one.m2[1], 6)
  expect([whole.weight[0], trainedEvents]).toEqual([300, 300])
})

describe('forgetting', () => {
  const nothingNew = (model: Model, trained: number): ModelUpdate => ({
    ...updateOf(model, eventsOf(0, 1), 0, 0),
    ranges: [{ partition: 0, from: model.nextUpdateOffset, to: model.nextUpdateOffset + 1 }],
    trained,
  })

  test('halves the old after a half-life, in one update or in many', () => {
    const once = modelOf(1000, 8, 500)
    fold(once, nothingNew(once, 1000), 0)
    const often = modelOf(1000, 8, 500)
    for (const [i, trained] of [1, 499, 250, 250].entries()) fold(often, nothingNew(often, trained), i)
    expectSame(often, once, 1e-14)
    expect([...once.clusters.weight]).toEqual([4, 4, 4])
    expect([...once.clusters.m2]).toEqual([4, 4, 4, 4, 4, 4])
    expect([once.whole.weight[0], once.whole.m2[0]]).toEqual([12, 840])
    expect([once.rarity.weight, once.rarity.bins[384]]).toEqual([6, 6])
  })

  test('leaves the means where they are', () => {
    const model = modelOf(10, 8)
    fold(model, nothingNew(model, 100), 0)
    expect([...model.clusters.mean]).toEqual([0, 0, 10, 10, 20, 20])
    expect([...model.whole.mean]).toEqual([10, 10])
  })

  test('of everything makes the new all there is, and nothing that is not finite', () => {
    const model = modelOf(10, 8)
    const events = eventsOf(50_000, 2)
    fold(model, updateOf(model, events, 0, 50_000), 0)
    const fresh = folded(modelOf(Infinity), events, [])
    expect([...model.clusters.mean]).toEqual([...fresh.clusters.mean])
    expect([...model.clusters.weight]).toEqual([...fresh.clusters.weight])
    for (let i = 1; i < 50; i++) fold(model, nothingNew(model, 50_000), i)
    const { clusters, whole } = model
    expect([...clusters.mean, ...clusters.m2, ...whole.mean, ...whole.m2].every(Number.isFinite)).toBe(true)
    expect([...clusters.mean]).toEqual([...fresh.clusters.mean])
  })

  test('follows what moves: a cluster whose events lie elsewhere now is there after some half-lives', () => {
    const model = modelOf(100, 1000)
    const shifted = eventsOf(2000, 5)
    const there = { ...shifted, rows: shifted.rows.map((x) => x + 3) }
    folded(model, there, [500, 1000, 1500])
    model.clusters.mean.forEach((mean, c) => {
      expect(Math.abs(mean - 10 * Math.floor(c / d) - 3)).toBeLessThan(0.5)
    })
  })
})

test('mass is conserved: clusters, whole and histogram hold the decayed number of all events', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 8 }),
      fc.constantFrom(7, 1e3, Infinity),
      (sizes, halfLife) => {
        const model = modelOf(halfLife, 4)
        let mass = 12
        let at = 0
        const events = eventsOf(sum(sizes), 6)
        for (const size of sizes) {
          fold(model, updateOf(model, events, at, at + size), model.nextUpdateOffset)
          mass = mass * 2 ** (-size / halfLife) + size
          at += size
        }
        for (const held of [
          sum(model.clusters.weight),
          model.whole.weight[0],
          model.rarity.weight,
          sum(model.rarity.bins),
        ]) {
          expect(held).toBeCloseTo(mass, 9)
        }
        expect(model.trainedEvents).toBe(12 + at)
      },
    ),
  )
})

describe('an update', () => {
  const events = eventsOf(30, 9)

  test('of a cluster that the model does not have teaches the whole, but no cluster', () => {
    const model = modelOf(Infinity, 5)
    const update = { ...updateOf(model, events, 0, 30), clusterIds: Int32Array.of(5, 6, 1000) }
    fold(model, update, 0)
    expect([...model.clusters.weight, ...model.clusters.mean]).toEqual([5, 5, 5, 0, 0, 10, 10, 20, 20])
    expect(model.whole.weight[0]).toBe(45)
  })

  test('names its clusters by id, not by place', () => {
    const model = modelOf(Infinity, 5)
    const update = updateOf(model, { ...events, labels: new Int32Array(30).fill(2) }, 0, 30)
    expect([...update.clusterIds]).toEqual([9])
    fold(model, update, 0)
    expect([...model.clusters.weight]).toEqual([5, 5, 35])
  })

  test.each<[string, Partial<ModelUpdate>]>([
    ['of another life', { bornAtMs: 2 }],
    ['of other columns', { d: 3 }],
  ])('%s moves the version and the offset, and nothing else', (_, change) => {
    const model = modelOf(10, 5)
    expect(fold(model, { ...updateOf(model, events, 0, 30), ...change }, 41)).toBe('foreign')
    expect(model).toEqual({ ...modelOf(10, 5), version: 2, nextUpdateOffset: 42 })
  })

  test.each([
    ['the same events', [[0, 0, 30]], 'repeated'],
    ['some of them', [[0, 29, 40]], 'repeated'],
    [
      'some of them, and new ones of another partition',
      [
        [1, 0, 10],
        [0, 10, 40],
      ],
      'repeated',
    ],
    ['the next events', [[0, 30, 60]], 'learned'],
    ['events behind a gap', [[0, 99, 120]], 'learned'],
    ['those of another partition', [[1, 0, 30]], 'learned'],
  ] as const)('of %s is what it is after offsets 0 to 30 were learned', (_, ranges, outcome) => {
    const model = modelOf(Infinity, 5)
    expect(fold(model, updateOf(model, events, 0, 30), 0)).toBe('learned')
    const before = structuredClone(model)
    const named = ranges.map(([partition, from, to]) => ({ partition, from, to }))
    expect(fold(model, { ...updateOf(model, events, 0, 30), ranges: named }, 1)).toBe(outcome)
    if (outcome === 'repeated') expect(model).toEqual({ ...before, version: 3, nextUpdateOffset: 2 })
    else expect(model.trainedEvents).toBe(before.trainedEvents + 30)
  })

  test('in which nothing trains covers its offsets all the same', () => {
    const model = modelOf(10, 5)
    const nothing = { ...updateOf(model, eventsOf(0, 1), 0, 0), ranges: [{ partition: 2, from: 0, to: 9 }] }
    expect(fold(model, nothing, 0)).toBe('learned')
    expect(model).toEqual({ ...modelOf(10, 5), version: 2, nextUpdateOffset: 1, learnedUpTo: new Map([[2, 9]]) })
  })
})
