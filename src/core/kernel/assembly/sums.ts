/**
 * Count, mean and M2 of every cluster in one pass about its pivot, and of the clusters where that cancels in a second about
 * their mean (`model/statistics.ts`): two columns in a vector, the rows in their order, so that each cluster and column has the
 * sums of the plain loop, bit for bit.
 */

import { place, placeAnew, placedUpTo } from './memory'

/** No value counts for more than this. */
const largestMagnitude: f64 = 1e100
/** What is left of a difference has lost too many digits when it is less than this of it: 2^-10. */
const mostCancelled: f64 = 1.0 / 1024.0
/** Unless the pivot is as near to the mean as to this of it, 2^-30, squared: what is lost is then below its last digit. */
const nearPivot: f64 = 1.0 / 1073741824.0 / 1073741824.0

/** The same and its negative, twice each: a vector that is written as a constant is put together anew wherever it is used. */
const boundsAt = memory.data<f64>([1e100, 1e100, -1e100, -1e100], 16)

export let rowsAt: usize = 0
export let labelsAt: usize = 0
export let pivotsAt: usize = 0
export let weightAt: usize = 0
export let meanAt: usize = 0
export let m2At: usize = 0
let residueAt: usize = 0
let againAt: usize = 0

/** Lays the memory out for at most n rows and gives how many bytes it needs. */
export function arrange(n: i32, d: i32, k: i32): usize {
  const across = (<usize>d) << 3
  placeAnew()
  rowsAt = place(<usize>n * across)
  labelsAt = place((<usize>n) << 2)
  pivotsAt = place(<usize>k * across)
  weightAt = place((<usize>k) << 3)
  meanAt = place(<usize>k * across)
  m2At = place(<usize>k * across)
  residueAt = place(<usize>k * across)
  againAt = place((<usize>k) << 2)
  return placedUpTo()
}

/** The statistics of the n rows at their address. A row with a negative label is left out. */
export function sumUp(n: i32, d: i32, k: i32): void {
  const across = (<usize>d) << 3
  const values = <usize>k * across
  memory.fill(weightAt, 0, (<usize>k) << 3)
  memory.fill(meanAt, 0, values)
  memory.fill(m2At, 0, values)
  for (let at: usize = 0; at < values; at += 8) store<f64>(pivotsAt + at, bounded(load<f64>(pivotsAt + at)))
  addDifferences(n, across)
  let anyCancels = false
  for (let j = 0; j < k; j++) {
    const count = load<f64>(weightAt + ((<usize>j) << 3))
    const cancels = count > 0 && toMoments(<usize>j * across, across, count)
    store<i32>(againAt + ((<usize>j) << 2), <i32>cancels)
    anyCancels = anyCancels || cancels
  }
  if (!anyCancels) return
  memory.fill(residueAt, 0, values)
  addSquares(n, across)
  for (let j = 0; j < k; j++) {
    if (load<i32>(againAt + ((<usize>j) << 2)) === 0) continue
    correct(<usize>j * across, across, load<f64>(weightAt + ((<usize>j) << 3)))
  }
}

/** Of each cluster how many rows it has, and of each of its columns the sum of their differences from the pivot, and of their squares. */
function addDifferences(n: i32, across: usize): void {
  const pairs = across & ~15
  const most = v128.load(boundsAt)
  const least = v128.load(boundsAt, 16)
  let row = rowsAt
  for (let i = 0; i < n; i++, row += across) {
    const label = load<i32>(labelsAt + ((<usize>i) << 2))
    if (label < 0) continue
    const counted = weightAt + ((<usize>label) << 3)
    store<f64>(counted, load<f64>(counted) + 1)
    const cluster = <usize>label * across
    const pivot = pivotsAt + cluster
    const mean = meanAt + cluster
    const m2 = m2At + cluster
    for (let at: usize = 0; at < pairs; at += 16) {
      const difference = f64x2.sub(boundedPair(v128.load(row + at), most, least), v128.load(pivot + at))
      v128.store(mean + at, f64x2.add(v128.load(mean + at), difference))
      v128.store(m2 + at, f64x2.add(v128.load(m2 + at), f64x2.mul(difference, difference)))
    }
    if (pairs < across) {
      const difference = bounded(load<f64>(row + pairs)) - load<f64>(pivot + pairs)
      store<f64>(mean + pairs, load<f64>(mean + pairs) + difference)
      store<f64>(m2 + pairs, load<f64>(m2 + pairs) + difference * difference)
    }
  }
}

/** Makes mean and M2 of the sums of a cluster; gives whether what M2 is the difference of was so much more that it must be summed again. */
function toMoments(from: usize, across: usize, count: f64): bool {
  let cancels = false
  for (let at = from; at < from + across; at += 8) {
    const sum = load<f64>(meanAt + at)
    const squares = load<f64>(m2At + at)
    const mean = load<f64>(pivotsAt + at) + sum / count
    const m2 = squares - sum * (sum / count)
    store<f64>(meanAt + at, mean)
    store<f64>(m2At + at, Math.max(0, m2))
    if (m2 < squares * mostCancelled && squares > count * (mean * mean) * nearPivot) cancels = true
  }
  if (cancels) memory.fill(m2At + from, 0, across)
  return cancels
}

/** Sums of differences from the mean, which would be 0 but for rounding, and of their squares, of the clusters that want them. */
function addSquares(n: i32, across: usize): void {
  const pairs = across & ~15
  const most = v128.load(boundsAt)
  const least = v128.load(boundsAt, 16)
  let row = rowsAt
  for (let i = 0; i < n; i++, row += across) {
    const label = load<i32>(labelsAt + ((<usize>i) << 2))
    if (label < 0 || load<i32>(againAt + ((<usize>label) << 2)) === 0) continue
    const cluster = <usize>label * across
    const mean = meanAt + cluster
    const m2 = m2At + cluster
    const residue = residueAt + cluster
    for (let at: usize = 0; at < pairs; at += 16) {
      const difference = f64x2.sub(boundedPair(v128.load(row + at), most, least), v128.load(mean + at))
      v128.store(residue + at, f64x2.add(v128.load(residue + at), difference))
      v128.store(m2 + at, f64x2.add(v128.load(m2 + at), f64x2.mul(difference, difference)))
    }
    if (pairs < across) {
      const difference = bounded(load<f64>(row + pairs)) - load<f64>(mean + pairs)
      store<f64>(residue + pairs, load<f64>(residue + pairs) + difference)
      store<f64>(m2 + pairs, load<f64>(m2 + pairs) + difference * difference)
    }
  }
}

function correct(from: usize, across: usize, count: f64): void {
  for (let at = from; at < from + across; at += 8) {
    const residue = load<f64>(residueAt + at)
    const left = residue / count
    store<f64>(m2At + at, Math.max(0, load<f64>(m2At + at) - left * residue))
    store<f64>(meanAt + at, load<f64>(meanAt + at) + left)
  }
}

function bounded(value: f64): f64 {
  return Math.max(-largestMagnitude, Math.min(largestMagnitude, value))
}

/** The same of two; what is no number stays none. */
function boundedPair(values: v128, most: v128, least: v128): v128 {
  return f64x2.pmax(f64x2.pmin(values, most), least)
}
