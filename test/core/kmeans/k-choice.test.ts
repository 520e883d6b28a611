/** How many clusters a sample has. */
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { autoRange, chooseKSteps, type KChoice } from '../../../src/core/kmeans/k-choice.ts'
import { criteriaOf } from '../../../src/core/kmeans/k-criteria.ts'
import { Random } from '../../../src/core/kmeans/random.ts'
import { finish } from '../../../src/core/kmeans/steps.ts'

interface CriteriaCase {
  readonly name: string
  readonly d: number
  readonly k: number
  readonly rows: number[]
  readonly centroids: number[]
  readonly labels: number[]
  readonly silhouette: number
  readonly daviesBouldin: number
  readonly calinskiHarabasz: number
  readonly bic: number
}

const golden = JSON.parse(readFileSync(new URL('../../golden/k-criteria.json', import.meta.url), 'utf8')) as {
  readonly cases: readonly CriteriaCase[]
}

function squares(rows: ArrayLike<number>, n: number, d: number, centreOf: (i: number, f: number) => number): number {
  let sum = 0
  for (let i = 0; i < n; i++) for (let f = 0; f < d; f++) sum += (rows[i * d + f] - centreOf(i, f)) ** 2
  return sum
}

describe('what is said of a clustering', () => {
  test.each(golden.cases)('is what scikit-learn and numpy say: $name', (given) => {
    const { d, k, labels } = given
    const rows = Float64Array.from(given.rows)
    const centroids = Float64Array.from(given.centroids)
    const n = labels.length
    const sizes = Float64Array.from({ length: k }, (_, j) => labels.filter((label) => label === j).length)
    const means = Array.from({ length: d }, (_, f) => labels.reduce((sum, _, i) => sum + rows[i * d + f], 0) / n)
    const inertia = squares(rows, n, d, (i, f) => centroids[labels[i] * d + f])
    const total = squares(rows, n, d, (_, f) => means[f])
    const found = { centroids, labels: Int32Array.from(labels), sizes, inertia, iterations: 1 }
    const criteria = criteriaOf(rows, n, d, found, total)
    for (const name of ['silhouette', 'daviesBouldin', 'calinskiHarabasz', 'bic'] as const) {
      expect(Math.abs(criteria[name] / given[name] - 1)).toBeLessThan(1e-6)
    }
    expect(criteria.smallest).toBe(Math.min(...sizes))
  })
})

function chosen(rows: Float64Array, d: number, range: { from?: number; to?: number; seed?: number } = {}): KChoice {
  const options = { ...autoRange(range.seed ?? 1), ...range }
  return finish(chooseKSteps(rows, rows.length / d, d, new Float64Array(d).fill(1), options))
}

function drawn(n: number, seed: number, row: (random: Random) => readonly number[]): Float64Array {
  const random = new Random(seed)
  return Float64Array.from(Array.from({ length: n }, () => row(random)).flat())
}

/** Rows around `k` of the points of a grid of width 4. */
const grid = (k: number, n: number, apart: number, seed = 1) =>
  drawn(n, seed, (random) => {
    const j = random.below(k)
    return [apart * (j % 4) + random.gaussian(), apart * Math.floor(j / 4) + random.gaussian()]
  })

describe('a recommendation', () => {
  test.each([2, 3, 5, 8, 12])('is the number of clusters that stand apart: %d', (k) => {
    expect(chosen(grid(k, 1200, 8), 2, { to: 16 })).toMatchObject({ k, found: true })
  })

  test('is the same in any unit, about any origin, and of columns that say nothing beside', () => {
    const rows = grid(6, 900, 9)
    const moved = rows.map((x, at) => (at % 2 === 0 ? 1e6 + 1000 * x : 1000 * x))
    expect(chosen(moved, 2, { to: 10 }).k).toBe(6)
    const random = new Random(5)
    const wider = Float64Array.from({ length: 1350 * 2 }, (_, at) =>
      at % 3 === 2 ? 0.5 * random.gaussian() : rows[Math.floor(at / 3) * 2 + (at % 3)],
    )
    expect(chosen(wider, 3, { to: 10 }).k).toBe(6)
  })

  test('says why, in one sentence with its figures', () => {
    const { reason } = chosen(grid(5, 1000, 9), 2, { to: 8 })
    expect(reason).toMatch(
      /^5 clusters: of 2 to 8 their silhouette, 0\.\d\d, is the best .*at 4.*at 6.*one blob.*adjusted Rand index (1\.00|0\.9\d)\)$/,
    )
  })

  const structureless: readonly [string, Float64Array, number][] = [
    ['one blob', drawn(1500, 1, (r) => [r.gaussian(), r.gaussian()]), 2],
    ['one blob in eight columns', drawn(1000, 2, (r) => Array.from({ length: 8 }, () => r.gaussian())), 8],
    ['a uniform square', drawn(1500, 3, (r) => [r.uniform(), r.uniform()]), 2],
    [
      'a line through eight columns',
      drawn(1000, 4, (r) => {
        const t = 10 * r.uniform()
        return Array.from({ length: 8 }, (_, f) => t * (f + 1) + 0.3 * r.gaussian())
      }),
      8,
    ],
    ['a blob with a few rows far away', drawn(1500, 5, (r) => [r.gaussian() / r.gaussian(), r.gaussian()]), 2],
  ]

  test.each(structureless)('of what has no clusters is the default, and says so: %s', (_, rows, d) => {
    const choice = chosen(rows, d, { to: 20 })
    expect(choice).toMatchObject({ k: 16, found: false })
    expect(choice.reason).toMatch(/^no number of clusters stands out .*: 16 is the default$/)
  })

  test('is the same for the same rows and seed, to the last figure', () => {
    const rows = grid(4, 400, 5)
    expect(chosen(rows, 2, { to: 6, seed: 7 })).toEqual(chosen(rows, 2, { to: 6, seed: 7 }))
  })

  test('lets other work through: it comes in many steps', () => {
    const rows = grid(4, 400, 5)
    const steps = chooseKSteps(rows, 400, 2, Float64Array.of(1, 1), { ...autoRange(1), to: 6 })
    let count = 0
    while (steps.next().done !== true) count++
    expect(count).toBeGreaterThan(100)
  })
})

describe('numbers that must not happen: what is tried is finite for', () => {
  const samples: readonly [string, Float64Array, number][] = [
    ['one row', Float64Array.of(1, 2), 2],
    ['39 rows', grid(3, 39, 5), 2],
    ['rows that are all equal', new Float64Array(400).fill(3), 2],
    ['three distinct rows', drawn(200, 1, (r) => [r.below(3), 7]), 2],
    ['1e100 and −1e100', drawn(200, 1, (r) => [r.below(2) === 0 ? 1e100 : -1e100, r.gaussian()]), 2],
    ['the smallest numbers', drawn(200, 1, (r) => [5e-324 * r.below(3), 5e-324]), 2],
    ['one row far away', Float64Array.of(1e100, 1e100, ...grid(3, 200, 6)), 2],
  ]

  const expectFinite = ({ k, tried, reason }: KChoice) => {
    const numbers = tried.flatMap(({ k: of, inertia, silhouette, blobSilhouette, stability, ...rest }) => [
      ...[of, inertia, silhouette, blobSilhouette, stability],
      ...[rest.daviesBouldin, rest.calinskiHarabasz, rest.bic, rest.smallest],
    ])
    expect(numbers.filter((x) => !Number.isFinite(x))).toEqual([])
    expect(tried.every(({ silhouette, stability }) => Math.abs(silhouette) <= 1 && stability <= 1 + 1e-9)).toBe(true)
    expect(k >= 2 && reason.length > 0).toBe(true)
  }

  test.each(samples)('%s', (_, rows, d) => {
    expectFinite(chosen(rows, d, { to: 6 }))
  })

  test('any rows', () => {
    const value = fc.oneof(
      fc.constantFrom(0, 1, -1, 1e100, -1e100, 5e-324),
      fc.double({ min: -9, max: 9, noNaN: true }),
    )
    fc.assert(
      fc.property(fc.array(fc.tuple(value, value), { minLength: 1, maxLength: 90 }), (rows) => {
        expectFinite(chosen(Float64Array.from(rows.flat()), 2, { to: 4 }))
      }),
      { numRuns: 50 },
    )
  })

  test('too few rows to try any: the default', () => {
    expect(chosen(grid(3, 39, 5), 2)).toMatchObject({ k: 16, found: false, tried: [] })
  })
})
