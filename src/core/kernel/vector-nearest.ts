/** `nearest` by the vector unit: labels and squared distances are bit for bit those of its plain loop. */

import { nearestBinary } from './nearest-binary.ts'
import { reserve, vectorKernel } from './vector-kernel.ts'

interface NearestKernel {
  readonly memory: WebAssembly.Memory
  arrange(n: number, d: number, k: number): number
  pack(d: number, k: number): number
  assign(n: number, d: number, k: number): void
  scaleAddress(): number
  centroidsAddress(): number
  rowsAddress(): number
  labelsAddress(): number
  squaredAddress(): number
}

/** Working memory that nothing is kept in from one call to the next. */
const kernel = vectorKernel<NearestKernel>(nearestBinary)

/** Below it packing the centroids costs more than it saves. */
const leastRows = 16
const mostCentroidValues = 2 ** 22
/** Rows are dealt with in chunks of so many values, whose copy stays in the cache. */
const chunkValues = 2 ** 17

/**
 * As `nearest`. False when nothing was done: too few rows, too many centroids, centroids farther apart than f32 reaches, or
 * no such vectors here.
 */
export function vectorNearest(
  rows: Float64Array,
  n: number,
  d: number,
  centroids: Float64Array,
  k: number,
  inverseScale: Float64Array,
  labels: Int32Array,
  squaredDistances: Float64Array,
): boolean {
  if (kernel === null || n < leastRows || k * d > mostCentroidValues) return false
  const chunk = Math.min(n, Math.max(leastRows, Math.floor(chunkValues / d)))
  reserve(kernel, kernel.arrange(chunk, d, k))
  const { buffer } = kernel.memory
  new Float64Array(buffer, kernel.scaleAddress(), d).set(inverseScale.subarray(0, d))
  new Float64Array(buffer, kernel.centroidsAddress(), k * d).set(centroids.subarray(0, k * d))
  if (kernel.pack(d, k) === 0) return false
  const input = new Float64Array(buffer, kernel.rowsAddress(), chunk * d)
  const label = new Int32Array(buffer, kernel.labelsAddress(), chunk)
  const squared = new Float64Array(buffer, kernel.squaredAddress(), chunk)
  for (let from = 0; from < n; from += chunk) {
    const count = Math.min(chunk, n - from)
    input.set(rows.subarray(from * d, (from + count) * d))
    kernel.assign(count, d, k)
    labels.set(count === chunk ? label : label.subarray(0, count), from)
    squaredDistances.set(count === chunk ? squared : squared.subarray(0, count), from)
  }
  return true
}
