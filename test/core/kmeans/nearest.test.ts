import fc from 'fast-check'
import { expect, test } from 'vitest'
import { blockedNearest, inertia, nearest, plainNearest, squaredDistancesTo } from '../../../src/core/kmeans/nearest.ts'
import { Random } from '../../../src/core/kmeans/random.ts'

/** The definition: the plain double loop. */
function plain(rows: Float64Array, n: number, d: number, centroids: Float64Array, k: number, scale: Float64Array) {
  const labels = new Int32Array(n)
  const distances = new Float64Array(n).fill(Infinity)
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < k; j++) {
      let sum = 0
      for (let f = 0; f < d; f++) sum += ((rows[i * d + f] - centroids[j * d + f]) * scale[f]) ** 2
      if (sum < distances[i]) {
        distances[i] = sum
        labels[i] = j
      }
    }
  }
  return { labels, distances }
}

function run(rows: Float64Array, n: number, d: number, centroids: Float64Array, k: number, scale: Float64Array) {
  const labels = new Int32Array(n).fill(-7)
  const distances = new Float64Array(n).fill(NaN)
  nearest(rows, n, d, centroids, k, scale, labels, distances)
  for (const loop of [blockedNearest, plainNearest]) {
    const other = { labels: new Int32Array(n).fill(-7), distances: new Float64Array(n).fill(NaN) }
    loop(rows, n, d, centroids, k, scale, other.labels, other.distances)
    expect(other).toEqual({ labels, distances })
  }
  return { labels, distances }
}

const problem = fc
  .record({
    n: fc.integer({ min: 1, max: 41 }),
    d: fc.integer({ min: 1, max: 7 }),
    k: fc.integer({ min: 1, max: 19 }),
    seed: fc.integer(),
    // A coarse grid makes ties; a fine one does not.
    grid: fc.constantFrom(1, 4, 2 ** 30),
    // Where f32 has no digits left for what tells the centroids apart, and where it has no numbers at all.
    origin: fc.constantFrom(0, 1e6, -1e15),
    size: fc.constantFrom(1, 1e-30, 1e-300, 1e14, 1e20, 1e150),
    // One value of so many spreads, or two centroids in one place.
    outlier: fc.constantFrom(0, 1e5, 1e300),
    twin: fc.boolean(),
  })
  .map(({ n, d, k, seed, grid, origin, size, outlier, twin }) => {
    const random = new Random(seed)
    const value = () => origin + (size * Math.round(random.gaussian() * grid)) / grid
    const rows = Float64Array.from({ length: n * d }, value)
    if (outlier !== 0) rows[random.below(n * d)] = outlier
    const centroids = Float64Array.from({ length: k * d }, value)
    if (twin) centroids.copyWithin((k - 1) * d, 0, d)
    const scale = Float64Array.from({ length: d }, () => random.below(3) / 2)
    return { n, d, k, rows, centroids, scale }
  })

test('the loops of every machine equal the plain one bit for bit, ties, ragged blocks and hostile numbers included', () => {
  fc.assert(
    fc.property(problem, ({ n, d, k, rows, centroids, scale }) => {
      expect(run(rows, n, d, centroids, k, scale)).toEqual(plain(rows, n, d, centroids, k, scale))
    }),
    { numRuns: 2000 },
  )
})

test('a batch beyond the working memory of the vector unit is dealt with in parts', () => {
  const [n, d, k] = [9_001, 64, 12]
  const random = new Random(5)
  const gaussians = (length: number) => Float64Array.from({ length }, () => random.gaussian())
  const [rows, centroids, scale] = [gaussians(n * d), gaussians(k * d), new Float64Array(d).fill(0.7)]
  expect(run(rows, n, d, centroids, k, scale)).toEqual(plain(rows, n, d, centroids, k, scale))
})

test('nothing is nearer to a centroid than the centroid itself', () => {
  fc.assert(
    fc.property(problem, ({ d, k, centroids, scale }) => {
      const { distances } = run(centroids, k, d, centroids, k, scale)
      expect(distances).toEqual(new Float64Array(k))
    }),
  )
})

test('a tie goes to the lower id, in every lane', () => {
  for (let k = 1; k <= 9; k++) {
    for (let first = 0; first < k; first++) {
      const centroids = new Float64Array(k).fill(5)
      centroids.fill(1, first)
      const { labels } = run(Float64Array.of(0, 1, 2), 3, 1, centroids, k, Float64Array.of(1))
      expect([...labels]).toEqual([first, first, first])
    }
  }
})

test('no finite input makes NaN, and an overflow is infinitely far', () => {
  const anything = fc.double({ noNaN: true, noDefaultInfinity: true })
  const inputs = fc.tuple(
    fc.array(anything, { minLength: 6, maxLength: 6 }),
    fc.array(anything, { minLength: 10, maxLength: 10 }),
    fc.array(fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }), { minLength: 2, maxLength: 2 }),
  )
  fc.assert(
    fc.property(inputs, ([rows, centroids, scale]) => {
      const found = run(Float64Array.from(rows), 3, 2, Float64Array.from(centroids), 5, Float64Array.from(scale))
      expect([...found.distances].some(Number.isNaN)).toBe(false)
      expect([...found.labels].every((label) => label >= 0 && label < 5)).toBe(true)
    }),
  )
})

test('no rows is no work', () => {
  expect(run(new Float64Array(0), 0, 2, Float64Array.of(1, 2), 1, Float64Array.of(1, 1)).labels.length).toBe(0)
})

test('the distances to one point are those of nearest to that point alone, and inertia is their sum', () => {
  fc.assert(
    fc.property(problem, ({ n, d, k, rows, centroids, scale }) => {
      const at = (k - 1) * d
      const distances = new Float64Array(n)
      squaredDistancesTo(rows, n, d, centroids, at, scale, distances)
      expect(distances).toEqual(run(rows, n, d, centroids.subarray(at), 1, scale).distances)
      expect(inertia(distances, n)).toBe(distances.reduce((sum, value) => sum + value, 0))
    }),
  )
})
