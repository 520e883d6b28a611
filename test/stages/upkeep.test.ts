import { describe, expect, test } from 'vitest'
import { nearest } from '../../src/core/kmeans/nearest.ts'
import { Random } from '../../src/core/kmeans/random.ts'
import { finish } from '../../src/core/kmeans/steps.ts'
import { birth } from '../../src/core/model/birth.ts'
import { fold } from '../../src/core/model/fold.ts'
import { inverseScales, runningSpreads } from '../../src/core/model/metric.ts'
import type { Model } from '../../src/core/model/model.ts'
import { readBack } from '../core/model/read-back.ts'
import { numericPlan, sampleFingerprint } from '../core/model/sample-model.ts'
import { learnRows, updateOf } from './learning-stream.ts'

/** Where events come from, in the plane; the third number is how many of them, beside 1. */
type Place = readonly [number, number, number?]

const four: readonly Place[] = [
  [0, 0],
  [20, 0],
  [0, 20],
  [20, 20],
]

/** A stream of one seed, told what to do next. */
class Stream {
  readonly model: Model
  private readonly random: Random

  constructor(places: readonly Place[], k: number, halfLifeEvents: number, seed = 5) {
    this.random = new Random(seed)
    const options = { fingerprint: sampleFingerprint, bornAtMs: 1, k, seed: 1, halfLifeEvents, bornFrom: [] }
    const rows = this.rows(1000, places)
    this.model = finish(
      birth(numericPlan(2), rows, 1000, { ...options, rarityHalfLifeEvents: 20_000, budget: 0.005 }),
    ).model
  }

  rows(n: number, places: readonly Place[]): Float64Array {
    const shares = places.map(([, , share = 1]) => share)
    const total = shares.reduce((sum, share) => sum + share, 0)
    const rows = new Float64Array(2 * n)
    for (let i = 0; i < n; i++) {
      let left = this.random.uniform() * total
      const [x, y] =
        places[
          shares.findIndex((share) => {
            left -= share
            return left < 0
          })
        ]
      rows[2 * i] = x + this.random.gaussian()
      rows[2 * i + 1] = y + this.random.gaussian()
    }
    return rows
  }

  learn(n: number, places: readonly Place[]): this {
    learnRows(this.model, this.rows(n, places))
    return this
  }

  /** Id of the cluster whose centroid is nearest to a place, and how far. */
  at(x: number, y: number): { readonly id: number; readonly off: number } {
    const { ids, clusters } = this.model
    const off = Array.from(ids, (_, j) => Math.hypot(clusters.mean[2 * j] - x, clusters.mean[2 * j + 1] - y))
    const j = off.indexOf(Math.min(...off))
    return { id: ids[j], off: off[j] }
  }

  /** Kinds of all changes, with what they happened to and its first relative. */
  changes(): readonly (readonly [string, number, number | undefined])[] {
    return this.model.upkeep.changes.map(({ kind, id, relatives }) => [kind, id, relatives.at(0)?.id])
  }
}

describe('what becomes of clusters', () => {
  test('a new place gives birth to a cluster, which names the one that its events had been nearest to', () => {
    const stream = new Stream(four, 5, 1e6).learn(5000, four)
    const [nearestId, twins] = [stream.at(20, 20).id, [stream.at(0, 20).id, stream.at(0, 21).id]]
    stream.learn(10_000, [...four, [60, 60]])
    const { id, off } = stream.at(60, 60)
    expect(off).toBeLessThan(0.5)
    expect(id).toBe(5)
    expect(stream.changes()).toContainEqual(['born', 5, nearestId])
    expect(stream.at(20, 20).off).toBeLessThan(0.5)
    expect(twins).not.toContain(5)
    expect(stream.changes().filter(([kind]) => kind === 'born')).toHaveLength(1)
  })

  test('a cluster that comes apart is split: the heavier part goes on, the other names it as its parent', () => {
    const stream = new Stream(four, 5, 1e6).learn(5000, four)
    const parent = stream.at(0, 0).id
    stream.learn(10_000, [[-6, -6, 0.4], [6, 6, 0.6], ...four.slice(1)])
    expect(stream.changes()).toContainEqual(['split', 5, parent])
    expect([stream.at(6, 6).id, stream.at(-6, -6).id].sort()).toEqual([parent, 5].sort())
  })

  test('two that come together are merged into one of them', () => {
    const five: readonly Place[] = [...four, [10, 60]]
    const stream = new Stream(five, 5, 5000).learn(5000, five)
    const two = [stream.at(0, 0).id, stream.at(20, 0).id]
    stream.learn(30_000, [[10, 0, 2], ...four.slice(2), [3, 60], [17, 60]])
    const one = stream.at(10, 0)
    expect(one.off).toBeLessThan(0.5)
    const gone = two.filter((id) => id !== one.id)
    const merged = stream.changes().filter(([kind, id]) => kind === 'merged' && (gone.includes(id) || two.includes(id)))
    expect(merged.length).toBeGreaterThan(0)
    expect(Math.max(stream.at(3, 60).off, stream.at(17, 60).off)).toBeLessThan(0.5)
  })

  test('of two that are about equal the older goes on', () => {
    const stream = new Stream(four, 4, 5000).learn(5000, four)
    const parent = stream.at(0, 0).id
    const apart: readonly Place[] = [
      [-6, -6, 0.5],
      [6, 6, 0.5],
      [10, 20, 2],
    ]
    stream.learn(20_000, [
      [-6, -6, 0.5],
      [6, 6, 0.5],
      [10, 20, 2],
      [20, 0],
    ])
    expect([stream.at(6, 6).id, stream.at(-6, -6).id]).toContain(parent)
    stream.learn(30_000, [[0, 0, 1], ...apart.slice(2), [20, 0], [60, 60]])
    expect(stream.at(0, 0).id).toBe(parent)
  })

  test('one whose events have ceased is dropped', () => {
    const stream = new Stream(four, 4, 2000).learn(5000, four)
    const last = stream.at(20, 20).id
    stream.learn(40_000, four.slice(0, 3))
    expect([...stream.model.ids]).not.toContain(last)
    expect(stream.changes().map(([kind, id]) => [kind, id])).toContainEqual(['dropped', last])
  })

  test('on a stationary stream no id changes, and hardly an event another cluster', () => {
    const stream = new Stream(four, 4, 1e6)
    stream.learn(20_000, four)
    const probe = stream.rows(5000, four)
    const before = assigned(stream.model, probe)
    stream.learn(40_000, four)
    expect([...stream.model.ids]).toEqual([0, 1, 2, 3])
    expect(stream.changes()).toEqual([])
    const now = assigned(stream.model, probe)
    expect(now.filter((id, i) => id !== before[i])).toHaveLength(0)
  })

  test('clusters that arrive one after another are all found, the first ones too', () => {
    const places: readonly Place[] = Array.from({ length: 8 }, (_, i) => [20 * (i % 3), 20 * Math.floor(i / 3)])
    const stream = new Stream([places[0]], 8, Number.POSITIVE_INFINITY)
    for (const place of places) stream.learn(1000, [place])
    for (const [x, y] of places) expect(stream.at(x, y).off).toBeLessThan(0.5)
  })

  test('no id is used twice, and each that is gone has a change that says so', () => {
    const stream = new Stream(four, 6, 3000)
    const seen = new Map<number, number>()
    for (let phase = 0; phase < 10; phase++) {
      stream.learn(3000, [
        [10 * phase, 0],
        [0, 15 * phase],
        [-12 * phase, 5],
        [7, -9 * phase],
      ])
      for (const [j, id] of stream.model.ids.entries()) {
        const born = stream.model.bornVersions[j]
        expect(seen.get(id) ?? born).toBe(born)
        seen.set(id, born)
      }
    }
    const { ids, upkeep } = stream.model
    expect(Math.max(...ids)).toBeLessThan(upkeep.nextId)
    const came = upkeep.changes.filter(({ kind }) => ['born', 'split', 'reseeded'].includes(kind)).map(({ id }) => id)
    const went = upkeep.changes.filter(({ kind }) => ['merged', 'dropped'].includes(kind)).map(({ id }) => id)
    expect(came.length).toBeGreaterThan(3)
    expect(new Set(came).size).toBe(came.length)
    expect([...ids].sort()).toEqual([0, 1, 2, 3, 4, 5, ...came].filter((id) => !went.includes(id)).sort())
  })
})

describe('an update that an older version scored', () => {
  /** A model whose clusters have changed, as it was before, and an update that was scored then. */
  function changed() {
    const stream = new Stream(four, 5, 1e6).learn(5000, four)
    const before = readBack(stream.model)
    stream.learn(5000, [...four, [60, 60]])
    const late = { ...updateOf(before, stream.rows(300, four), 0), ranges: [{ partition: 9, from: 0, to: 300 }] }
    return { model: stream.model, late }
  }

  test('teaches clusters that have kept their place, and the whole all of it', () => {
    const { model, late } = changed()
    const kept = [...late.clusterIds].filter((id) => {
      const j = model.ids.indexOf(id)
      return j >= 0 && model.upkeep.shapedVersions[j] <= late.version
    })
    const gone = late.clusterIds.filter((id) => !model.ids.includes(id))
    expect(kept.length).toBeGreaterThan(1)
    expect(gone).toHaveLength(1)
    const was = readBack(model)
    fold(model, late, model.nextUpdateOffset)
    expect(model.whole.weight[0]).toBeGreaterThan(was.whole.weight[0] + 290)
    for (const [j, id] of model.ids.entries()) {
      const learned = model.clusters.weight[j] > was.clusters.weight[j]
      expect(learned).toBe(kept.includes(id))
    }
  })
})

/** Id of the cluster that each row is assigned to. */
function assigned(model: Model, rows: Float64Array): Int32Array {
  const { d, k, clusters, ids } = model
  const n = rows.length / d
  const labels = new Int32Array(n)
  nearest(rows, n, d, clusters.mean, k, inverseScales(model.upkeep, runningSpreads(model)), labels, new Float64Array(n))
  return labels.map((j) => ids[j])
}
