import fc from 'fast-check'
import { expect, test } from 'vitest'
import { kmeans } from '../../../src/core/kmeans/kmeans.ts'
import { lloyd } from '../../../src/core/kmeans/lloyd.ts'
import { inertia, nearest } from '../../../src/core/kmeans/nearest.ts'
import { Random } from '../../../src/core/kmeans/random.ts'
import { seedCentroids } from '../../../src/core/kmeans/seeding.ts'

const sample = fc
  .record({
    n: fc.integer({ min: 1, max: 40 }),
    d: fc.integer({ min: 1, max: 4 }),
    k: fc.integer({ min: 1, max: 12 }),
    seed: fc.integer(),
    // Coarse grids repeat rows, so k often exceeds the distinct ones.
    grid: fc.constantFrom(0.5, 1, 1000),
    size: fc.constantFrom(1, 1e-100, 1e99),
  })
  .map(({ n, d, k, seed, grid, size }) => {
    const random = new Random(seed)
    const rows = Float64Array.from({ length: n * d }, () => (size * Math.round(random.gaussian() * grid)) / grid)
    return { n, d, k, seed, rows, scale: new Float64Array(d).fill(1 / size) }
  })

function distinctRows(rows: Float64Array, n: number, d: number): number {
  return new Set(
    Array.from({ length: n }, (_, i) =>
      rows
        .subarray(i * d, i * d + d)
        .map((x) => x + 0)
        .join(),
    ),
  ).size
}

test('seeding picks rows, and no row twice while distinct ones are left', () => {
  fc.assert(
    fc.property(sample, ({ n, d, k, seed, rows, scale }) => {
      const centroids = seedCentroids(rows, n, d, k, scale, new Random(seed))
      expect(distinctRows(centroids, k, d)).toBe(Math.min(k, distinctRows(rows, n, d)))
      const distances = new Float64Array(k)
      nearest(centroids, k, d, rows, n, scale, new Int32Array(k), distances)
      expect(distances).toEqual(new Float64Array(k))
    }),
  )
})

test('seeding finds the other value even where the sum of squared distances is the least double there is', () => {
  const rows = Float64Array.of(0, 2.3e-162, 0, 0)
  for (let seed = 0; seed < 20; seed++) {
    const centroids = seedCentroids(rows, 4, 1, 2, Float64Array.of(1), new Random(seed))
    expect([...centroids].sort()).toEqual([0, 2.3e-162])
  }
})

test('k-means never yields NaN, accounts for every row and reports its own inertia, on every sample however degenerate', () => {
  fc.assert(
    fc.property(sample, ({ n, d, k, seed, rows, scale }) => {
      const found = kmeans(rows, n, d, k, scale, new Random(seed), { restarts: 2 })
      expect(found.centroids.length).toBe(k * d)
      expect(found.centroids.every(Number.isFinite)).toBe(true)
      expect(found.sizes.reduce((sum, size) => sum + size, 0)).toBe(n)
      const labels = new Int32Array(n)
      const distances = new Float64Array(n)
      nearest(rows, n, d, found.centroids, k, scale, labels, distances)
      expect(found.labels).toEqual(labels)
      expect(found.inertia).toBe(inertia(distances, n))
    }),
  )
})

test('with fewer distinct rows than k each value is a cluster, and the surplus holds no mass', () => {
  fc.assert(
    fc.property(sample, ({ n, d, k, seed, rows, scale }) => {
      const distinct = distinctRows(rows, n, d)
      fc.pre(distinct <= k)
      const found = kmeans(rows, n, d, k, scale, new Random(seed))
      expect(found.inertia).toBe(0)
      expect([...found.sizes].map((size) => size > 0)).toEqual(Array.from({ length: k }, (_, j) => j < distinct))
      expect(distinctRows(found.centroids, k, d)).toBe(distinct)
    }),
  )
})

test('rows that are all equal are one cluster of size n at that very row', () => {
  const rows = new Float64Array(300).fill(0.1)
  const found = kmeans(rows, 100, 3, 8, Float64Array.of(1, 2, 3), new Random(1))
  expect(found.centroids).toEqual(new Float64Array(24).fill(0.1))
  expect([...found.sizes]).toEqual([100, 0, 0, 0, 0, 0, 0, 0])
  expect(found.inertia).toBe(0)
})

test('one row is one cluster', () => {
  const found = kmeans(Float64Array.of(3, 4), 1, 2, 2, Float64Array.of(1, 1), new Random(1))
  expect([...found.centroids]).toEqual([3, 4, 3, 4])
  expect([...found.labels]).toEqual([0])
})

test('a constant column changes neither the labels nor the inertia', () => {
  const random = new Random(11)
  const one = Float64Array.from({ length: 60 }, () => random.gaussian())
  const two = Float64Array.from({ length: 120 }, (_, c) => (c % 2 === 0 ? one[c / 2] : 1e6))
  const alone = kmeans(one, 60, 1, 4, Float64Array.of(1), new Random(5))
  const beside = kmeans(two, 60, 2, 4, Float64Array.of(1, 1000), new Random(5))
  expect(beside.labels).toEqual(alone.labels)
  expect(beside.inertia).toBe(alone.inertia)
})

test('no rows, or no clusters, is refused by value', () => {
  expect(() => kmeans(new Float64Array(0), 0, 2, 3, Float64Array.of(1, 1), new Random(1))).toThrow('got 0 rows, k 3')
})

test('the same seed gives the same bits', () => {
  fc.assert(
    fc.property(sample, ({ n, d, k, seed, rows, scale }) => {
      const again = () => kmeans(rows, n, d, k, scale, new Random(seed), { restarts: 2 })
      expect(again()).toEqual(again())
    }),
  )
})

test('another Lloyd round never raises the inertia', () => {
  fc.assert(
    fc.property(sample, ({ n, d, k, seed, rows, scale }) => {
      const start = seedCentroids(rows, n, d, k, scale, new Random(seed))
      let previous = Infinity
      for (let rounds = 0; rounds < 6; rounds++) {
        const found = lloyd(rows, n, d, start, k, scale, { tolerance: 0, maxIterations: rounds })
        expect(found.inertia).toBeLessThanOrEqual(previous * (1 + 1e-12))
        previous = found.inertia
      }
    }),
  )
})

test('an empty cluster takes the farthest row that its cluster can spare', () => {
  const rows = Float64Array.of(0, 1, 2, 50)
  const found = lloyd(rows, 4, 1, Float64Array.of(1, 1000, 1000), 3, Float64Array.of(1))
  expect([...found.sizes]).toEqual([2, 1, 1])
  expect(found.labels[3]).toBe(1)
})

test('a cluster of one row is not robbed for an empty one', () => {
  const found = lloyd(Float64Array.of(0, 1, 2, 50), 4, 1, Float64Array.of(1, 60, 1000), 3, Float64Array.of(1))
  expect([...found.sizes]).toEqual([2, 1, 1])
  expect(found.labels[3]).toBe(1)
})

test('Lloyd leaves the centroids that it was given as they were', () => {
  const start = Float64Array.of(0, 10)
  lloyd(Float64Array.of(1, 2, 11), 3, 1, start, 2, Float64Array.of(1))
  expect([...start]).toEqual([0, 10])
})

test('more restarts never end at a greater inertia', () => {
  fc.assert(
    fc.property(sample, ({ n, d, k, seed, rows, scale }) => {
      const few = kmeans(rows, n, d, k, scale, new Random(seed), { restarts: 1 })
      const many = kmeans(rows, n, d, k, scale, new Random(seed), { restarts: 5 })
      expect(many.inertia).toBeLessThanOrEqual(few.inertia)
    }),
  )
})
