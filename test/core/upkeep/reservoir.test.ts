import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  admission,
  emptyReservoir,
  importanceOf,
  kept,
  offer,
  type Reservoir,
  reservoirCapacity,
  type SampledRows,
  sampleOf,
  standingFor,
} from '../../../src/core/upkeep/reservoir.ts'
import { drawn } from '../../../src/core/upkeep/sampling.ts'

const fresh = (capacity: number) => emptyReservoir(capacity, Float64Array.of(0), Float64Array.of(1))

/** Events [from, to), whose one value is their offset, each of the importance that `of` says. */
function events(from: number, to: number, of: (i: number) => number = () => 0): SampledRows {
  const places = Array.from({ length: to - from }, (_, i) => from + i)
  return {
    drawn: Float32Array.from(places, (i) => Math.log2(drawn(0, i))),
    importance: Float32Array.from(places, of),
    rows: Float32Array.from(places),
  }
}

const sum = (values: Iterable<number>) => [...values].reduce((total, value) => total + value, 0)
const offsetsOf = (reservoir: Reservoir) => [...sampleOf(reservoir).rows]

describe('a reservoir', () => {
  test('keeps everything while there is room, each row standing for itself', () => {
    const reservoir = fresh(100)
    offer(reservoir, 0, events(0, 60))
    expect(offsetsOf(reservoir)).toEqual([...Array(60).keys()])
    expect([...standingFor(reservoir, 0)]).toEqual(Array(60).fill(1))
  })

  test('without forgetting is the same in whatever pieces the rows came', () => {
    const once = fresh(50)
    offer(once, 0, events(0, 3000))
    expect(sampleOf(once).drawn).toHaveLength(50)
    fc.assert(
      fc.property(fc.array(fc.nat(3000), { maxLength: 9 }), (cuts) => {
        const often = fresh(50)
        const ends = [...cuts.sort((a, b) => a - b), 3000]
        for (const [i, to] of ends.entries()) offer(often, 0, events(ends[i - 1] ?? 0, to))
        expect(sampleOf(often)).toEqual(sampleOf(once))
      }),
    )
  })

  test('keeps the same rows when it is offered only those that it admits', () => {
    const [all, some] = [fresh(40), fresh(40)]
    for (let from = 0; from < 4000; from += 200) {
      const clock = from / 1500
      const of = (i: number) => (i % 50 === 0 ? 4 : 0)
      const batch = events(from, from + 200, of)
      const limit = admission(some, clock)
      const admitted = Array.from(batch.drawn.keys()).filter((i) => batch.drawn[i] - batch.importance[i] <= limit)
      const pick = (values: Float32Array) => Float32Array.from(admitted, (i) => values[i])
      offer(all, clock, batch)
      offer(some, clock, { drawn: pick(batch.drawn), importance: pick(batch.importance), rows: pick(batch.rows) })
      expect(sampleOf(some)).toEqual(sampleOf(all))
    }
    expect(sampleOf(all).drawn.length).toBeGreaterThan(20)
  })

  test('keeps the same rows whenever it was asked which, and of equals the first', () => {
    // Few numbers are drawn, so that many are equal.
    const number = fc.integer({ min: -12, max: 0 })
    const batch = fc.record({ numbers: fc.array(number, { maxLength: 30 }), isAsked: fc.boolean(), hours: fc.nat(2) })
    fc.assert(
      fc.property(fc.array(batch, { maxLength: 30 }), (batches) => {
        const [asked, always] = [fresh(20), fresh(20)]
        let [clock, taught] = [0, 0]
        for (const { numbers, isAsked, hours } of batches) {
          clock += hours / 4
          const sampled = {
            drawn: Float32Array.from(numbers),
            importance: new Float32Array(numbers.length),
            rows: Float32Array.from(numbers, () => taught++),
          }
          for (const reservoir of [asked, always]) offer(reservoir, clock, sampled)
          sampleOf(always)
          if (isAsked) sampleOf(asked)
        }
        expect(sampleOf(asked)).toEqual(sampleOf(always))
        expect(sampleOf(asked).drawn.length).toBeLessThanOrEqual(20)
      }),
    )
  })

  test('of rows that drew the same numbers keeps the first', () => {
    const reservoir = fresh(3)
    const row = (value: number, number: number) => ({
      drawn: Float32Array.of(number),
      importance: Float32Array.of(0),
      rows: Float32Array.of(value),
    })
    const numbers = [-1, -2, -1, -1, -3]
    for (const [i, number] of numbers.entries()) offer(reservoir, 0, row(i, number))
    expect(offsetsOf(reservoir)).toEqual([0, 1, 4])
  })

  test('stands for all rows that it was offered, and for what they sum to, however few of them hold most of it', () => {
    // One row of two hundred is worth a thousand others: five sixths of the sum.
    const value = (i: number) => (i % 200 === 0 ? 1000 : 1)
    const n = 100_000
    const reservoir = fresh(2000)
    const mean = (1000 + 199) / 200
    offer(
      reservoir,
      0,
      events(0, n, (i) => importanceOf(value(i), mean)),
    )
    const weight = standingFor(reservoir, 0)
    expect(sum(weight) / n).toBeCloseTo(1, 1)
    const total = sum(offsetsOf(reservoir).map((i, at) => weight[at] * value(i)))
    expect(total / (n * mean)).toBeGreaterThan(0.95)
    expect(total / (n * mean)).toBeLessThan(1.05)
    const heavy = offsetsOf(reservoir).filter((i) => i % 200 === 0).length
    expect(heavy).toBeGreaterThan(400)
  })

  test('forgets: a row counts half after a half-life, and what is old is gone', () => {
    const reservoir = fresh(5000)
    const halfLife = 500
    for (let from = 0; from < 20_000; from += 100) offer(reservoir, from / halfLife, events(from, from + 100))
    const clock = 20_000 / halfLife
    const offsets = offsetsOf(reservoir)
    // 500 / ln 2 rows are as much as all that is remembered.
    expect(sum(standingFor(reservoir, clock)) / (500 / Math.LN2)).toBeCloseTo(1, 0)
    expect(offsets.length).toBeLessThan(1200)
    expect(offsets[0]).toBeGreaterThan(20_000 - 20 * halfLife)
  })

  test('has room for what a configuration needs, and never for more than a mebibyte', () => {
    expect(reservoirCapacity(16, 12)).toBe(4000)
    expect(reservoirCapacity(100, 2)).toBe(5000)
    expect(reservoirCapacity(1024, 256)).toBe(1008)
    expect(reservoirCapacity(2, 65_536)).toBe(3)
  })

  test('keeps values finite, and gives importance to what is far', () => {
    expect(kept(1e100, 0, 1e-100)).toBe(Math.fround(1e30))
    expect(kept(-1e100, 1e100, 1e-9)).toBe(-Math.fround(1e30))
    expect(importanceOf(0, 5)).toBe(0)
    expect(importanceOf(15, 5)).toBe(2)
    expect(importanceOf(Number.POSITIVE_INFINITY, 5)).toBe(64)
    for (const mean of [0, Number.POSITIVE_INFINITY]) expect(importanceOf(7, mean)).toBe(1)
  })
})
