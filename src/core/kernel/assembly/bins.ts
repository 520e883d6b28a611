/**
 * How many values of a column fall into each of its bins (`features/bin-finder.ts`): every eighth edge first, six at once, then
 * the eight of the group that these tell, with no branch.
 */

import { place, placeAnew, placedUpTo } from './memory'

/** Edges of a column: the eighth of every group but the last and one that nothing reaches, then all 47 and one more such. */
const leading: usize = 6
const group: usize = 8
const bins: usize = 48

export let columnsAt: usize = 0
export let edgesAt: usize = 0
export let countsAt: usize = 0
export let rowsAt: usize = 0

/** Lays the memory out for n rows of d columns, of which so many are counted, and gives how many bytes it needs. */
export function arrange(n: i32, d: i32, counted: i32): usize {
  placeAnew()
  columnsAt = place((<usize>counted) << 2)
  edgesAt = place((<usize>counted * (leading + bins)) << 3)
  countsAt = place((<usize>counted * bins) << 2)
  rowsAt = place((<usize>(n * d)) << 3)
  return placedUpTo()
}

/** Counts the values of the n rows at their address, in the columns that stand at theirs. */
export function count(n: i32, d: i32, counted: i32): void {
  memory.fill(countsAt, 0, (<usize>counted * bins) << 2)
  const across = (<usize>d) << 3
  for (let c: usize = 0; c < <usize>counted; c++) {
    const from = rowsAt + ((<usize>load<i32>(columnsAt + (c << 2))) << 3)
    const edges = edgesAt + ((c * (leading + bins)) << 3)
    countColumn(from, from + <usize>n * across, across, edges, countsAt + ((c * bins) << 2))
  }
}

function countColumn(from: usize, end: usize, across: usize, edges: usize, counts: usize): void {
  const a = v128.load(edges)
  const b = v128.load(edges, 16)
  const c = v128.load(edges, 32)
  const groups = edges + (leading << 3)
  for (let at = from; at < end; at += across) {
    const x = v128.load64_splat(at)
    const whole = reached(i64x2.add(i64x2.add(f64x2.ge(x, a), f64x2.ge(x, b)), f64x2.ge(x, c)))
    const own = groups + ((whole * group) << 3)
    const lower = i64x2.add(f64x2.ge(x, v128.load(own)), f64x2.ge(x, v128.load(own, 16)))
    const upper = i64x2.add(f64x2.ge(x, v128.load(own, 32)), f64x2.ge(x, v128.load(own, 48)))
    const bin = counts + ((whole * group + reached(i64x2.add(lower, upper))) << 2)
    store<i32>(bin, load<i32>(bin) + 1)
  }
}

/** How many comparisons held, in both lanes together: each that did is -1. */
function reached(held: v128): usize {
  return <usize>-(<i32>i64x2.extract_lane(held, 0) + <i32>i64x2.extract_lane(held, 1))
}
