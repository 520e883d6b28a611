/** `nearest` by the vector unit: labels and squared distances are bit for bit those of its plain loop. */

import { nearestBinary } from './nearest-binary.ts'
import { chunkRows, leastRows, reserve, vectorKernel } from './vector-kernel.ts'

interface NearestKernel {
  readonly memory: WebAssembly.Memory
  arrange(n: number, d: number, k: number): number
  pack(d: number, k: number): number
  assign(n: number, d: number, k: number): void
  readonly scaleAt: WebAssembly.Global
  readonly centroidsAt: WebAssembly.Global
  readonly rowsAt: WebAssembly.Global
  readonly labelsAt: WebAssembly.Global
  readonly squaredAt: WebAssembly.Global
}

/** Working memory that nothing is kept in from one call to the next. */
const kernel = vectorKernel<NearestKernel>(nearestBinary)

const mostCentroidValues = 2 ** 22

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
  const chunk = chunkRows(n, d)
  reserve(kernel, kernel.arrange(chunk, d, k))
  const { buffer } = kernel.memory
  new Float64Array(buffer, kernel.scaleAt.value, d).set(inverseScale.subarray(0, d))
  new Float64Array(buffer, kernel.centroidsAt.value, k * d).set(centroids.subarray(0, k * d))
  if (kernel.pack(d, k) === 0) return false
  const input = new Float64Array(buffer, kernel.rowsAt.value, chunk * d)
  const label = new Int32Array(buffer, kernel.labelsAt.value, chunk)
  const squared = new Float64Array(buffer, kernel.squaredAt.value, chunk)
  for (let from = 0; from < n; from += chunk) {
    const count = Math.min(chunk, n - from)
    input.set(rows.subarray(from * d, (from + count) * d))
    kernel.assign(count, d, k)
    labels.set(count === chunk ? label : label.subarray(0, count), from)
    squaredDistances.set(count === chunk ? squared : squared.subarray(0, count), from)
  }
  return true
}
