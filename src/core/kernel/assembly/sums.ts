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
/** Unless the centre is as near to the mean as to this of it, 2^-30, squared: what is lost is then below its last digit. */
const nearCentre: f64 = 1.0 / 1073741824.0 / 1073741824.0

/** The same and its negative, twice each: a vector that is written as a constant is put together anew wherever it is used. */
const boundsAt = memory.data<f64>([1e100, 1e100, -1e100, -1e100], 16)

export let rowsAt: usize = 0
export let labelsAt: usize = 0
export let centresAt: usize = 0
export let weightAt: usize = 0
export let meanAt: usize = 0
export let m2At: usize = 0
let cancelsAt: usize = 0

/** Lays the memory out for at most n rows and gives how many bytes it needs. */
export function arrange(n: i32, d: i32, k: i32): usize {
  const across = (<usize>d) << 3
  placeAnew()
  rowsAt = place(<usize>n * across)
  labelsAt = place((<usize>n) << 2)
  centresAt = place(<usize>k * across)
  weightAt = place((<usize>k) << 3)
  meanAt = place(<usize>k * across)
  m2At = place(<usize>k * across)
  cancelsAt = place(<usize>k)
  return placedUpTo()
}

/** The statistics of the n rows at their address. A row with a negative label is left out. */
export function sumUp(n: i32, d: i32, k: i32): void {
  const across = (<usize>d) << 3
  const values = <usize>k * across
  memory.fill(weightAt, 0, (<usize>k) << 3)
  memory.fill(meanAt, 0, values)
  memory.fill(m2At, 0, values)
  for (let at: usize = 0; at < values; at += 8) store<f64>(centresAt + at, bounded(load<f64>(centresAt + at)))
  sumAbout(n, across)
  let anyCancels = false
  for (let j: usize = 0; j < <usize>k; j++) {
    const cancels = toMoments(j, across)
    store<u8>(cancelsAt + j, <u8>cancels)
    if (!cancels) continue
    beginAbout(j, across)
    anyCancels = true
  }
  if (!anyCancels) return
  keepCancelling(n)
  sumAbout(n, across)
  for (let j: usize = 0; j < <usize>k; j++) if (load<u8>(cancelsAt + j) !== 0) toMoments(j, across)
}

/** Of each cluster how many rows it has, and by column the sums of their differences from its centre (in `mean`) and of their squares. */
function sumAbout(n: i32, across: usize): void {
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
    const centre = centresAt + cluster
    const mean = meanAt + cluster
    const m2 = m2At + cluster
    for (let at: usize = 0; at < pairs; at += 16) {
      const difference = f64x2.sub(boundedPair(v128.load(row + at), most, least), v128.load(centre + at))
      v128.store(mean + at, f64x2.add(v128.load(mean + at), difference))
      v128.store(m2 + at, f64x2.add(v128.load(m2 + at), f64x2.mul(difference, difference)))
    }
    if (pairs < across) {
      const difference = bounded(load<f64>(row + pairs)) - load<f64>(centre + pairs)
      store<f64>(mean + pairs, load<f64>(mean + pairs) + difference)
      store<f64>(m2 + pairs, load<f64>(m2 + pairs) + difference * difference)
    }
  }
}

/** Makes mean and M2 of the sums of a cluster about its centre; gives whether M2 of any column has lost too many digits. */
function toMoments(j: usize, across: usize): bool {
  const count = load<f64>(weightAt + (j << 3))
  if (count === 0) return false
  const from = j * across
  let cancels = false
  for (let at = from; at < from + across; at += 8) {
    const sum = load<f64>(meanAt + at)
    const squares = load<f64>(m2At + at)
    const perRow = sum / count
    const mean = load<f64>(centresAt + at) + perRow
    const m2 = squares - sum * perRow
    store<f64>(meanAt + at, mean)
    store<f64>(m2At + at, Math.max(0, m2))
    if (m2 < squares * mostCancelled && squares > count * (mean * mean) * nearCentre) cancels = true
  }
  return cancels
}

/** Lets a cluster be summed once more, about its mean. */
function beginAbout(j: usize, across: usize): void {
  const from = j * across
  memory.copy(centresAt + from, meanAt + from, across)
  store<f64>(weightAt + (j << 3), 0)
  memory.fill(meanAt + from, 0, across)
  memory.fill(m2At + from, 0, across)
}

/** Leaves out the rows of all other clusters. */
function keepCancelling(n: i32): void {
  for (let at = labelsAt; at < labelsAt + ((<usize>n) << 2); at += 4) {
    const label = load<i32>(at)
    if (label >= 0 && load<u8>(cancelsAt + <usize>label) === 0) store<i32>(at, -1)
  }
}

function bounded(value: f64): f64 {
  return Math.max(-largestMagnitude, Math.min(largestMagnitude, value))
}

/** The same of two; what is no number stays none. */
function boundedPair(values: v128, most: v128, least: v128): v128 {
  return f64x2.pmax(f64x2.pmin(values, most), least)
}
