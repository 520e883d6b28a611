/**
 * The soft minimum of the L1 distances of every row to all places (`score/mixture.ts`), in f64: two places in a vector,
 * four against four rows at a time. Each place has its own sum over the columns in ascending order, and the exponentials
 * are summed by place modulo four, so the bits are those of the plain loop. The logarithms are left to the caller.
 */

import { place, placeAnew, placedUpTo } from './memory'

/** Places side by side in a tile, and rows that meet a tile at once. */
const lanes: i32 = 4
const block: i32 = 4

/** The table of exp(−x): `score/decaying-exp.ts`. */
const entries: i32 = 1280

/**
 * What the exponential is computed with, twice each: read from memory, because a vector that is written as a constant is put
 * together anew wherever it is used, in three instructions.
 */
const constantsAt = memory.data<f64>(
  [
    40.0,
    40.0,
    39.984375,
    39.984375,
    32.0,
    32.0,
    0.03125,
    0.03125,
    1.0,
    1.0,
    1.0 / 2.0,
    1.0 / 2.0,
    1.0 / 6.0,
    1.0 / 6.0,
    1.0 / 24.0,
    1.0 / 24.0,
    1.0 / 120.0,
    1.0 / 120.0,
    1.0 / 720.0,
    1.0 / 720.0,
  ],
  16,
)
/** Their places: where it ends, in the middle of the last entry, entries per unit and the reverse, and 1/n!. */
const end: usize = 0
const lastEntry: usize = 1
const perUnit: usize = 2
const unit: usize = 3
const one: usize = 4
const second: usize = 5
const third: usize = 6
const fourth: usize = 7
const fifth: usize = 8
const sixth: usize = 9

function constant(which: usize): v128 {
  return v128.load(constantsAt + (which << 4))
}

export let centreAt: usize = 0
export let scaleAt: usize = 0
export let tilesAt: usize = 0
export let logSharesAt: usize = 0
export let tableAt: usize = 0
let scaledAt: usize = 0
let distancesAt: usize = 0
export let rowsAt: usize = 0
export let labelsAt: usize = 0
export let leastsAt: usize = 0
export let sumsAt: usize = 0

/** Lays the memory out for at most n rows (rounded up to whole blocks) and gives how many bytes it needs. */
export function arrange(n: i32, d: i32, slots: i32): usize {
  const rows = <usize>((n + block - 1) & ~(block - 1))
  const columns = <usize>d
  const across = <usize>slots
  placeAnew()
  tableAt = place(<usize>entries * 8)
  centreAt = place(columns * 8)
  scaleAt = place(columns * 8)
  tilesAt = place(across * columns * 8)
  logSharesAt = place(across * 8)
  scaledAt = place(<usize>block * columns * 8)
  distancesAt = place(<usize>block * across * 8)
  rowsAt = place(rows * columns * 8)
  labelsAt = place(rows * 4)
  leastsAt = place(rows * 8)
  sumsAt = place(rows * 8)
  return placedUpTo()
}

/**
 * Label, least energy and sum of exp(least − energy) of the n rows at their address. What fills the last block up is
 * computed, too, and means nothing.
 *
 * @param perTypical energies are distances times this, less the log share.
 * @param cap a column adds at most so much to a distance.
 * @param reach the largest coordinate of a place, as to its size.
 */
export function soften(n: i32, d: i32, slots: i32, perTypical: f64, cap: f64, reach: f64): void {
  const across = (<usize>slots) << 3
  for (let i = 0; i < n; i += block) {
    distancesOfFour(i, d, slots)
    for (let r = 0; r < block; r++) {
      const distances = distancesAt + <usize>r * across
      const scaled = scaledAt + ((<usize>(r * d)) << 3)
      if (largest(scaled, d) + reach >= cap) cappedDistances(scaled, d, slots, distances, cap)
      softMinimum(i + r, slots, distances, perTypical)
    }
  }
}

function distancesOfFour(i: i32, d: i32, slots: i32): void {
  const wide = (<usize>d) << 3
  const x0 = scaledAt
  const x1 = x0 + wide
  const x2 = x1 + wide
  const x3 = x2 + wide
  const rows = rowsAt + <usize>i * wide
  const pairs = wide & ~15
  for (let r: usize = 0; r < 4; r++) {
    const row = rows + r * wide
    const to = x0 + r * wide
    for (let at: usize = 0; at < pairs; at += 16) {
      const x = f64x2.sub(v128.load(row + at), v128.load(centreAt + at))
      v128.store(to + at, f64x2.mul(x, v128.load(scaleAt + at)))
    }
    for (let at = pairs; at < wide; at += 8) {
      store<f64>(to + at, (load<f64>(row + at) - load<f64>(centreAt + at)) * load<f64>(scaleAt + at))
    }
  }
  const across = (<usize>slots) << 3
  const to0 = distancesAt
  const to1 = to0 + across
  const to2 = to1 + across
  const to3 = to2 + across
  let tile = tilesAt
  for (let at: usize = 0; at < across; at += <usize>lanes * 8) {
    let a0 = f64x2.splat(0)
    let a1 = a0
    let a2 = a0
    let a3 = a0
    let b0 = a0
    let b1 = a0
    let b2 = a0
    let b3 = a0
    for (let f: usize = 0; f < wide; f += 8) {
      const a = v128.load(tile)
      const b = v128.load(tile, 16)
      tile += <usize>lanes * 8
      let x = v128.load64_splat(x0 + f)
      a0 = f64x2.add(a0, f64x2.abs(f64x2.sub(x, a)))
      b0 = f64x2.add(b0, f64x2.abs(f64x2.sub(x, b)))
      x = v128.load64_splat(x1 + f)
      a1 = f64x2.add(a1, f64x2.abs(f64x2.sub(x, a)))
      b1 = f64x2.add(b1, f64x2.abs(f64x2.sub(x, b)))
      x = v128.load64_splat(x2 + f)
      a2 = f64x2.add(a2, f64x2.abs(f64x2.sub(x, a)))
      b2 = f64x2.add(b2, f64x2.abs(f64x2.sub(x, b)))
      x = v128.load64_splat(x3 + f)
      a3 = f64x2.add(a3, f64x2.abs(f64x2.sub(x, a)))
      b3 = f64x2.add(b3, f64x2.abs(f64x2.sub(x, b)))
    }
    v128.store(to0 + at, a0)
    v128.store(to0 + at, b0, 16)
    v128.store(to1 + at, a1)
    v128.store(to1 + at, b1, 16)
    v128.store(to2 + at, a2)
    v128.store(to2 + at, b2, 16)
    v128.store(to3 + at, a3)
    v128.store(to3 + at, b3, 16)
  }
}

/** Without a branch, like all that is done for each row: which value is the largest no processor can guess. */
function largest(scaled: usize, d: i32): f64 {
  const wide = (<usize>d) << 3
  const pairs = wide & ~15
  let most = f64x2.splat(0)
  for (let at: usize = 0; at < pairs; at += 16) most = f64x2.pmax(most, f64x2.abs(v128.load(scaled + at)))
  if (pairs < wide) most = f64x2.pmax(most, f64x2.abs(v128.load64_splat(scaled + pairs)))
  return f64x2.extract_lane(f64x2.pmax(most, i64x2.shuffle(most, most, 1, 0)), 0)
}

/** The distances of one row again, no column of which counts for more than the cap: what few rows need. */
function cappedDistances(scaled: usize, d: i32, slots: i32, distances: usize, cap: f64): void {
  for (let j = 0; j < slots; j++) {
    const tile = tilesAt + ((<usize>((j & ~(lanes - 1)) * d + (j & (lanes - 1)))) << 3)
    let sum: f64 = 0
    for (let f = 0; f < d; f++) {
      const apart = Math.abs(load<f64>(scaled + ((<usize>f) << 3)) - load<f64>(tile + ((<usize>(f * lanes)) << 3)))
      sum += apart < cap ? apart : cap
    }
    store<f64>(distances + ((<usize>j) << 3), sum)
  }
}

/** The energies take the place of the distances. */
function softMinimum(i: i32, slots: i32, distances: usize, perTypical: f64): void {
  const across = (<usize>slots) << 3
  const factor = f64x2.splat(perTypical)
  let nearest = f64x2.splat(Infinity)
  let lowest = nearest
  for (let at: usize = 0; at < across; at += 16) {
    nearest = f64x2.pmin(nearest, v128.load(distances + at))
  }
  const shortest = leastOf(nearest)
  const target = f64x2.splat(shortest)
  let label = -1
  for (let at: usize = 0; at < across; at += 16) {
    const distance = v128.load(distances + at)
    const equal = i64x2.bitmask(f64x2.eq(distance, target))
    label = select<i32>(<i32>(at >> 3) + ctz(equal), label, <i32>(label < 0) & <i32>(equal !== 0))
    const energy = f64x2.sub(f64x2.mul(distance, factor), v128.load(logSharesAt + at))
    v128.store(distances + at, energy)
    lowest = f64x2.pmin(lowest, energy)
  }
  const least = leastOf(lowest)
  const from = f64x2.splat(least)
  let a = f64x2.splat(0)
  let b = a
  for (let at: usize = 0; at < across; at += <usize>lanes * 8) {
    a = f64x2.add(a, decayingExp(f64x2.sub(v128.load(distances + at), from)))
    b = f64x2.add(b, decayingExp(f64x2.sub(v128.load(distances + at, 16), from)))
  }
  const sum =
    f64x2.extract_lane(a, 0) + f64x2.extract_lane(a, 1) + (f64x2.extract_lane(b, 0) + f64x2.extract_lane(b, 1))
  store<i32>(labelsAt + ((<usize>i) << 2), label)
  store<f64>(leastsAt + ((<usize>i) << 3), least)
  store<f64>(sumsAt + ((<usize>i) << 3), sum)
}

function leastOf(values: v128): f64 {
  return f64x2.extract_lane(f64x2.pmin(values, i64x2.shuffle(values, values, 1, 0)), 0)
}

/** exp(−x) of two x ≥ 0. */
function decayingExp(x: v128): v128 {
  // From the last entry on all have its index; what is no number has it, too.
  const i = i32x4.relaxed_trunc_f64x2_s_zero(f64x2.mul(f64x2.pmin(constant(lastEntry), x), constant(perUnit)))
  const r = f64x2.sub(f64x2.mul(f64x2.convert_low_i32x4_s(i), constant(unit)), x)
  let t = v128.load64_zero(tableAt + ((<usize>i32x4.extract_lane(i, 0)) << 3))
  t = v128.load_lane<f64>(tableAt + ((<usize>i32x4.extract_lane(i, 1)) << 3), t, 1)
  let p = constant(sixth)
  p = f64x2.add(constant(fifth), f64x2.mul(r, p))
  p = f64x2.add(constant(fourth), f64x2.mul(r, p))
  p = f64x2.add(constant(third), f64x2.mul(r, p))
  p = f64x2.add(constant(second), f64x2.mul(r, p))
  p = f64x2.add(constant(one), f64x2.mul(r, p))
  p = f64x2.add(constant(one), f64x2.mul(r, p))
  return v128.and(f64x2.mul(t, p), f64x2.lt(x, constant(end)))
}
