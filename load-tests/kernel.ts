/**
 * Events per second of the nearest-centroid kernel and of the mixture score, beside the plain double loop in the same run,
 * in turns, so that a busy machine slows all. About 30 seconds; one core.
 *
 *     node load-tests/kernel.ts
 */

import { nearest } from '../src/core/kmeans/nearest.ts'
import { Random } from '../src/core/kmeans/random.ts'
import { emptyStatistics } from '../src/core/model/statistics.ts'
import { freezeMixture, mixtureDistances } from '../src/core/score/mixture.ts'

const shapes = [
  { d: 8, k: 16 },
  { d: 16, k: 64 },
  { d: 64, k: 256 },
]
const batch = 1000
const rounds = 12
const roundMs = 250

type Kernel = typeof nearest

/** What nearest would be without blocking: the same sums in the same order. */
const plainLoop: Kernel = (rows, n, d, centroids, k, inverseScale, labels, squaredDistances) => {
  for (let i = 0; i < n; i++) {
    let best = Infinity
    let label = 0
    for (let j = 0; j < k; j++) {
      let sum = 0
      for (let f = 0; f < d; f++) {
        const t = (rows[i * d + f] - centroids[j * d + f]) * inverseScale[f]
        sum += t * t
      }
      if (sum < best) {
        best = sum
        label = j
      }
    }
    labels[i] = label
    squaredDistances[i] = best
  }
}

/** Events per second over at least `milliseconds` of whole batches. */
function eventsPerSecond(run: () => void, milliseconds: number): number {
  const start = performance.now()
  let batches = 0
  let elapsed = 0
  do {
    run()
    batches++
    elapsed = performance.now() - start
  } while (elapsed < milliseconds)
  return (batches * batch * 1000) / elapsed
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

function summary(values: readonly number[], digits: number): string {
  const show = (value: number) => value.toLocaleString('en', { maximumFractionDigits: digits })
  return `${show(median(values))} (${show(Math.min(...values))} to ${show(Math.max(...values))})`
}

function measure(d: number, k: number): void {
  const random = new Random(1)
  const gaussians = (length: number) => Float64Array.from({ length }, () => random.gaussian())
  const rows = gaussians(batch * d)
  const centroids = gaussians(k * d)
  const inverseScale = new Float64Array(d).fill(0.9)
  const results = { blocked: new Int32Array(batch), plain: new Int32Array(batch) }
  const squaredDistances = new Float64Array(batch)
  const blocked = () => nearest(rows, batch, d, centroids, k, inverseScale, results.blocked, squaredDistances)
  const plain = () => plainLoop(rows, batch, d, centroids, k, inverseScale, results.plain, squaredDistances)
  const places = { ...emptyStatistics(k, d), weight: new Float64Array(k).fill(batch / k), mean: centroids }
  places.m2.fill(batch / k)
  const mixture = freezeMixture(places, new Float64Array(d), inverseScale)
  const [labels, logDistances] = [new Int32Array(batch), new Float64Array(batch)]
  const mixed = () => mixtureDistances(mixture, rows, batch, labels, logDistances)
  for (const run of [blocked, plain, mixed]) eventsPerSecond(run, roundMs)

  const blockedRates: number[] = []
  const plainRates: number[] = []
  const mixedRates: number[] = []
  for (let round = 0; round < rounds; round++) {
    blockedRates.push(eventsPerSecond(blocked, roundMs))
    plainRates.push(eventsPerSecond(plain, roundMs))
    mixedRates.push(eventsPerSecond(mixed, roundMs))
  }
  if (results.blocked.some((label, i) => label !== results.plain[i])) throw new Error('The two loops disagree')
  console.log(`d ${d}, k ${k}: median (least to most) of ${rounds} rounds`)
  console.log(`  nearest      ${summary(blockedRates, 0)} events/s`)
  console.log(`  plain loop   ${summary(plainRates, 0)} events/s`)
  console.log(`  mixture      ${summary(mixedRates, 0)} events/s`)
  console.log(
    `  ratio        ${summary(
      blockedRates.map((rate, i) => rate / plainRates[i]),
      2,
    )}`,
  )
}

for (const { d, k } of shapes) measure(d, k)
