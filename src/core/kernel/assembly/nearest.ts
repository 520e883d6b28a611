/**
 * The nearest centroid of every row in two steps. First |c|²/2 − x·c in f32 for all centroids: the squared distance up to
 * what is the same for all of them, eight rows side by side against four centroids at a time, so that the least of a row's
 * scores, the one after it and which it was are each a lane of a vector. Then, in f64 and in the order in which the plain loop
 * sums, the distance of those that the rounding of the first step cannot tell from the least. So the labels and the distances
 * are the plain loop's, bit for bit.
 *
 * Rows and centroids are centred and scaled before they become f32, and the difference of two f64 from a third is exact up
 * to its own last bit, so a column far from the origin loses nothing.
 */

import { place, placeAnew, placedUpTo } from './memory'

/** Rows side by side in two vectors, and centroids that meet them at once. */
const block: i32 = 8
const tileSize: i32 = 4
/** Of a column of a block, or of the scores of a centroid, and of a column of a tile, in bytes. */
const blockBytes: usize = <usize>block * 4
const tileBytes: usize = <usize>tileSize * 4

/** Four ones: a vector that is written as a constant is put together anew wherever it is used. */
const onesAt = memory.data<i32>([1, 1, 1, 1], 16)

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
let doubtAt: usize = 0
let vectorsAt: usize = 0
let scoresAt: usize = 0
let leastsAt: usize = 0
let boundsAt: usize = 0
export let rowsAt: usize = 0
export let labelsAt: usize = 0
export let squaredAt: usize = 0

/** Lays the memory out for at most n rows (rounded up to whole blocks) and gives how many bytes it needs. */
export function arrange(n: i32, d: i32, k: i32): usize {
  const rows = <usize>roundedUp(n, block)
  const columns = <usize>d
  const padded = <usize>roundedUp(k, tileSize)
  placeAnew()
  scaleAt = place(columns * 8)
  centreAt = place(columns * 8)
  centroidsAt = place(<usize>k * columns * 8)
  tilesAt = place(padded * columns * 4)
  halvesAt = place(padded * 4)
  doubtAt = place(48)
  vectorsAt = place(columns * blockBytes)
  scoresAt = place(padded * blockBytes)
  leastsAt = place((padded / <usize>tileSize) * blockBytes)
  boundsAt = place(16)
  rowsAt = place(rows * columns * 8)
  labelsAt = place(rows * 4)
  squaredAt = place(rows * 8)
  return placedUpTo()
}

function roundedUp(count: i32, to: i32): i32 {
  return (count + to - 1) & ~(to - 1)
}

/**
 * Centres, scales and packs the centroids that stand at their address. False when they are too far apart for f32.
 */
export function pack(d: i32, k: i32): bool {
  for (let f = 0; f < d; f++) {
    let sum: f64 = 0
    for (let j = 0; j < k; j++) sum += load<f64>(centroidsAt + ((<usize>(j * d + f)) << 3))
    store<f64>(centreAt + ((<usize>f) << 3), sum / <f64>k)
  }
  let reachSquared: f64 = 0
  const padded = roundedUp(k, tileSize)
  for (let j = 0; j < padded; j++) {
    const tile = tilesAt + ((<usize>((j & ~(tileSize - 1)) * d + (j & (tileSize - 1)))) << 2)
    let squared: f64 = Infinity
    if (j < k) {
      squared = 0
      for (let f = 0; f < d; f++) {
        const at = (<usize>f) << 3
        const c =
          (load<f64>(centroidsAt + ((<usize>(j * d)) << 3) + at) - load<f64>(centreAt + at)) * load<f64>(scaleAt + at)
        store<f32>(tile + <usize>f * tileBytes, <f32>c)
        squared += c * c
      }
      // A comparison that is false for NaN, too.
      if (!(squared < largestSquared)) return false
      if (squared > reachSquared) reachSquared = squared
    } else {
      for (let f = 0; f < d; f++) store<f32>(tile + <usize>f * tileBytes, 0)
    }
    store<f32>(halvesAt + ((<usize>j) << 2), <f32>(squared / 2))
  }
  noteDoubt(d, reachSquared)
  return true
}

/**
 * What the first step, and the plain loop, may err by, twice, for a row by its length: the sum of a part that it always has, one per
 * length and one per squared length. Each of d + 8 roundings errs by at most the roundoff of the largest sum, which is half of
 * the greatest squared length of a centroid and the product of both lengths; far away the plain loop itself cannot tell which
 * centroid is nearer.
 */
function noteDoubt(d: i32, reachSquared: f64): void {
  const errors = 2.1 * <f64>(d + 8)
  const always = errors * (roundoff / 2 + finerRoundoff) * reachSquared + 1e-30
  const perLength = errors * (roundoff + 2 * finerRoundoff) * Math.sqrt(reachSquared)
  v128.store(doubtAt, f64x2.splat(always))
  v128.store(doubtAt, f64x2.splat(perLength), 16)
  v128.store(doubtAt, f64x2.splat(errors * finerRoundoff), 32)
}

/**
 * Labels and squared distances of the n rows at their address. The last block is filled up with its last row, again and again.
 */
export function assign(n: i32, d: i32, k: i32): void {
  const wide = (<usize>d) << 3
  const last = rowsAt + <usize>(n - 1) * wide
  const whole = roundedUp(n, block)
  for (let i = n; i < whole; i++) memory.copy(rowsAt + <usize>i * wide, last, wide)
  for (let i = 0; i < whole; i += block) assignBlock(i, d, k)
}

function assignBlock(i: i32, d: i32, k: i32): void {
  const squared = squaredAt + ((<usize>i) << 3)
  toVectors(i, d, vectorsAt, squared)
  toVectors(i + 4, d, vectorsAt + 16, squared + 32)
  if (!(areInReach(squared) && areInReach(squared + 32))) {
    for (let r = 0; r < block; r++) exactAll(i + r, d, k)
    return
  }
  scoreAll(d, k)
  chooseBlock(i, d, k)
  exactFour(i, d)
  exactFour(i + 4, d)
}

/**
 * Writes four rows centred and scaled as f32, column by column, and their squared lengths: in any order of the columns, for only
 * the doubt looks at them.
 */
function toVectors(i: i32, d: i32, vectors: usize, squared: usize): void {
  const wide = (<usize>d) << 3
  const pairs = wide & ~15
  const r0 = rowsAt + <usize>i * wide
  const r1 = r0 + wide
  const r2 = r1 + wide
  const r3 = r2 + wide
  let q0 = f64x2.splat(0)
  let q1 = q0
  let q2 = q0
  let q3 = q0
  let to = vectors
  for (let at: usize = 0; at < pairs; at += 16) {
    const centre = v128.load(centreAt + at)
    const scale = v128.load(scaleAt + at)
    const x0 = f64x2.mul(f64x2.sub(v128.load(r0 + at), centre), scale)
    const x1 = f64x2.mul(f64x2.sub(v128.load(r1 + at), centre), scale)
    const x2 = f64x2.mul(f64x2.sub(v128.load(r2 + at), centre), scale)
    const x3 = f64x2.mul(f64x2.sub(v128.load(r3 + at), centre), scale)
    const lower = i32x4.shuffle(f32x4.demote_f64x2_zero(x0), f32x4.demote_f64x2_zero(x1), 0, 4, 1, 5)
    const upper = i32x4.shuffle(f32x4.demote_f64x2_zero(x2), f32x4.demote_f64x2_zero(x3), 0, 4, 1, 5)
    v128.store(to, i64x2.shuffle(lower, upper, 0, 2))
    v128.store(to + blockBytes, i64x2.shuffle(lower, upper, 1, 3))
    to += 2 * blockBytes
    q0 = f64x2.add(q0, f64x2.mul(x0, x0))
    q1 = f64x2.add(q1, f64x2.mul(x1, x1))
    q2 = f64x2.add(q2, f64x2.mul(x2, x2))
    q3 = f64x2.add(q3, f64x2.mul(x3, x3))
  }
  if (pairs < wide) {
    q0 = lastColumn(r0 + pairs, pairs, to, q0)
    q1 = lastColumn(r1 + pairs, pairs, to + 4, q1)
    q2 = lastColumn(r2 + pairs, pairs, to + 8, q2)
    q3 = lastColumn(r3 + pairs, pairs, to + 12, q3)
  }
  v128.store(squared, f64x2.add(i64x2.shuffle(q0, q1, 0, 2), i64x2.shuffle(q0, q1, 1, 3)))
  v128.store(squared, f64x2.add(i64x2.shuffle(q2, q3, 0, 2), i64x2.shuffle(q2, q3, 1, 3)), 16)
}

/** The last of an odd number of columns, of one row; gives what the squares come to. */
function lastColumn(row: usize, at: usize, to: usize, squares: v128): v128 {
  const x = (load<f64>(row) - load<f64>(centreAt + at)) * load<f64>(scaleAt + at)
  store<f32>(to, <f32>x)
  return f64x2.add(squares, f64x2.replace_lane(f64x2.splat(0), 0, x * x))
}

/** Of four squared lengths; a comparison that is false for NaN, too. */
function areInReach(squared: usize): bool {
  const most = f64x2.splat(largestSquared)
  return i64x2.bitmask(v128.and(f64x2.lt(v128.load(squared), most), f64x2.lt(v128.load(squared, 16), most))) === 3
}

/** The scores of the rows of a block against all centroids, centroid by centroid, and the least of each tile. */
function scoreAll(d: i32, k: i32): void {
  const vectors = vectorsAt
  const end = vectors + <usize>d * blockBytes
  let tile = tilesAt
  let halves = halvesAt
  let to = scoresAt
  let leasts = leastsAt
  for (let j = 0; j < k; j += tileSize) {
    let a0 = v128.load32_splat(halves)
    let a1 = v128.load32_splat(halves, 4)
    let a2 = v128.load32_splat(halves, 8)
    let a3 = v128.load32_splat(halves, 12)
    let b0 = a0
    let b1 = a1
    let b2 = a2
    let b3 = a3
    for (let column = vectors; column < end; column += blockBytes) {
      const a = v128.load(column)
      const b = v128.load(column, 16)
      let c = v128.load32_splat(tile)
      a0 = f32x4.relaxed_nmadd(a, c, a0)
      b0 = f32x4.relaxed_nmadd(b, c, b0)
      c = v128.load32_splat(tile, 4)
      a1 = f32x4.relaxed_nmadd(a, c, a1)
      b1 = f32x4.relaxed_nmadd(b, c, b1)
      c = v128.load32_splat(tile, 8)
      a2 = f32x4.relaxed_nmadd(a, c, a2)
      b2 = f32x4.relaxed_nmadd(b, c, b2)
      c = v128.load32_splat(tile, 12)
      a3 = f32x4.relaxed_nmadd(a, c, a3)
      b3 = f32x4.relaxed_nmadd(b, c, b3)
      tile += tileBytes
    }
    halves += tileBytes
    v128.store(to, a0)
    v128.store(to, b0, 16)
    v128.store(to, a1, 32)
    v128.store(to, b1, 48)
    v128.store(to, a2, 64)
    v128.store(to, b2, 80)
    v128.store(to, a3, 96)
    v128.store(to, b3, 112)
    to += <usize>tileSize * blockBytes
    v128.store(leasts, f32x4.pmin(f32x4.pmin(a0, a1), f32x4.pmin(a2, a3)))
    v128.store(leasts, f32x4.pmin(f32x4.pmin(b0, b1), f32x4.pmin(b2, b3)), 16)
    leasts += blockBytes
  }
}

/**
 * The labels of the rows of a block: of each row the tile with the least score, the least score of all other tiles, and in that
 * tile the centroid. Which one it is no processor can guess, so no branch asks; that no other comes near it, nearly always.
 */
function chooseBlock(i: i32, d: i32, k: i32): void {
  const tiles = roundedUp(k, tileSize) / tileSize
  const end = leastsAt + <usize>tiles * blockBytes
  let a = v128.load(leastsAt)
  let b = v128.load(leastsAt, 16)
  let nextA = f32x4.splat(Infinity)
  let nextB = nextA
  let tileA = i32x4.splat(0)
  let tileB = tileA
  const ones = v128.load(onesAt)
  let tile = ones
  for (let at = leastsAt + blockBytes; at < end; at += blockBytes) {
    const newA = v128.load(at)
    const newB = v128.load(at, 16)
    tileA = i32x4.relaxed_laneselect(tile, tileA, f32x4.lt(newA, a))
    tileB = i32x4.relaxed_laneselect(tile, tileB, f32x4.lt(newB, b))
    nextA = f32x4.pmin(nextA, f32x4.pmax(a, newA))
    nextB = f32x4.pmin(nextB, f32x4.pmax(b, newB))
    a = f32x4.pmin(a, newA)
    b = f32x4.pmin(b, newB)
    tile = i32x4.add(tile, ones)
  }
  chooseFour(i, d, k, scoresAt, a, nextA, tileA)
  chooseFour(i + 4, d, k, scoresAt + 16, b, nextB, tileB)
}

/**
 * The labels of four rows, whose scores stand from `scores` on: of each the only centroid in its tile with a score up to a bound,
 * or, when others may be as near, the nearest of them.
 */
function chooseFour(i: i32, d: i32, k: i32, scores: usize, least: v128, next: v128, tile: v128): void {
  const bound = f32x4.add(least, doubts(squaredAt + ((<usize>i) << 3)))
  const own = i32x4.mul(tile, i32x4.splat(tileSize * <i32>blockBytes))
  const r0 = scores + <usize>i32x4.extract_lane(own, 0)
  const r1 = scores + <usize>i32x4.extract_lane(own, 1) + 4
  const r2 = scores + <usize>i32x4.extract_lane(own, 2) + 8
  const r3 = scores + <usize>i32x4.extract_lane(own, 3) + 12
  const first = f32x4.le(gathered(r0, r1, r2, r3), bound)
  const second = f32x4.le(gathered(r0 + blockBytes, r1 + blockBytes, r2 + blockBytes, r3 + blockBytes), bound)
  const third = f32x4.le(
    gathered(r0 + 2 * blockBytes, r1 + 2 * blockBytes, r2 + 2 * blockBytes, r3 + 2 * blockBytes),
    bound,
  )
  const fourth = f32x4.le(
    gathered(r0 + 3 * blockBytes, r1 + 3 * blockBytes, r2 + 3 * blockBytes, r3 + 3 * blockBytes),
    bound,
  )
  const place = v128.or(
    v128.and(second, i32x4.splat(1)),
    v128.or(v128.and(third, i32x4.splat(2)), v128.and(fourth, i32x4.splat(3))),
  )
  const labels = labelsAt + ((<usize>i) << 2)
  v128.store(labels, i32x4.add(i32x4.mul(tile, i32x4.splat(tileSize)), place))
  // A comparison that holds is -1.
  const found = i32x4.add(i32x4.add(first, second), i32x4.add(third, fourth))
  let open = i32x4.bitmask(v128.or(f32x4.le(next, bound), i32x4.ne(found, i32x4.splat(-1))))
  if (open === 0) return
  v128.store(boundsAt, bound)
  while (open !== 0) {
    const r = ctz(open)
    open &= open - 1
    const at = (<usize>r) << 2
    store<i32>(labels + at, nearestOf(i + r, d, k, scores + at, load<f32>(boundsAt + at)))
  }
}

/** What stands at four addresses. */
function gathered(r0: usize, r1: usize, r2: usize, r3: usize): v128 {
  const two = v128.load_lane<f32>(r1, v128.load32_zero(r0), 1)
  return v128.load_lane<f32>(r3, v128.load_lane<f32>(r2, two, 2), 3)
}

/** What stands in `pack` of four rows of these squared lengths. */
function doubts(squared: usize): v128 {
  const first = f32x4.demote_f64x2_zero(doubtsOfTwo(v128.load(squared)))
  const second = f32x4.demote_f64x2_zero(doubtsOfTwo(v128.load(squared, 16)))
  return i64x2.shuffle(first, second, 0, 2)
}

function doubtsOfTwo(squared: v128): v128 {
  const always = f64x2.add(v128.load(doubtAt), f64x2.mul(squared, v128.load(doubtAt, 32)))
  return f64x2.add(always, f64x2.mul(f64x2.sqrt(squared), v128.load(doubtAt, 16)))
}

/** The nearest of the centroids whose scores, of one row, are up to `bound`. */
function nearestOf(i: i32, d: i32, k: i32, scores: usize, bound: f32): i32 {
  let label = -1
  let best: f64 = Infinity
  for (let j = 0; j < k; j++) {
    if (load<f32>(scores + <usize>j * blockBytes) > bound) continue
    const squared = exact(i, d, j)
    if (label >= 0 && !(squared < best)) continue
    label = j
    best = squared
  }
  return label
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
  const pairs = wide & ~15
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
  for (let at: usize = 0; at < pairs; at += 16) {
    const s = v128.load(scaleAt + at)
    let t = squaresOf(r0 + at, c0 + at, s)
    a = a + f64x2.extract_lane(t, 0) + f64x2.extract_lane(t, 1)
    t = squaresOf(r1 + at, c1 + at, s)
    b = b + f64x2.extract_lane(t, 0) + f64x2.extract_lane(t, 1)
    t = squaresOf(r2 + at, c2 + at, s)
    c = c + f64x2.extract_lane(t, 0) + f64x2.extract_lane(t, 1)
    t = squaresOf(r3 + at, c3 + at, s)
    e = e + f64x2.extract_lane(t, 0) + f64x2.extract_lane(t, 1)
  }
  if (pairs < wide) {
    const s = v128.load64_zero(scaleAt + pairs)
    a += f64x2.extract_lane(squaresOf(r0 + pairs, c0 + pairs, s), 0)
    b += f64x2.extract_lane(squaresOf(r1 + pairs, c1 + pairs, s), 0)
    c += f64x2.extract_lane(squaresOf(r2 + pairs, c2 + pairs, s), 0)
    e += f64x2.extract_lane(squaresOf(r3 + pairs, c3 + pairs, s), 0)
  }
  const squared = squaredAt + ((<usize>i) << 3)
  store<f64>(squared, a)
  store<f64>(squared, b, 8)
  store<f64>(squared, c, 16)
  store<f64>(squared, e, 24)
}

/** Of two columns: the squared and scaled difference of what stands at these addresses. */
function squaresOf(row: usize, centroid: usize, scale: v128): v128 {
  const t = f64x2.mul(f64x2.sub(v128.load(row), v128.load(centroid)), scale)
  return f64x2.mul(t, t)
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
