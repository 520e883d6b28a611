import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Random } from '../../../src/core/kmeans/random.ts'
import {
  accumulate,
  type ColumnStatistics,
  decay,
  emptyStatistics,
  mergeAll,
  plainAccumulate,
} from '../../../src/core/model/statistics.ts'

const k = 3
const d = 2

interface Batch {
  readonly rows: Float64Array
  readonly labels: Int32Array
  readonly n: number
}

/** Rows around far-off places, so that a method that loses digits is caught losing them. */
const batch = fc
  .record({ n: fc.integer({ min: 1, max: 60 }), seed: fc.integer(), offset: fc.constantFrom(0, 1, -1e4, 1e6) })
  .map(({ n, seed, offset }): Batch => {
    const random = new Random(seed)
    const labels = Int32Array.from({ length: n }, () => random.below(k))
    const rows = Float64Array.from(
      { length: n * d },
      (_, c) => offset * (labels[Math.floor(c / d)] + 1) + random.gaussian(),
    )
    return { rows, labels, n }
  })

function statisticsOf({ rows, labels, n }: Batch, pivots: Float64Array = new Float64Array(k * d)): ColumnStatistics {
  const statistics = emptyStatistics(k, d)
  accumulate(rows, n, labels, pivots, statistics)
  return statistics
}

function slice({ rows, labels }: Batch, from: number, to: number): Batch {
  return { rows: rows.subarray(from * d, to * d), labels: labels.subarray(from, to), n: to - from }
}

function clone(statistics: ColumnStatistics): ColumnStatistics {
  const copy = emptyStatistics(statistics.k, statistics.d)
  mergeAll(copy, statistics)
  return copy
}

function expectClose(actual: ColumnStatistics, expected: ColumnStatistics): void {
  for (let j = 0; j < k; j++) {
    expect(Math.abs(actual.weight[j] - expected.weight[j])).toBeLessThanOrEqual(1e-9 * expected.weight[j])
    if (expected.weight[j] === 0) continue
    for (let c = j * d; c < (j + 1) * d; c++) {
      // A sum of squares carries the rounding of the means that were merged, e = ε·mean, once squared, n·e², and once
      // times their differences, e·√(n·M2): both below any spread that means something.
      const error = 1e-15 * Math.abs(expected.mean[c])
      const rounding = expected.weight[j] * error ** 2
      const cross = error * Math.sqrt(expected.weight[j] * expected.m2[c])
      expect(Math.abs(actual.mean[c] - expected.mean[c])).toBeLessThanOrEqual(
        1e-9 * Math.max(1, Math.abs(expected.mean[c])),
      )
      expect(Math.abs(actual.m2[c] - expected.m2[c])).toBeLessThanOrEqual(
        1e-9 * expected.m2[c] + 1e4 * rounding + 4 * cross,
      )
    }
  }
}

test('the statistics of a batch are the textbook count, mean and sum of squared differences', () => {
  const rows = Float64Array.of(1, 10, 3, 10, 5, 40)
  const found = statisticsOf({ rows, labels: Int32Array.of(1, 1, 2), n: 3 })
  expect([...found.weight]).toEqual([0, 2, 1])
  expect([...found.mean]).toEqual([0, 0, 2, 10, 5, 40])
  expect([...found.m2]).toEqual([0, 0, 2, 0, 0, 0])
})

test('a row with a negative label counts nowhere', () => {
  const rows = Float64Array.of(1, 10, 3, 10, 5, 40)
  const found = statisticsOf({ rows, labels: Int32Array.of(1, -1, -1), n: 3 })
  expect([...found.weight]).toEqual([0, 1, 0])
  expect([...found.mean]).toEqual([0, 0, 1, 10, 0, 0])
})

test('any grouping of the rows into batches, merged, agrees within 1e-9', () => {
  const cuts = fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 6 })
  fc.assert(
    fc.property(batch, cuts, (rows, points) => {
      const bounds = [0, ...points.map((p) => Math.min(p, rows.n)).sort((a, b) => a - b), rows.n]
      const merged = emptyStatistics(k, d)
      for (let i = 1; i < bounds.length; i++) mergeAll(merged, statisticsOf(slice(rows, bounds[i - 1], bounds[i])))
      expectClose(merged, statisticsOf(rows))
    }),
  )
})

test('merging is associative within 1e-9: a tree of merges equals a chain of them', () => {
  fc.assert(
    fc.property(fc.array(batch, { minLength: 4, maxLength: 4 }), (batches) => {
      const [a, b, c, e] = batches.map((rows) => statisticsOf(rows)) as [
        ColumnStatistics,
        ColumnStatistics,
        ColumnStatistics,
        ColumnStatistics,
      ]
      const chain = clone(a)
      for (const next of [b, c, e]) mergeAll(chain, next)
      const left = clone(a)
      mergeAll(left, b)
      const right = clone(c)
      mergeAll(right, e)
      mergeAll(left, right)
      expectClose(left, chain)
    }),
  )
})

test('the same batches in the same order give the same bits', () => {
  fc.assert(
    fc.property(fc.array(batch, { minLength: 1, maxLength: 4 }), (batches) => {
      const fold = () => {
        const into = emptyStatistics(k, d)
        for (const rows of batches) {
          decay(into, 0.9)
          mergeAll(into, statisticsOf(rows))
        }
        return into
      }
      expect(fold()).toEqual(fold())
    }),
  )
})

test('where the pivot lies changes the statistics by no more than rounding', () => {
  fc.assert(
    fc.property(batch, fc.double({ min: -1e7, max: 1e7, noNaN: true }), (rows, pivot) => {
      expectClose(statisticsOf(rows, new Float64Array(k * d).fill(pivot)), statisticsOf(rows, statisticsOf(rows).mean))
    }),
  )
})

test('a tight cluster a million spreads from its pivot keeps its spread to nine digits', () => {
  const random = new Random(3)
  const near = Float64Array.from({ length: 400 }, () => Math.round(random.gaussian() * 1024) / 1024)
  const labels = new Int32Array(200)
  const expected = statisticsOf({ rows: near, labels, n: 200 }).m2[0]
  const far = statisticsOf({ rows: near.map((x) => x + 2 ** 20), labels, n: 200 }).m2[0]
  expect(Math.abs(far / expected - 1)).toBeLessThan(1e-9)
})

test('equal rows beside their pivot have no spread, and their mean is what they are to its last digits', () => {
  for (const apart of [0, 1e-12, 1e-9, 1e-3, 1, 1e6]) {
    const rows = new Float64Array(200).fill(0.1)
    const { mean, m2 } = statisticsOf(
      { rows, labels: new Int32Array(100), n: 100 },
      new Float64Array(k * d).fill(0.1 + apart),
    )
    expect(Math.abs(mean[0] / 0.1 - 1)).toBeLessThan(1e-14)
    expect(Math.sqrt(m2[0] / 100)).toBeLessThan(1e-15)
  }
})

test('decay composes: by a and then by b is by a·b, and the means do not move', () => {
  const factor = fc.double({ min: 0.01, max: 1, noNaN: true })
  fc.assert(
    fc.property(batch, factor, factor, (rows, a, b) => {
      const twice = statisticsOf(rows)
      decay(twice, a)
      decay(twice, b)
      const once = statisticsOf(rows)
      decay(once, a * b)
      expect(twice.mean).toEqual(once.mean)
      for (let j = 0; j < k; j++) expect(twice.weight[j]).toBeCloseTo(once.weight[j], 12)
      for (let c = 0; c < k * d; c++) {
        expect(Math.abs(twice.m2[c] - once.m2[c])).toBeLessThanOrEqual(1e-12 * once.m2[c])
      }
    }),
  )
})

test('merging nothing changes nothing, and merging into nothing is a copy, bit for bit', () => {
  fc.assert(
    fc.property(batch, (rows) => {
      const full = statisticsOf({ ...rows, labels: rows.labels.map((label) => Math.min(label, 1)) })
      const before = structuredClone(full)
      mergeAll(full, emptyStatistics(k, d))
      expect(full).toEqual(before)
      const copied = emptyStatistics(k, d)
      mergeAll(copied, full)
      expect(copied).toEqual(full)
    }),
  )
})

test('no finite rows make NaN or infinity, through batches, decay and merges', () => {
  const anything = fc.double({ noNaN: true, noDefaultInfinity: true })
  const row = fc.tuple(fc.integer({ min: 0, max: k - 1 }), anything, anything)
  const steps = fc.array(fc.tuple(fc.array(row, { maxLength: 8 }), fc.constantFrom(0, 1e-300, 0.5, 1)), {
    maxLength: 5,
  })
  const pivots = fc.array(anything, { minLength: k * d, maxLength: k * d })
  fc.assert(
    fc.property(steps, pivots, (batches, pivot) => {
      const total = emptyStatistics(k, d)
      for (const [rows, factor] of batches) {
        decay(total, factor)
        const flat = Float64Array.from(rows.flatMap(([, x, y]) => [x, y]))
        const labels = Int32Array.from(rows.map(([label]) => label))
        mergeAll(total, statisticsOf({ rows: flat, labels, n: rows.length }, Float64Array.from(pivot)))
      }
      for (const values of [total.weight, total.mean, total.m2]) expect(values.every(Number.isFinite)).toBe(true)
      expect(total.m2.every((value) => value >= 0)).toBe(true)
    }),
    { numRuns: 1000 },
  )
})

test('a cluster heavier than 2^53 still takes a batch without losing its mean', () => {
  const total = statisticsOf({ rows: Float64Array.of(1, 2), labels: Int32Array.of(0), n: 1 })
  total.weight[0] = 2 ** 60
  mergeAll(total, statisticsOf({ rows: Float64Array.of(9, 9), labels: Int32Array.of(0), n: 1 }))
  expect(total.weight[0]).toBe(2 ** 60)
  expect(total.mean[0]).toBeCloseTo(1, 12)
})

/** Rows and pivots of any size and shape, ragged ones and rows that are left out among them. */
const hostile = fc
  .record({
    n: fc.integer({ min: 1, max: 50 }),
    columns: fc.integer({ min: 1, max: 9 }),
    clusters: fc.integer({ min: 1, max: 7 }),
    seed: fc.integer(),
    origin: fc.constantFrom(0, -0, 1e6, -1e15, 1e99),
    // Also rows whose difference from their pivot is next to nothing.
    size: fc.constantFrom(0, 1, 1e-7, 1e-300, 1e14, 1e150, 1e308),
    offset: fc.constantFrom(0, 1e-10, 1e-8, 1),
  })
  .map(({ n, columns, clusters, seed, origin, size, offset }) => {
    const random = new Random(seed)
    const values = (length: number, of: number = origin) =>
      Float64Array.from({ length }, () => of + size * random.gaussian())
    const labels = Int32Array.from({ length: n }, () => random.below(clusters + 1) - 1)
    return {
      n,
      columns,
      clusters,
      labels,
      rows: values(n * columns),
      pivots: values(clusters * columns, origin * (1 + offset)),
    }
  })

test('the sums of every machine equal those of the plain loop bit for bit', () => {
  fc.assert(
    fc.property(hostile, ({ n, columns, clusters, labels, rows, pivots }) => {
      const [all, plainly] = [emptyStatistics(clusters, columns), emptyStatistics(clusters, columns)]
      accumulate(rows, n, labels, pivots, all)
      plainAccumulate(rows, n, labels, pivots, plainly)
      expect(all).toEqual(plainly)
    }),
    { numRuns: 2000 },
  )
})
