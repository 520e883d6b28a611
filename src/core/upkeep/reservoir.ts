/**
 * A decayed sample of the rows that the model was taught, from which it can be told how well any centroids would hold all
 * of them. Every row draws a number in (0, 1], divided by its importance and by its weight 2^(half-lives since); the
 * smallest are kept (Efraimidis & Spirakis 2006, as the bottom-k sample of Cohen & Kaplan 2007). Importance is 1 and what
 * the row is beside the mean row in inertia (Bachem, Lucic & Krause 2018): ten rows may hold half of it, and an even sample
 * would know none of them. A row that was kept with probability p stands for 1 / p rows.
 *
 * Numbers are drawn by place in the log, and the decay is that of the fold: the sample is a function of the log.
 */

import { areWithin } from '../within.ts'
import { nthLeast } from './nth-least.ts'

/** Rows that are kept, in the order of the log: an entry of each array for each, and d values of `rows`. */
export interface Sample {
  /** log2 of the number drawn. */
  readonly drawn: Float32Array
  /** log2 of the importance. */
  readonly importance: Float32Array
  /** Half-lives that had passed when the row was taught. */
  readonly clocks: Float64Array
  /** As (x − origin) / unit, so that 32 bits are enough. */
  readonly rows: Float32Array
}

/** `sampleOf` gives what it holds. */
export interface Reservoir {
  /** Most rows. */
  readonly capacity: number
  /** Of the rows; each of length d. */
  readonly origin: Float64Array
  readonly unit: Float64Array
  /** What was kept when it was last asked for. */
  settled: Sample
  /** What was offered since, and how many rows that is. */
  waiting: Sample[]
  waitingRows: number
}

/** Rows as they are sent. */
export type SampledRows = Omit<Sample, 'clocks'>

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
  return reservoirOf(capacity, origin, unit, {
    drawn: new Float32Array(0),
    importance: new Float32Array(0),
    clocks: new Float64Array(0),
    rows: new Float32Array(0),
  })
}

export function reservoirOf(capacity: number, origin: Float64Array, unit: Float64Array, settled: Sample): Reservoir {
  return { capacity, origin, unit, settled, waiting: [], waitingRows: 0 }
}

/** The value as the reservoir keeps it. */
export function kept(value: number, origin: number, unit: number): number {
  const units = (value - origin) / unit
  return Math.fround(Math.max(-farthestKept, Math.min(farthestKept, units)))
}

/** Whether each is what `kept` gives. */
export function areKept(units: Float32Array): boolean {
  return areWithin(units, -farthestKept, farthestKept)
}

/** Whether each is what `importanceOf` gives. */
export function areImportances(importances: Float32Array): boolean {
  return areWithin(importances, leastImportance, mostImportance)
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

/** How many rows each kept one stands for, or the first and every `step`-th after it, when `clock` half-lives have passed. */
export function standingFor(reservoir: Reservoir, clock: number, step = 1): Float64Array {
  const { importance, clocks } = sampleOf(reservoir)
  const highest = highestKept(reservoir, clock)
  const standing = new Float64Array(Math.ceil(clocks.length / step))
  for (let i = 0, to = 0; i < clocks.length; i += step) {
    standing[to++] = 2 ** (clocks[i] - clock - Math.min(0, highest + importance[i] + clocks[i]))
  }
  return standing
}

/**
 * Adds rows that are taught when `clock` half-lives have passed, and drops those that are not kept any more. Which those
 * are is found out when somebody asks, or when as many wait as there is room for: the time for a row is a constant, however
 * few of them come at once. The clock never goes back.
 */
export function offer(reservoir: Reservoir, clock: number, sampled: SampledRows): void {
  const fresh = sampled.drawn.length
  if (fresh === 0) return
  reservoir.waiting.push({ ...sampled, clocks: new Float64Array(fresh).fill(clock) })
  reservoir.waitingRows += fresh
  if (reservoir.waitingRows > reservoir.capacity) settle(reservoir)
}

/** From now on it holds this and nothing else. */
export function replaceSample(reservoir: Reservoir, settled: Sample): void {
  Object.assign(reservoir, { settled, waiting: [], waitingRows: 0 })
}

/** What is kept now. The same rows, whenever it was asked for before. */
export function sampleOf(reservoir: Reservoir): Sample {
  if (reservoir.waiting.length > 0) settle(reservoir)
  return reservoir.settled
}

/** Keeps rows whose rank is at most −clock, as many of the least as there is room for; of equals the first. */
function settle(reservoir: Reservoir): void {
  const { waiting, capacity, origin } = reservoir
  const d = origin.length
  const [clock] = waiting[waiting.length - 1].clocks
  const parts = [reservoir.settled, ...waiting]
  const ranks = ranksOf(parts)
  const { highest, n, ofHighest } = limitOf(ranks, capacity, clock)
  const drawn = new Float32Array(n)
  const importance = new Float32Array(n)
  const clocks = new Float64Array(n)
  const rows = new Float32Array(n * d)
  let at = 0
  let to = 0
  let equals = 0
  for (const part of parts) {
    for (let i = 0; i < part.drawn.length; i++) {
      const rank = ranks[at++]
      if (rank > highest || (rank === highest && equals++ >= ofHighest)) continue
      drawn[to] = part.drawn[i]
      importance[to] = part.importance[i]
      clocks[to] = part.clocks[i]
      for (let c = 0; c < d; c++) rows[to * d + c] = part.rows[i * d + c]
      to++
    }
  }
  replaceSample(reservoir, { drawn, importance, clocks, rows })
}

/** log2 of each row's number over its importance and weight, of one part after another. */
function ranksOf(parts: readonly Sample[]): Float64Array {
  let rows = 0
  for (const { drawn } of parts) rows += drawn.length
  const ranks = new Float64Array(rows)
  let at = 0
  for (const { drawn, importance, clocks } of parts) {
    for (let i = 0; i < drawn.length; i++) ranks[at++] = drawn[i] - importance[i] - clocks[i]
  }
  return ranks
}

/** What the rank of a kept row is at most: that of the last, where there is room for no more. Every transaction asks. */
function highestKept(reservoir: Reservoir, clock: number): number {
  const { drawn, importance, clocks } = sampleOf(reservoir)
  if (drawn.length < reservoir.capacity) return -clock
  let highest = Number.NEGATIVE_INFINITY
  for (let i = 0; i < drawn.length; i++) highest = Math.max(highest, drawn[i] - importance[i] - clocks[i])
  return Math.min(-clock, highest)
}

/** The highest rank that is kept, how many rows are, and of how many of that rank there is room. */
function limitOf(ranks: Float64Array, capacity: number, clock: number) {
  const last = ranks.length < capacity ? Number.POSITIVE_INFINITY : nthLeast(ranks.slice(), capacity - 1)
  const highest = Math.min(-clock, last)
  let [below, equal] = [0, 0]
  for (let i = 0; i < ranks.length; i++) {
    if (ranks[i] < highest) below++
    else if (ranks[i] === highest) equal++
  }
  const ofHighest = Math.min(equal, capacity - below)
  return { highest, n: below + ofHighest, ofHighest }
}
