/**
 * A decayed sample of the rows that the model was taught, from which it can be told how well any centroids would hold all
 * of them. Every row draws a number in (0, 1], divided by its importance and by its weight 2^(half-lives since); the
 * smallest are kept (Efraimidis & Spirakis 2006, as the bottom-k sample of Cohen & Kaplan 2007). Importance is 1 and what
 * the row is beside the mean row in inertia (Bachem, Lucic & Krause 2018): ten rows may hold half of it, and an even sample
 * would know none of them. A row that was kept with probability p stands for 1 / p rows.
 *
 * Numbers are drawn by place in the log, and the decay is that of the fold: the sample is a function of the log.
 */

import { nthLeast } from './nth-least.ts'

/** What is kept, in the order of the log: an entry of each array for each row, and d values of `rows`. */
export interface Reservoir {
  /** Most rows. */
  readonly capacity: number
  /** Rows are kept as (x − origin) / unit, so that 32 bits are enough; each of length d. */
  readonly origin: Float64Array
  readonly unit: Float64Array
  /** log2 of the number drawn. */
  drawn: Float32Array
  /** log2 of the importance. */
  importance: Float32Array
  /** Half-lives that had passed when the row was taught. */
  clocks: Float64Array
  rows: Float32Array
}

/** Rows as they are sent. */
export type SampledRows = Pick<Reservoir, 'drawn' | 'importance' | 'rows'>

/** No kept value is farther than this from the origin, in units. */
export const farthestKept = Math.fround(1e30)
/** log2 of the importances. */
const leastImportance = 0
const mostImportance = 64

const mostBytes = 1024 * 1024
const bytesBesideRow = 16
const rowsPerCluster = 50
const leastRows = 4000

/** Room for enough rows to judge k clusters by, within a mebibyte: it is part of every published version. */
export function reservoirCapacity(k: number, d: number): number {
  const wanted = Math.max(leastRows, rowsPerCluster * k)
  return Math.max(1, Math.min(wanted, Math.floor(mostBytes / (4 * d + bytesBesideRow))))
}

export function emptyReservoir(capacity: number, origin: Float64Array, unit: Float64Array): Reservoir {
  const none = new Float32Array(0)
  return { capacity, origin, unit, drawn: none, importance: none, clocks: new Float64Array(0), rows: none }
}

/** The value as the reservoir keeps it. */
export function kept(value: number, origin: number, unit: number): number {
  const units = (value - origin) / unit
  return Math.fround(Math.max(-farthestKept, Math.min(farthestKept, units)))
}

/** Whether it is what `kept` gives. */
export function isKept(units: number): boolean {
  return Math.abs(units) <= farthestKept
}

/** Whether it is what `importanceOf` gives. */
export function isImportance(importance: number): boolean {
  return importance >= leastImportance && importance <= mostImportance
}

/** log2 of the importance of a row, by its squared distance to its centroid beside the mean one. */
export function importanceOf(squaredDistance: number, meanSquaredDistance: number): number {
  const known = meanSquaredDistance > 0 && meanSquaredDistance < Number.POSITIVE_INFINITY
  const share = known ? squaredDistance / meanSquaredDistance : 1
  return Math.fround(Math.max(leastImportance, Math.min(mostImportance, Math.log2(1 + share))))
}

/** Rows taught now are kept when log2 of what they drew over their importance is at most this; 0: all of importance 1. */
export function admission(reservoir: Reservoir, clock: number): number {
  return highestKept(reservoir, clock) + clock
}

/** How many rows each kept one stands for, when `clock` half-lives have passed. */
export function standingFor(reservoir: Reservoir, clock: number): Float64Array {
  const { importance, clocks } = reservoir
  const highest = highestKept(reservoir, clock)
  return clocks.map((at, i) => 2 ** (at - clock - Math.min(0, highest + importance[i] + at)))
}

/** Adds rows that are taught when `clock` half-lives have passed, and drops those that are not kept any more. */
export function offer(reservoir: Reservoir, clock: number, sampled: SampledRows): void {
  const fresh = sampled.drawn.length
  if (fresh === 0) return
  const { capacity, origin } = reservoir
  const d = origin.length
  const parts: readonly Ranked[] = [reservoir, { ...sampled, clocks: new Float64Array(fresh).fill(clock) }]
  const ranks = parts.map(ranksOf)
  const highest = highestOf(ranks, capacity, clock)
  const n = Math.min(
    capacity,
    ranks.reduce((count, some) => count + countUpTo(some, highest), 0),
  )
  const drawn = new Float32Array(n)
  const importance = new Float32Array(n)
  const clocks = new Float64Array(n)
  const rows = new Float32Array(n * d)
  let to = 0
  for (const [p, part] of parts.entries()) {
    for (let i = 0; i < part.drawn.length && to < n; i++) {
      if (ranks[p][i] > highest) continue
      drawn[to] = part.drawn[i]
      importance[to] = part.importance[i]
      clocks[to] = part.clocks[i]
      for (let c = 0; c < d; c++) rows[to * d + c] = part.rows[i * d + c]
      to++
    }
  }
  Object.assign(reservoir, { drawn, importance, clocks, rows })
}

type Ranked = Pick<Reservoir, 'drawn' | 'importance' | 'clocks' | 'rows'>

/** log2 of each row's number over its importance and weight. */
function ranksOf({ drawn, importance, clocks }: Ranked): Float64Array {
  return clocks.map((at, i) => drawn[i] - importance[i] - at)
}

/** What the rank of a kept row is at most: that of the last, where there is room for no more. Every transaction asks. */
function highestKept({ capacity, drawn, importance, clocks }: Reservoir, clock: number): number {
  if (drawn.length < capacity) return -clock
  let highest = Number.NEGATIVE_INFINITY
  for (let i = 0; i < drawn.length; i++) highest = Math.max(highest, drawn[i] - importance[i] - clocks[i])
  return Math.min(-clock, highest)
}

/** What the rank of a row may be at most to be among as many as there is room for. */
function highestOf(ranks: readonly Float64Array[], capacity: number, clock: number): number {
  const all = new Float64Array(ranks.reduce((count, { length }) => count + length, 0))
  let at = 0
  for (const some of ranks) {
    all.set(some, at)
    at += some.length
  }
  return all.length < capacity ? -clock : Math.min(-clock, nthLeast(all, capacity - 1))
}

function countUpTo(ranks: Float64Array, highest: number): number {
  let count = 0
  for (const rank of ranks) if (!(rank > highest)) count++
  return count
}
