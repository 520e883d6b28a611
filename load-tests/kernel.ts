/**
 * Events per second of the nearest-centroid kernel and of the mixture score, by the vector unit and without it, beside the
 * plain double loop in the same run, in turns, so that a busy machine slows all. About a minute; one core.
 *
 *     node load-tests/kernel.ts
 */

import { vectorSoften } from '../src/core/kernel/vector-mixture.ts'
import { blockedNearest, nearest } from '../src/core/kmeans/nearest.ts'
import { Random } from '../src/core/kmeans/random.ts'
import { emptyStatistics } from '../src/core/model/statistics.ts'
import { blockedSoften, freezeMixture } from '../src/core/score/mixture.ts'
import { medianOf } from './theil-sen.ts'

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

function summary(values: readonly number[], digits: number): string {
  const show = (value: number) => value.toLocaleString('en', { maximumFractionDigits: digits })
  return `${show(medianOf(values))} (${show(Math.min(...values))} to ${show(Math.max(...values))})`
}

function measure(d: number, k: number): void {
  const random = new Random(1)
  const gaussians = (length: number) => Float64Array.from({ length }, () => random.gaussian())
  const rows = gaussians(batch * d)
  const centroids = gaussians(k * d)
  const inverseScale = new Float64Array(d).fill(0.9)
  const places = { ...emptyStatistics(k, d), weight: new Float64Array(k).fill(batch / k), mean: centroids }
  places.m2.fill(batch / k)
  const mixture = freezeMixture(places, new Float64Array(d), inverseScale)
  const work = () => ({ labels: new Int32Array(batch), values: new Float64Array(batch), sums: new Float64Array(batch) })
  const nearestBy = (kernel: Kernel) => {
    const out = work()
    return { out, run: () => kernel(rows, batch, d, centroids, k, inverseScale, out.labels, out.values) }
  }
  const softBy = (kernel: typeof blockedSoften | typeof vectorSoften) => {
    const out = work()
    return { out, run: () => void kernel(mixture, rows, batch, out.labels, out.values, out.sums) }
  }
  const contenders = {
    'nearest, vectors': nearestBy(nearest),
    'nearest, blocked': nearestBy(blockedNearest),
    'nearest, plain': nearestBy(plainLoop),
    'mixture, vectors': softBy(vectorSoften),
    'mixture, blocked': softBy(blockedSoften),
  }
  const rates = new Map<string, number[]>(Object.keys(contenders).map((name) => [name, []]))
  for (const { run } of Object.values(contenders)) eventsPerSecond(run, roundMs)
  for (let round = 0; round < rounds; round++) {
    for (const [name, { run }] of Object.entries(contenders)) rates.get(name)!.push(eventsPerSecond(run, roundMs))
  }
  mustAgree(contenders['nearest, vectors'].out, contenders['nearest, plain'].out)
  mustAgree(contenders['nearest, blocked'].out, contenders['nearest, plain'].out)
  mustAgree(contenders['mixture, vectors'].out, contenders['mixture, blocked'].out)
  console.log(`d ${d}, k ${k}: events a second, median (least to most) of ${rounds} rounds`)
  for (const [name, of] of rates) console.log(`  ${name}  ${summary(of, 0)}`)
  const ratio = (one: string, other: string) =>
    summary(
      rates.get(one)!.map((rate, i) => rate / rates.get(other)![i]),
      2,
    )
  console.log(`  nearest, vectors to plain    ${ratio('nearest, vectors', 'nearest, plain')}`)
  console.log(`  nearest, blocked to plain    ${ratio('nearest, blocked', 'nearest, plain')}`)
  console.log(`  mixture, vectors to blocked  ${ratio('mixture, vectors', 'mixture, blocked')}`)
}

function mustAgree(one: { labels: Int32Array; values: Float64Array }, other: typeof one): void {
  const differs = one.labels.some((label, i) => label !== other.labels[i] || one.values[i] !== other.values[i])
  if (differs) throw new Error('two loops disagree')
}

for (const { d, k } of shapes) measure(d, k)
