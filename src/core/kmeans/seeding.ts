import { squaredDistancesTo } from './nearest.ts'
import type { Random } from './random.ts'
import { finish, type Steps } from './steps.ts'

/**
 * Chooses k starting centroids among the rows by greedy k-means++ (Arthur & Vassilvitskii 2007): the first at random;
 * each further one the best of 2 + ⌊ln k⌋ rows drawn with probability proportional to the squared distance to the
 * centroids chosen so far. A row that stands for others is drawn, and counts, as so many rows.
 *
 * When the rows hold fewer than k distinct values (under the scale) each of them is chosen once, at the lowest ids,
 * and the surplus ids repeat centroid 0, where they can hold no row: ties go to the lower id.
 *
 * @param rows n×d, within ±1e100; n ≥ 1.
 * @param inverseScale d factors.
 * @param weight of each row, above 0; null: 1.
 * @returns k×d, in the rows' own units.
 */
export function* seedingSteps(
  rows: Float64Array,
  n: number,
  d: number,
  k: number,
  inverseScale: Float64Array,
  random: Random,
  weight: Float64Array | null = null,
): Steps<Float64Array> {
  const centroids = new Float64Array(k * d)
  const trials = 2 + Math.floor(Math.log(k))
  const candidate = new Float64Array(n)
  let closest = new Float64Array(n)
  let bestClosest = new Float64Array(n)

  const first = weight === null ? random.below(n) : drawRow(cumulate(weight), weight, random)
  centroids.set(rows.subarray(first * d, first * d + d))
  squaredDistancesTo(rows, n, d, rows, first * d, inverseScale, closest)
  multiply(closest, weight)

  for (let j = 1; j < k; j++) {
    const cumulative = cumulate(closest)
    if (!(cumulative[n - 1] > 0)) {
      for (let surplus = j; surplus < k; surplus++) centroids.copyWithin(surplus * d, 0, d)
      break
    }
    let bestPotential = Infinity
    for (let trial = 0; trial < trials; trial++) {
      const row = drawRow(cumulative, closest, random)
      squaredDistancesTo(rows, n, d, rows, row * d, inverseScale, candidate)
      multiply(candidate, weight)
      let potential = 0
      for (let i = 0; i < n; i++) {
        const distance = Math.min(candidate[i], closest[i])
        candidate[i] = distance
        potential += distance
      }
      if (trial > 0 && !(potential < bestPotential)) continue
      bestPotential = potential
      bestClosest.set(candidate)
      centroids.set(rows.subarray(row * d, row * d + d), j * d)
    }
    ;[closest, bestClosest] = [bestClosest, closest]
    yield
  }
  return centroids
}

/** `seedingSteps` at once. */
export function seedCentroids(...parameters: Parameters<typeof seedingSteps>): Float64Array {
  return finish(seedingSteps(...parameters))
}

function multiply(values: Float64Array, weight: Float64Array | null): void {
  if (weight !== null) for (let i = 0; i < values.length; i++) values[i] *= weight[i]
}

function cumulate(values: Float64Array): Float64Array {
  const sums = new Float64Array(values.length)
  let sum = 0
  for (let i = 0; i < values.length; i++) {
    sum += values[i]
    sums[i] = sum
  }
  return sums
}

/** A row drawn with probability proportional to its distance, by bisection; never one at distance 0. */
function drawRow(cumulative: Float64Array, distances: Float64Array, random: Random): number {
  const target = random.uniform() * cumulative[cumulative.length - 1]
  let low = 0
  let high = cumulative.length - 1
  while (low < high) {
    const middle = (low + high) >>> 1
    if (cumulative[middle] > target) high = middle
    else low = middle + 1
  }
  while (low > 0 && distances[low] === 0) low--
  return low
}
