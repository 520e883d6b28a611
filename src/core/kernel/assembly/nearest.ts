/**
 * The nearest centroid of every row in two steps. First |c|²/2 − x·c in f32 for all centroids: the squared distance up to
 * what is the same for all of them, eight centroids against four rows at a time. Then, in f64 and in the order in which the
 * plain loop sums, the distance of those that the rounding of the first step cannot tell from the least. So the labels and
 * the distances are the plain loop's, bit for bit.
 *
 * Rows and centroids are centred and scaled before they become f32, and the difference of two f64 from a third is exact up
 * to its own last bit, so a column far from the origin loses nothing.
 */

import { place, placeAnew, placedUpTo } from './memory'

/** Centroids side by side in a tile, and rows that meet a tile at once. */
const lanes: i32 = 8
const block: i32 = 4

/** Centroids whose scores are compared at once: a bit for each. */
const mostAtOnce: usize = 64

/** Half of the distance between 1 and the next f32: a rounding errs by at most so much of its result. */
const roundoff: f64 = 1.0 / 16777216.0
/** The same of f64. */
const finerRoundoff: f64 = 1.0 / 9007199254740992.0

/** Beyond it squares come near the end of f32. */
const largestSquared: f64 = 1e30

/** Addresses of the working memory, in bytes; `arrange` sets them. */
export let scaleAt: usize = 0
let centreAt: usize = 0
export let centroidsAt: usize = 0
let tilesAt: usize = 0
let halvesAt: usize = 0
let vectorsAt: usize = 0
let scoresAt: usize = 0
export let rowsAt: usize = 0
export let labelsAt: usize = 0
export let squaredAt: usize = 0

/** Lays the memory out for at most n rows and gives how many bytes it needs. */
export function arrange(n: i32, d: i32, k: i32): usize {
  const rows = <usize>n
  const columns = <usize>d
  const padded = <usize>paddedTo(k)
  placeAnew()
  scaleAt = place(columns * 8)
  centreAt = place(columns * 8)
  centroidsAt = place(<usize>k * columns * 8)
  tilesAt = place(padded * columns * 4)
  halvesAt = place(padded * 4)
  vectorsAt = place(<usize>block * columns * 4)
  scoresAt = place(<usize>block * padded * 4)
  rowsAt = place(rows * columns * 8)
  labelsAt = place(rows * 4)
  squaredAt = place(rows * 8)
  return placedUpTo()
}

function paddedTo(k: i32): i32 {
  return (k + lanes - 1) & ~(lanes - 1)
}

/** The greatest squared length of a centred and scaled centroid; half of it is the greatest that `halves` holds. */
let reachSquared: f64 = 0

/**
 * Centres, scales and packs the centroids that stand at their address. False when they are too far apart for f32.
 */
export function pack(d: i32, k: i32): bool {
  for (let f = 0; f < d; f++) {
    let sum: f64 = 0
    for (let j = 0; j < k; j++) sum += load<f64>(centroidsAt + ((<usize>(j * d + f)) << 3))
    store<f64>(centreAt + ((<usize>f) << 3), sum / <f64>k)
  }
  reachSquared = 0
  const padded = paddedTo(k)
  for (let j = 0; j < padded; j++) {
    const tile = tilesAt + ((<usize>((j & ~(lanes - 1)) * d + (j & (lanes - 1)))) << 2)
    let squared: f64 = Infinity
    if (j < k) {
      squared = 0
      for (let f = 0; f < d; f++) {
        const at = (<usize>f) << 3
        const c =
          (load<f64>(centroidsAt + ((<usize>(j * d)) << 3) + at) - load<f64>(centreAt + at)) * load<f64>(scaleAt + at)
        store<f32>(tile + <usize>(f * lanes * 4), <f32>c)
        squared += c * c
      }
      // A comparison that is false for NaN, too.
      if (!(squared < largestSquared)) return false
      if (squared > reachSquared) reachSquared = squared
    } else {
      for (let f = 0; f < d; f++) store<f32>(tile + <usize>(f * lanes * 4), 0)
    }
    store<f32>(halvesAt + ((<usize>j) << 2), <f32>(squared / 2))
  }
  return true
}

/** Labels and squared distances of the n rows at their address. */
export function assign(n: i32, d: i32, k: i32): void {
  let i = 0
  for (; i + block <= n; i += block) assignFour(i, d, k)
  for (; i < n; i++) exactAll(i, d, k)
}

/**
 * What the first step, and the plain loop, may err by, twice: for a row of this squared length. Each of d + 8 roundings errs
 * by at most the roundoff of the largest sum; far away the plain loop itself cannot tell which centroid is nearer.
 */
function doubt(squared: f64, d: i32): f32 {
  const product = Math.sqrt(squared * reachSquared)
  const farthest = squared + reachSquared + 2 * product
  const errors = roundoff * (reachSquared / 2 + product) + finerRoundoff * farthest
  return <f32>(2.1 * <f64>(d + 8) * errors + 1e-30)
}

function assignFour(i: i32, d: i32, k: i32): void {
  const wide = (<usize>d) << 2
  const x0 = vectorsAt
  const x1 = x0 + wide
  const x2 = x1 + wide
  const x3 = x2 + wide
  const n0 = toVector(i, d, x0)
  const n1 = toVector(i + 1, d, x1)
  const n2 = toVector(i + 2, d, x2)
  const n3 = toVector(i + 3, d, x3)
  if (!(n0 < largestSquared && n1 < largestSquared && n2 < largestSquared && n3 < largestSquared)) {
    for (let r = 0; r < block; r++) exactAll(i + r, d, k)
    return
  }
  const padded = paddedTo(k)
  const across = (<usize>padded) << 2
  const s0 = scoresAt
  const s1 = s0 + across
  const s2 = s1 + across
  const s3 = s2 + across
  let m0 = f32x4.splat(Infinity)
  let m1 = m0
  let m2 = m0
  let m3 = m0
  let tile = tilesAt
  for (let at: usize = 0; at < across; at += <usize>lanes * 4) {
    let a0 = v128.load(halvesAt + at)
    let b0 = v128.load(halvesAt + at, 16)
    let a1 = a0
    let a2 = a0
    let a3 = a0
    let b1 = b0
    let b2 = b0
    let b3 = b0
    for (let f: usize = 0; f < wide; f += 4) {
      const a = v128.load(tile)
      const b = v128.load(tile, 16)
      tile += <usize>lanes * 4
      let x = v128.load32_splat(x0 + f)
      a0 = f32x4.relaxed_nmadd(x, a, a0)
      b0 = f32x4.relaxed_nmadd(x, b, b0)
      x = v128.load32_splat(x1 + f)
      a1 = f32x4.relaxed_nmadd(x, a, a1)
      b1 = f32x4.relaxed_nmadd(x, b, b1)
      x = v128.load32_splat(x2 + f)
      a2 = f32x4.relaxed_nmadd(x, a, a2)
      b2 = f32x4.relaxed_nmadd(x, b, b2)
      x = v128.load32_splat(x3 + f)
      a3 = f32x4.relaxed_nmadd(x, a, a3)
      b3 = f32x4.relaxed_nmadd(x, b, b3)
    }
    v128.store(s0 + at, a0)
    v128.store(s0 + at, b0, 16)
    v128.store(s1 + at, a1)
    v128.store(s1 + at, b1, 16)
    v128.store(s2 + at, a2)
    v128.store(s2 + at, b2, 16)
    v128.store(s3 + at, a3)
    v128.store(s3 + at, b3, 16)
    m0 = f32x4.pmin(m0, f32x4.pmin(a0, b0))
    m1 = f32x4.pmin(m1, f32x4.pmin(a1, b1))
    m2 = f32x4.pmin(m2, f32x4.pmin(a2, b2))
    m3 = f32x4.pmin(m3, f32x4.pmin(a3, b3))
  }
  settle(i, d, s0, across, least(m0) + doubt(n0, d))
  settle(i + 1, d, s1, across, least(m1) + doubt(n1, d))
  settle(i + 2, d, s2, across, least(m2) + doubt(n2, d))
  settle(i + 3, d, s3, across, least(m3) + doubt(n3, d))
  exactFour(i, d)
}

/** Writes a row centred and scaled as f32; gives its squared length. */
function toVector(i: i32, d: i32, to: usize): f64 {
  const row = rowsAt + ((<usize>(i * d)) << 3)
  let squared: f64 = 0
  for (let f = 0; f < d; f++) {
    const at = (<usize>f) << 3
    const x = (load<f64>(row + at) - load<f64>(centreAt + at)) * load<f64>(scaleAt + at)
    store<f32>(to + ((<usize>f) << 2), <f32>x)
    squared += x * x
  }
  return squared
}

function least(values: v128): f32 {
  const pair = f32x4.pmin(values, i32x4.shuffle(values, values, 2, 3, 0, 1))
  return f32x4.extract_lane(f32x4.pmin(pair, i32x4.shuffle(pair, pair, 1, 0, 3, 2)), 0)
}

/** The label of a row: the only centroid with a score up to `bound`, or the nearest of several. */
function settle(i: i32, d: i32, scores: usize, across: usize, bound: f32): void {
  const limit = f32x4.splat(bound)
  if (across <= mostAtOnce * 4) {
    // Which centroid it is no processor can guess; that it is the only one, nearly always.
    let all: u64 = 0
    for (let at: usize = 0; at < across; at += 16) {
      all |= (<u64>i32x4.bitmask(f32x4.le(v128.load(scores + at), limit))) << (<u64>at >> 2)
    }
    if (popcnt(all) === 1) {
      store<i32>(labelsAt + ((<usize>i) << 2), <i32>ctz(all))
      return
    }
  }
  let label = -1
  let best: f64 = -1
  for (let at: usize = 0; at < across; at += 16) {
    let within = i32x4.bitmask(f32x4.le(v128.load(scores + at), limit))
    while (within !== 0) {
      const j = <i32>(at >> 2) + ctz(within)
      within &= within - 1
      if (label < 0) {
        label = j
        continue
      }
      if (best < 0) best = exact(i, d, label)
      const other = exact(i, d, j)
      if (other < best) {
        best = other
        label = j
      }
    }
  }
  store<i32>(labelsAt + ((<usize>i) << 2), label)
}

/** As the plain loop sums it. */
function exact(i: i32, d: i32, j: i32): f64 {
  const row = rowsAt + ((<usize>(i * d)) << 3)
  const centroid = centroidsAt + ((<usize>(j * d)) << 3)
  let sum: f64 = 0
  for (let f = 0; f < d; f++) {
    const at = (<usize>f) << 3
    const t = (load<f64>(row + at) - load<f64>(centroid + at)) * load<f64>(scaleAt + at)
    sum += t * t
  }
  return sum
}

/** The same for four rows that have their labels: four sums that do not wait for one another. */
function exactFour(i: i32, d: i32): void {
  const wide = (<usize>d) << 3
  const r0 = rowsAt + <usize>i * wide
  const r1 = r0 + wide
  const r2 = r1 + wide
  const r3 = r2 + wide
  const labels = labelsAt + ((<usize>i) << 2)
  const c0 = centroidsAt + <usize>load<i32>(labels) * wide
  const c1 = centroidsAt + <usize>load<i32>(labels, 4) * wide
  const c2 = centroidsAt + <usize>load<i32>(labels, 8) * wide
  const c3 = centroidsAt + <usize>load<i32>(labels, 12) * wide
  let a: f64 = 0
  let b: f64 = 0
  let c: f64 = 0
  let e: f64 = 0
  for (let at: usize = 0; at < wide; at += 8) {
    const s = load<f64>(scaleAt + at)
    const t0 = (load<f64>(r0 + at) - load<f64>(c0 + at)) * s
    const t1 = (load<f64>(r1 + at) - load<f64>(c1 + at)) * s
    const t2 = (load<f64>(r2 + at) - load<f64>(c2 + at)) * s
    const t3 = (load<f64>(r3 + at) - load<f64>(c3 + at)) * s
    a += t0 * t0
    b += t1 * t1
    c += t2 * t2
    e += t3 * t3
  }
  const squared = squaredAt + ((<usize>i) << 3)
  store<f64>(squared, a)
  store<f64>(squared, b, 8)
  store<f64>(squared, c, 16)
  store<f64>(squared, e, 24)
}

/** A row against all centroids, as the plain loop does it. */
function exactAll(i: i32, d: i32, k: i32): void {
  let label = 0
  let best: f64 = Infinity
  for (let j = 0; j < k; j++) {
    const squared = exact(i, d, j)
    if (squared < best) {
      best = squared
      label = j
    }
  }
  store<i32>(labelsAt + ((<usize>i) << 2), label)
  store<f64>(squaredAt + ((<usize>i) << 3), best)
}
