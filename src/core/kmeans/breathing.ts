/**
 * Improving clusters that are already there: breathing k-means (Fritzke 2020). Breathe in: add m centroids where rows are
 * far from all there are, and let them settle. Breathe out: take away the m that are missed least, and let the rest
 * settle. That finds merges of what lies close together with splits of what lies wide, many at a time, and a centroid
 * that holds nothing is the first to go. While the inertia falls it goes on; when it does not, with half as many.
 */
import { nearest, squaredDistancesTo } from './nearest.ts'
import type { Random } from './random.ts'
import type { Steps } from './steps.ts'
import { findTwoNearest, findWithout, twoNearest } from './two-nearest.ts'
import { type Settled, settleSteps, type WeightedRows, weightedInertia } from './weighted-lloyd.ts'

const deepestBreath = 8
const mostBreaths = 24
/** Less of a gain than this share of the inertia is none. */
const leastGain = 2e-3
const iterationsIn = 2
const iterationsOut = 6

/** Centroids (k × d) that hold the rows better than `start`, or that themselves, settled. */
export function* breathingSteps(data: WeightedRows, start: Float64Array, k: number, random: Random): Steps<Settled> {
  let best = yield* settleSteps(data, start, k, iterationsOut)
  let depth = Math.min(deepestBreath, k >> 1)
  for (let breath = 0; breath < mostBreaths && depth >= 1; breath++) {
    const wide = yield* settleSteps(data, inhaled(data, best.centroids, k, depth, random), k + depth, iterationsIn)
    const narrow = yield* exhaleSteps(data, wide.centroids, k + depth, depth)
    const found = yield* settleSteps(data, narrow, k, iterationsOut)
    if (found.inertia < best.inertia * (1 - leastGain)) best = found
    else depth >>= 1
  }
  return best
}

/** The centroids and `depth` more: rows drawn one after another in proportion to the inertia that they cause. */
function inhaled(data: WeightedRows, centroids: Float64Array, k: number, depth: number, random: Random): Float64Array {
  const { rows, n, d, weight, inverseScale } = data
  const wide = new Float64Array((k + depth) * d)
  wide.set(centroids.subarray(0, k * d))
  const closest = new Float64Array(n)
  const toAdded = new Float64Array(n)
  nearest(rows, n, d, centroids, k, inverseScale, new Int32Array(n), closest)
  for (let j = k; j < k + depth; j++) {
    const row = drawnRow(weight, closest, random)
    wide.set(rows.subarray(row * d, row * d + d), j * d)
    squaredDistancesTo(rows, n, d, rows, row * d, inverseScale, toAdded)
    for (let i = 0; i < n; i++) closest[i] = Math.min(closest[i], toAdded[i])
  }
  return wide
}

/** A row drawn in proportion to weight times squared distance. */
function drawnRow(weight: Float64Array, squared: Float64Array, random: Random): number {
  let target = random.uniform() * weightedInertia(weight, squared)
  let row = 0
  while (row < weight.length - 1 && target >= weight[row] * squared[row]) target -= weight[row] * squared[row++]
  return row
}

/** All but `depth` of the centroids: again and again the one goes whose rows have the least farther to the next. */
function* exhaleSteps(data: WeightedRows, centroids: Float64Array, k: number, depth: number): Steps<Float64Array> {
  const { rows, n, d, weight, inverseScale } = data
  const left = centroids.slice()
  const near = twoNearest(n)
  findTwoNearest(rows, n, d, left, k, inverseScale, near)
  for (let count = k; count > k - depth; count--) {
    const missed = new Float64Array(count)
    for (let i = 0; i < n; i++) missed[near.first[i]] += weight[i] * (near.secondSquared[i] - near.firstSquared[i])
    let least = 0
    for (let j = 1; j < count; j++) if (missed[j] < missed[least]) least = j
    left.copyWithin(least * d, (least + 1) * d, count * d)
    if (count - 1 > k - depth) findWithout(least, rows, n, d, left, count - 1, inverseScale, near)
    yield
  }
  return left.slice(0, (k - depth) * d)
}
