import { describe, expect, test } from 'vitest'
import { closeBlocks, firstPaths, type Paths, walk } from '../../../src/core/drift/paths.ts'
import { groupsOf } from '../../../src/core/drift/standing-apart.ts'
import { emptyTally } from '../../../src/core/drift/tally.ts'
import { isAway, runNeeded, type Walk } from '../../../src/core/drift/walks.ts'
import { Random } from '../../../src/core/kmeans/random.ts'
import type { Model } from '../../../src/core/model/model.ts'
import { emptyStatistics } from '../../../src/core/model/statistics.ts'
import type { ModelUpdate } from '../../../src/core/model/update.ts'
import { bornFrom, noSample, numericPlan } from '../model/sample-model.ts'

const windowEvents = 1000
const d = 2
const places = 6

/** Two clouds of spread 1, twenty apart, with six places between them. */
class TwoClouds {
  readonly model: Model
  readonly paths: Paths
  private readonly random: Random

  constructor(seed: number) {
    this.random = new Random(seed)
    const rows = Float64Array.from({ length: 1000 * d }, (_, at) => this.random.gaussian() + (at % 4 === 0 ? 20 : 0))
    this.model = bornFrom(numericPlan(d), rows, 1000, places)
    this.paths = firstPaths(this.model)
  }

  /** Closes so many windows with the first cloud moved by `shift`; the events of a cloud are divided at random among its places. */
  windows(n: number, shift: number): Walk | null {
    let last: Walk | null = null
    for (let i = 0; i < n; i++) {
      walk(this.paths, this.update(shift))
      last = closeBlocks(this.paths, emptyTally(d, 4, places), windowEvents)
    }
    return last
  }

  private update(shift: number): ModelUpdate {
    const { model, random, paths } = this
    const statistics = emptyStatistics(places, d)
    for (let event = 0; event < windowEvents; event++) {
      const first = random.below(2) === 0
      const group = paths.groups[this.placeNear(first ? 20 : 0)]
      const own = Array.from(paths.groups.keys()).filter((j) => paths.groups[j] === group)
      // One place has most of them for a while, then another: what upkeep or the next step of learning may do.
      const place = random.uniform() < 0.8 ? own[Math.floor(event / 7) % own.length] : own[random.below(own.length)]
      const x = [random.gaussian() + (first ? 20 + shift : 0), random.gaussian()]
      const share = 1 / ++statistics.weight[place]
      for (let c = 0; c < d; c++) statistics.mean[place * d + c] += share * (x[c] - statistics.mean[place * d + c])
    }
    const index = Int32Array.from(statistics.weight.keys())
    return {
      bornAtMs: model.bornAtMs,
      version: 1,
      d,
      ranges: [],
      trained: windowEvents,
      clusterIds: new Int32Array(0),
      clusters: emptyStatistics(0, d),
      bins: new Int32Array(0),
      counts: new Float64Array(0),
      ...noSample(),
      features: { ...model.features.reference, from: model.features.bins.from },
      usual: { sinceVersion: 1, index, statistics },
      budget: 0.005,
      fromMs: -1,
      toMs: -1,
    }
  }

  private placeNear(x: number): number {
    const { mean } = this.model.usual.places
    const away = Array.from({ length: places }, (_, j) => Math.abs(mean[j * d] - x))
    return away.indexOf(Math.min(...away))
  }
}

describe('places that share a cloud', () => {
  test('are one group, and those of another cloud another', () => {
    const { model } = new TwoClouds(1)
    const groups = groupsOf(model)
    const { mean } = model.usual.places
    groups.forEach((group, j) => {
      expect(group).toBe(mean[j * d] > 10 === mean[0] > 10 ? 0 : 1)
    })
  })
})

describe('the path of a centroid', () => {
  test('is not told of in 600 windows of a cloud that stays, however its places trade events', () => {
    const clouds = new TwoClouds(2)
    for (let i = 0; i < 6; i++) expect(clouds.windows(100, 0)).toBeNull()
    expect(isAway(clouds.paths)).toBe(false)
  }, 60_000)

  test('is told once it has been two spreads away for as many blocks as chance cannot explain, with where it was and is', () => {
    const clouds = new TwoClouds(3)
    clouds.windows(30, 0)
    const needed = runNeeded(clouds.paths, windowEvents)
    expect(clouds.windows(needed - 1, 2)).toBeNull()
    const found = clouds.windows(1, 2)!
    expect(Math.abs(found.before[0] - 20)).toBeLessThan(0.3)
    expect(found.statistic).toBeGreaterThan(1.5)
    expect(Math.abs(found.after[0] - found.before[0] - 2)).toBeLessThan(0.3)
    expect(found.away[1]).toBeLessThan(0.5)
    expect(found.pValue).toBeLessThan(1e-5)
    expect(isAway(clouds.paths)).toBe(true)
    clouds.windows(1, 0)
    expect(isAway(clouds.paths)).toBe(false)
  })

  test('is found when it walks so slowly that no block differs much from the one before, and not within a spread', () => {
    const near = new TwoClouds(4)
    near.windows(30, 0)
    for (let i = 0; i < 60; i++) expect(near.windows(1, (0.8 * i) / 60)).toBeNull()
    const far = new TwoClouds(5)
    far.windows(30, 0)
    const found = Array.from({ length: 100 }, (_, i) => far.windows(1, (4 * i) / 100))
    expect(found.some((of) => of !== null)).toBe(true)
  })
})

test('a column whose spread is endless, since hardly an event is left of it, is not followed', () => {
  const { model } = new TwoClouds(1)
  model.whole.weight[0] = 5e-324
  model.whole.m2[0] = 1e200
  const { spreads } = firstPaths(model)
  expect(spreads.every(Number.isFinite)).toBe(true)
  expect(spreads[0]).toBe(0)
})
