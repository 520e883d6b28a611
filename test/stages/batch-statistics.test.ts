import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fences } from '../../src/core/model/fences.ts'
import type { Model, OffsetRange } from '../../src/core/model/model.ts'
import { accumulate, emptyStatistics } from '../../src/core/model/statistics.ts'
import type { ModelUpdate } from '../../src/core/model/update.ts'
import { rarityBin } from '../../src/core/score/rarity.ts'
import { emptyScores, freeze, type Scores, score } from '../../src/core/score/scorer.ts'
import { BatchStatistics, SumsMemory } from '../../src/stages/batch-statistics.ts'
import { numberFields } from '../core/features/sample-features.ts'
import { bornFrom, clusteredRows, numericPlan } from '../core/model/sample-model.ts'

const d = 3
const n = 400
const rows = clusteredRows(n, d, 5, 3)
const born = bornFrom(numericPlan(d), rows.slice(), n, 5)

function modelBornFrom(...ranges: OffsetRange[]): Model {
  return { ...born, ids: Int32Array.of(10, 3, 7, 1, 4), bornFrom: ranges }
}

const scores = emptyScores(n)
score(freeze(born), rows, n, scores)

function slice(from: number, to: number): Scores {
  return {
    labels: scores.labels.subarray(from, to),
    distances: scores.distances.subarray(from, to),
    usualLabels: scores.usualLabels.subarray(from, to),
    softDistances: scores.softDistances.subarray(from, to),
    logDistances: scores.logDistances.subarray(from, to),
    rarities: scores.rarities.subarray(from, to),
  }
}

const statisticsOf = (model: Model, memory?: SumsMemory) =>
  new BatchStatistics(model, numericPlan(d), fences(model), n, memory)

/** The update of rows [0, to) of partition 0, row i at offset 100 + i, added in pieces that end at `cuts`. */
function updateOf(model: Model, cuts: readonly number[], to = n, memory?: SumsMemory): ModelUpdate {
  const statistics = statisticsOf(model, memory)
  let from = 0
  for (const cut of [...cuts, to]) {
    const start = from
    const piece = { rows: rows.subarray(from * d), n: cut - from, scores: slice(from, cut) }
    statistics.add(0, { ...piece, ...numberFields(n, d + 1) }, (i) => 100 + start + i)
    statistics.cover(0, 100 + from, 100 + cut)
    from = cut
  }
  const update = statistics.finish()
  if (update === null) throw new Error('offsets were covered')
  return update
}

describe('the statistics of a transaction', () => {
  test('are those of its rows in one piece, in whatever pieces they came', () => {
    const model = modelBornFrom()
    const expected = emptyStatistics(5, d)
    accumulate(rows, n, scores.labels, born.clusters.mean, expected)
    const cutting = fc.array(fc.nat(n), { maxLength: 8 }).map((cuts) => [...cuts].sort((a, b) => a - b))
    fc.assert(
      fc.property(cutting, (cuts) => {
        const { clusterIds, clusters, trained, ranges } = updateOf(model, cuts)
        expect([...clusterIds]).toEqual([10, 3, 7, 1, 4])
        expect([...clusters.weight]).toEqual([...expected.weight])
        const off = (a: number, b: number) => Math.abs(a - b) / Math.max(1, Math.abs(b))
        expect(Math.max(...clusters.mean.map((mean, c) => off(mean, expected.mean[c])))).toBeLessThan(1e-12)
        expect(Math.max(...clusters.m2.map((m2, c) => off(m2, expected.m2[c])))).toBeLessThan(1e-9)
        expect([trained, ranges]).toEqual([n, [{ partition: 0, from: 100, to: 100 + n }]])
      }),
    )
  })

  test('know nothing of the transactions that were summed in the same memory, and leave what those taught', () => {
    const model = modelBornFrom()
    const memory = new SumsMemory()
    const first = updateOf(model, [100], n, memory)
    const kept = structuredClone(first)
    for (const to of [1, 30, n]) expect(updateOf(model, [], to, memory)).toEqual(updateOf(model, [], to))
    expect(first).toEqual(kept)
  })

  test('count how many log distances fell into each bin, ascending', () => {
    const { bins, counts } = updateOf(modelBornFrom(), [150])
    const expected = new Map<number, number>()
    for (const s of scores.logDistances) expected.set(rarityBin(s), (expected.get(rarityBin(s)) ?? 0) + 1)
    expect([...bins]).toEqual([...expected.keys()].sort((a, b) => a - b))
    expect([...counts]).toEqual([...bins].map((bin) => expected.get(bin)))
  })

  test('name only the clusters that rows fell to', () => {
    const { clusterIds, clusters } = updateOf(modelBornFrom(), [], 1)
    expect([...clusterIds]).toEqual([modelBornFrom().ids[scores.labels[0]]])
    expect([...clusters.mean]).toEqual([...rows.subarray(0, d)])
    expect([clusters.k, clusters.weight[0], ...clusters.m2]).toEqual([1, 1, 0, 0, 0])
  })

  test('leave out the events that the model was born from, and cover them all the same', () => {
    // Offsets 150 to 249 of partition 0 are rows 50 to 149.
    const model = modelBornFrom({ partition: 1, from: 0, to: 1000 }, { partition: 0, from: 150, to: 250 })
    const { trained, clusters, counts, ranges } = updateOf(model, [33, 60, 149, 150, 151])
    expect([trained, ranges]).toEqual([n - 100, [{ partition: 0, from: 100, to: 100 + n }]])
    const outside = Int32Array.from(scores.labels, (label, i) => (i >= 50 && i < 150 ? -1 : label))
    const expected = emptyStatistics(5, d)
    accumulate(rows, n, outside, born.clusters.mean, expected)
    expect([...clusters.weight]).toEqual([...expected.weight])
    clusters.mean.forEach((mean, c) => {
      expect(mean).toBeCloseTo(expected.mean[c], 9)
    })
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(n - 100)
  })

  test('of nothing but such events teach nothing', () => {
    const update = updateOf(modelBornFrom({ partition: 0, from: 0, to: 1000 }), [7])
    expect(update).toMatchObject({ trained: 0, ranges: [{ partition: 0, from: 100, to: 100 + n }] })
    expect([update.clusterIds.length, update.clusters.k, update.bins.length]).toEqual([0, 0, 0])
  })

  test('cover each partition from its first offset to its last, in order of partitions', () => {
    const statistics = statisticsOf(modelBornFrom())
    expect(statistics.finish()).toBeNull()
    for (const [partition, from, to] of [
      [7, 5, 9],
      [2, 0, 3],
      [7, 9, 20],
      [2, 3, 3],
    ]) {
      statistics.cover(partition, from, to)
    }
    expect(statistics.finish()).toMatchObject({
      bornAtMs: born.bornAtMs,
      version: 1,
      d,
      trained: 0,
      ranges: [
        { partition: 2, from: 0, to: 3 },
        { partition: 7, from: 5, to: 20 },
      ],
    })
  })
})
