/** scikit-learn's answers (test/golden/make_clustering.py says how they were made) against ours. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { adjustedRand } from '../../../src/core/kmeans/adjusted-rand.ts'
import { kmeans } from '../../../src/core/kmeans/kmeans.ts'
import { lloyd } from '../../../src/core/kmeans/lloyd.ts'
import { inertia, nearest } from '../../../src/core/kmeans/nearest.ts'
import { Random } from '../../../src/core/kmeans/random.ts'
import { seedCentroids } from '../../../src/core/kmeans/seeding.ts'
import { accumulate, emptyStatistics, mergeAll } from '../../../src/core/model/statistics.ts'
import { averagePrecision, rocAuc } from '../../../src/core/score/ranking.ts'

interface Golden {
  readonly sets: Readonly<Record<string, { n: number; d: number; k: number; rows: number[] }>>
  readonly assignment: readonly { set: string; centroids: number[]; labels: number[]; inertia: number }[]
  readonly lloyd: readonly {
    set: string
    start: number[]
    tolerance: number
    centroids: number[]
    labels: number[]
    inertia: number
    iterations: number
  }[]
  readonly birth: readonly { set: string; inertia: number }[]
  readonly seeding: readonly { set: string; runs: number; meanPotential: number; standardDeviation: number }[]
  readonly minibatch: readonly { set: string; batch: number; start: number[]; centroids: number[]; counts: number[] }[]
  readonly scaler: readonly { set: string; batch: number; mean: number[]; variance: number[] }[]
  readonly ranking: readonly { scores: number[]; positive: number[]; auc: number; averagePrecision: number }[]
  readonly adjustedRand: readonly { a: number[]; b: number[]; value: number }[]
}

const golden: Golden = JSON.parse(readFileSync(new URL('../../golden/clustering.json', import.meta.url), 'utf8'))

function load(name: string) {
  const { n, d, k, rows } = golden.sets[name]
  return { n, d, k, rows: Float64Array.from(rows), unscaled: new Float64Array(d).fill(1) }
}

function expectClose(actual: Iterable<number>, expected: readonly number[], relative = 1e-9): void {
  const values = [...actual]
  expect(values.length).toBe(expected.length)
  expected.forEach((value, i) => {
    expect(Math.abs(values[i] - value), `at ${i}`).toBeLessThanOrEqual(relative * Math.max(1, Math.abs(value)))
  })
}

test.each(golden.assignment)('assignment and inertia equal scikit-learn: $set', (vector) => {
  const { n, d, k, rows, unscaled } = load(vector.set)
  const labels = new Int32Array(n)
  const distances = new Float64Array(n)
  nearest(rows, n, d, Float64Array.from(vector.centroids), k, unscaled, labels, distances)
  expect([...labels]).toEqual(vector.labels)
  expectClose([inertia(distances, n)], [vector.inertia])
})

test.each(golden.lloyd)('Lloyd ends where KMeans ends from the same start: $set, tolerance $tolerance', (vector) => {
  const { n, d, k, rows, unscaled } = load(vector.set)
  const found = lloyd(rows, n, d, Float64Array.from(vector.start), k, unscaled, { tolerance: vector.tolerance })
  expectClose(found.centroids, vector.centroids)
  expect([...found.labels]).toEqual(vector.labels)
  expectClose([found.inertia], [vector.inertia])
  expect(found.iterations).toBe(vector.iterations)
})

test.each(golden.birth)('a birth comes within 2 % of the inertia of KMeans(n_init=10): $set', (vector) => {
  const { n, d, k, rows, unscaled } = load(vector.set)
  const found = kmeans(rows, n, d, k, unscaled, new Random(1))
  expect(found.inertia / vector.inertia).toBeLessThan(1.02)
})

test.each(golden.seeding)('greedy k-means++ starts as low as scikit-learn: $set', (vector) => {
  const { n, d, k, rows, unscaled } = load(vector.set)
  const labels = new Int32Array(n)
  const distances = new Float64Array(n)
  let sum = 0
  for (let seed = 0; seed < vector.runs; seed++) {
    nearest(rows, n, d, seedCentroids(rows, n, d, k, unscaled, new Random(seed)), k, unscaled, labels, distances)
    sum += inertia(distances, n)
  }
  // Both means are of as many runs: four standard errors of their difference.
  const allowed = 4 * vector.standardDeviation * Math.sqrt(2 / vector.runs)
  expect(Math.abs(sum / vector.runs - vector.meanPotential)).toBeLessThan(allowed)
})

test.each(golden.minibatch)('merging batch after batch is MiniBatchKMeans.partial_fit: $set', (vector) => {
  const { n, d, k, rows, unscaled } = load(vector.set)
  const model = emptyStatistics(k, d)
  model.mean.set(vector.start)
  const batch = emptyStatistics(k, d)
  const labels = new Int32Array(vector.batch)
  const distances = new Float64Array(vector.batch)
  for (let at = 0; at < n; at += vector.batch) {
    const size = Math.min(vector.batch, n - at)
    const part = rows.subarray(at * d, (at + size) * d)
    nearest(part, size, d, model.mean, k, unscaled, labels, distances)
    accumulate(part, size, labels, model.mean, batch)
    mergeAll(model, batch)
  }
  expectClose(model.mean, vector.centroids)
  expectClose(model.weight, vector.counts)
})

test.each(golden.scaler)('merged mean and variance are StandardScaler.partial_fit: $set', (vector) => {
  const { n, d, rows } = load(vector.set)
  const model = emptyStatistics(1, d)
  const batch = emptyStatistics(1, d)
  for (let at = 0; at < n; at += vector.batch) {
    const size = Math.min(vector.batch, n - at)
    const part = rows.subarray(at * d, (at + size) * d)
    accumulate(part, size, new Int32Array(size), part, batch)
    mergeAll(model, batch)
  }
  expectClose(model.mean, vector.mean)
  expectClose(
    model.m2.map((value) => value / n),
    vector.variance,
  )
})

test.each(golden.ranking)('ROC-AUC and average precision equal scikit-learn among ties: AUC $auc', (vector) => {
  const scores = Float64Array.from(vector.scores)
  const positive = Uint8Array.from(vector.positive)
  expect(rocAuc(scores, positive)).toBeCloseTo(vector.auc, 12)
  expect(averagePrecision(scores, positive)).toBeCloseTo(vector.averagePrecision, 12)
})

test.each(golden.adjustedRand)('adjusted Rand equals scikit-learn: $value', ({ a, b, value }) => {
  expect(adjustedRand(Int32Array.from(a), Int32Array.from(b))).toBeCloseTo(value, 12)
})
