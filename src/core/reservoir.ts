/**
 * A decayed sample of the rows that the model was taught (Efraimidis & Spirakis 2006, by bottom-k keys as in Cohen &
 * Kaplan 2007): every row draws a number in (0, 1], divided by its weight 2^(half-lives since), and the smallest are kept.
 * A row is also dropped once its number is above its weight, so that fewer rows stay than there is room for when the
 * memory is short. So the rows kept are an even sample: each stands for as many as any other.
 *
 * Keys are drawn from places in the log and the decay from what was folded: the sample is a function of the log.
 */

/** What is kept, in the order of the log. */
export interface Reservoir {
  /** Most rows. */
  readonly capacity: number
  /** Rows are kept as (x − origin) / unit, so that 32 bits are enough; each of length d. */
  readonly origin: Float64Array
  readonly unit: Float64Array
  /** log2 of the number drawn, less the half-lives that had passed: the smaller, the longer it is kept. */
  keys: Float64Array
  /** A row of d values for each key. */
  rows: Float32Array
}

/** No kept value is farther than this from the origin, in units. */
export const farthestKept = Math.fround(1e30)
const mostBytes = 1024 * 1024
const rowsPerCluster = 50
const leastRows = 4000

/** Room for enough rows to judge k clusters by, within a mebibyte: it is part of every published version. */
export function reservoirCapacity(k: number, d: number): number {
  return Math.max(1, Math.min(Math.max(leastRows, rowsPerCluster * k), Math.floor(mostBytes / (4 * d + 8))))
}

/** The value as the reservoir keeps it. */
export function kept(value: number, origin: number, unit: number): number {
  const units = (value - origin) / unit
  return Math.fround(Math.max(-farthestKept, Math.min(farthestKept, units)))
}

/** Numbers drawn by rows from now on are kept when their log2 is below this; 0: all are. */
export function admission({ capacity, keys }: Reservoir, clock: number): number {
  if (keys.length < capacity) return 0
  let largest = Number.NEGATIVE_INFINITY
  for (const key of keys) if (key > largest) largest = key
  return Math.min(0, largest + clock)
}

/**
 * Adds rows that drew `drawn` (log2) when `clock` half-lives had passed, and drops those that are not kept any more.
 *
 * @param rows a row of d kept values for each number drawn.
 */
export function offer(reservoir: Reservoir, clock: number, drawn: Float64Array, rows: Float32Array): void {
  if (drawn.length === 0) return
  const d = reservoir.origin.length
  const before = reservoir.keys.length
  const keys = new Float64Array(before + drawn.length)
  keys.set(reservoir.keys)
  for (let i = 0; i < drawn.length; i++) keys[before + i] = drawn[i] - clock
  const highest = Math.min(-clock, highestKept(keys, reservoir.capacity))
  const keptRows = new Float32Array(keys.length * d)
  let n = 0
  for (let i = 0; i < keys.length && n < reservoir.capacity; i++) {
    if (keys[i] > highest) continue
    const [source, at] = i < before ? [reservoir.rows, i] : [rows, i - before]
    keptRows.set(source.subarray(at * d, at * d + d), n * d)
    keys[n++] = keys[i]
  }
  reservoir.keys = keys.slice(0, n)
  reservoir.rows = keptRows.slice(0, n * d)
}

/** The largest of the `capacity` smallest keys. */
function highestKept(keys: Float64Array, capacity: number): number {
  return keys.length <= capacity ? Number.POSITIVE_INFINITY : keys.slice().sort()[capacity - 1]
}
