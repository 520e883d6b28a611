/**
 * Folding in any grouping, held against exact arithmetic, however badly the rows are conditioned: integers far from 0 with
 * tiny spreads, whose sums BigInt has to the last digit.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  accumulate,
  type ColumnStatistics,
  decay,
  emptyStatistics,
  mergeAll,
} from '../../../src/core/model/statistics.ts'

const epsilon = 2 ** -53

/** One column of integers: `offset` plus deviations up to `spread`. */
const column = fc
  .record({
    offset: fc.oneof(fc.constantFrom(0, 1, -(2 ** 20), 2 ** 40, 2 ** 52 - 2 ** 20), fc.integer()),
    spread: fc.constantFrom(0, 1, 8, 1000, 2 ** 20),
    unit: fc.constantFrom(1, 2 ** -200, 2 ** 200),
  })
  .chain(({ offset, spread, unit }) =>
    fc.record({
      values: fc.array(fc.integer({ min: -spread, max: spread }), { minLength: 1, maxLength: 120 }),
      offset: fc.constant(offset),
      unit: fc.constant(unit),
    }),
  )
  .map(({ values, offset, unit }) => ({ integers: values.map((value) => value + offset), unit }))
type Column = typeof column extends fc.Arbitrary<infer T> ? T : never

/** Where one batch ends and the next begins. */
const cuts = fc.array(fc.nat(120), { maxLength: 40 })

function statisticsOf(values: readonly number[], pivot = 0): ColumnStatistics {
  const statistics = emptyStatistics(1, 1)
  accumulate(
    Float64Array.from(values),
    values.length,
    new Int32Array(values.length),
    Float64Array.of(pivot),
    statistics,
  )
  return statistics
}

/** The rows in batches that end at the cuts, each about the mean of those before it, merged one after another. */
function grouped({ integers, unit }: Column, points: readonly number[]): ColumnStatistics {
  const values = integers.map((integer) => integer * unit)
  const bounds = [0, ...points.map((p) => Math.min(p, values.length)).sort((a, b) => a - b), values.length]
  const merged = emptyStatistics(1, 1)
  for (let i = 1; i < bounds.length; i++) {
    mergeAll(merged, statisticsOf(values.slice(bounds[i - 1], bounds[i]), merged.mean[0]))
  }
  return merged
}

/** Mean and M2 as exact as a double can be: (n·Σx² − (Σx)²)/n of integers. */
function exactly({ integers, unit }: Column): { readonly mean: number; readonly m2: number } {
  const n = BigInt(integers.length)
  const sum = integers.reduce((total, x) => total + BigInt(x), 0n)
  const squares = integers.reduce((total, x) => total + BigInt(x) ** 2n, 0n)
  return { mean: quotient(sum, n) * unit, m2: quotient(n * squares - sum * sum, n) * unit * unit }
}

/** Rounded twice at most. */
function quotient(a: bigint, n: bigint): number {
  const whole = a / n
  return Number(whole) + Number(a - whole * n) / Number(n)
}

const largestOf = ({ integers, unit }: Column) => Math.max(...integers.map(Math.abs)) * unit

describe('folded in any grouping', () => {
  test('rows have their exact count, their mean within 1e-9 of the largest of them, and their M2 within 1e-9 of it', () => {
    fc.assert(
      fc.property(column, cuts, (rows, points) => {
        const { weight, mean, m2 } = grouped(rows, points)
        const exact = exactly(rows)
        const largest = largestOf(rows)
        const n = rows.integers.length
        expect(weight[0]).toBe(n)
        expect(Math.abs(mean[0] - exact.mean)).toBeLessThanOrEqual(1e-9 * largest)
        // No merge of means is more exact than the means: e each, which M2 has n times squared and twice times itself.
        const e = 4 * epsilon * largest
        const unavoidable = n * e * e + 4 * e * Math.sqrt(n * exact.m2)
        expect(Math.abs(m2[0] - exact.m2)).toBeLessThanOrEqual(1e-9 * exact.m2 + unavoidable)
      }),
      { numRuns: 2000 },
    )
  })

  test('rows whose spread is a millionth of their offset or more have M2 within 1e-9, relative', () => {
    const fair = column.filter((rows) => {
      const { m2 } = exactly(rows)
      return Math.sqrt(m2 / rows.integers.length) >= 1e-6 * largestOf(rows) && m2 > 0
    })
    fc.assert(
      fc.property(fair, cuts, (rows, points) => {
        const exact = exactly(rows).m2
        expect(Math.abs(grouped(rows, points).m2[0] / exact - 1)).toBeLessThanOrEqual(1e-9)
      }),
      { numRuns: 2000 },
    )
  })
})

test('what was merged can be taken apart again: of the rest the mass is exact, and mean and M2 within rounding', () => {
  fc.assert(
    fc.property(column, fc.nat(120), (rows, at) => {
      const values = rows.integers.map((integer) => integer * rows.unit)
      const [part, rest] = [statisticsOf(values.slice(0, at)), statisticsOf(values.slice(at))]
      const merged = emptyStatistics(1, 1)
      mergeAll(merged, part)
      mergeAll(merged, rest)
      const mass = merged.weight[0] - part.weight[0]
      expect(mass).toBe(rest.weight[0])
      if (mass === 0 || part.weight[0] === 0) return
      const share = part.weight[0] / merged.weight[0]
      const mean = merged.mean[0] + (merged.mean[0] - part.mean[0]) * (part.weight[0] / mass)
      const m2 = merged.m2[0] - part.m2[0] - (mean - part.mean[0]) ** 2 * share * mass
      const e = 64 * epsilon * largestOf(rows) * (merged.weight[0] / mass)
      expect(Math.abs(mean - rest.mean[0])).toBeLessThanOrEqual(e)
      const unavoidable = merged.weight[0] * e * e + 4 * e * Math.sqrt(merged.weight[0] * merged.m2[0])
      expect(Math.abs(m2 - rest.m2[0])).toBeLessThanOrEqual(1e-9 * merged.m2[0] + unavoidable)
    }),
    { numRuns: 2000 },
  )
})

test('decay by half-lives a and b is decay by a + b, whatever lies in between is kept in proportion', () => {
  const halfLives = fc.double({ min: 0, max: 40, noNaN: true })
  fc.assert(
    fc.property(column, column, halfLives, halfLives, (first, second, a, b) => {
      const values = (rows: Column) => rows.integers.map((integer) => integer * rows.unit)
      const apart = statisticsOf(values(first))
      decay(apart, 2 ** -a)
      mergeAll(apart, statisticsOf(values(second)))
      decay(apart, 2 ** -b)
      const expected = first.integers.length * 2 ** -(a + b) + second.integers.length * 2 ** -b
      expect(Math.abs(apart.weight[0] / expected - 1)).toBeLessThanOrEqual(1e-14)
      const once = statisticsOf(values(first))
      decay(once, 2 ** -(a + b))
      const twice = statisticsOf(values(first))
      decay(twice, 2 ** -a)
      decay(twice, 2 ** -b)
      expect(Math.abs(twice.weight[0] / once.weight[0] - 1)).toBeLessThanOrEqual(1e-14)
      expect(Math.abs(twice.m2[0] - once.m2[0])).toBeLessThanOrEqual(1e-14 * once.m2[0])
      expect(twice.mean).toEqual(once.mean)
    }),
  )
})
