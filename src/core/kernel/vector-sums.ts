/** `accumulate` of `model/statistics.ts` by the vector unit, bit for bit its plain loop. */

import { sumsBinary } from './sums-binary.ts'
import { chunkRows, leastRows, reserve, vectorKernel } from './vector-kernel.ts'

interface SumsKernel {
  readonly memory: WebAssembly.Memory
  arrange(n: number, d: number, k: number): number
  sumUp(n: number, d: number, k: number): void
  readonly rowsAt: WebAssembly.Global
  readonly labelsAt: WebAssembly.Global
  readonly centresAt: WebAssembly.Global
  readonly weightAt: WebAssembly.Global
  readonly meanAt: WebAssembly.Global
  readonly m2At: WebAssembly.Global
}

/** Working memory that nothing is kept in from one call to the next. */
const kernel = vectorKernel<SumsKernel>(sumsBinary)

/** Statistics of k clusters of d columns, all OUT. */
interface Sums {
  readonly k: number
  readonly d: number
  readonly weight: Float64Array
  readonly mean: Float64Array
  readonly m2: Float64Array
}

/** As `accumulate`. False when nothing was done: too few rows, more of them than a chunk, or no such vectors here. */
export function vectorAccumulate(
  rows: Float64Array,
  n: number,
  labels: Int32Array,
  pivots: Float64Array,
  into: Sums,
): boolean {
  const { k, d } = into
  if (kernel === null || n < leastRows || n > chunkRows(n, d)) return false
  reserve(kernel, kernel.arrange(n, d, k))
  const { buffer } = kernel.memory
  const values = k * d
  new Float64Array(buffer, kernel.rowsAt.value, n * d).set(rows.subarray(0, n * d))
  new Int32Array(buffer, kernel.labelsAt.value, n).set(labels.subarray(0, n))
  new Float64Array(buffer, kernel.centresAt.value, values).set(pivots.subarray(0, values))
  kernel.sumUp(n, d, k)
  into.weight.set(new Float64Array(buffer, kernel.weightAt.value, k))
  into.mean.set(new Float64Array(buffer, kernel.meanAt.value, values))
  into.m2.set(new Float64Array(buffer, kernel.m2At.value, values))
  return true
}
