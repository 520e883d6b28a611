/** The soft minimum of `score/mixture.ts` by the vector unit, bit for bit that of its plain loop. */

import { decayingExpTable } from '../score/decaying-exp.ts'
import { mixtureBinary } from './mixture-binary.ts'
import { chunkRows, leastRows, reserve, vectorKernel } from './vector-kernel.ts'

interface MixtureKernel {
  readonly memory: WebAssembly.Memory
  arrange(n: number, d: number, slots: number): number
  soften(n: number, d: number, slots: number, perTypical: number, cap: number, reach: number): void
  readonly tableAt: WebAssembly.Global
  readonly centreAt: WebAssembly.Global
  readonly scaleAt: WebAssembly.Global
  readonly tilesAt: WebAssembly.Global
  readonly logSharesAt: WebAssembly.Global
  readonly rowsAt: WebAssembly.Global
  readonly labelsAt: WebAssembly.Global
  readonly leastsAt: WebAssembly.Global
  readonly sumsAt: WebAssembly.Global
}

/** What the kernel needs of a mixture. */
export interface SoftPlaces {
  readonly centre: Float64Array
  readonly inverseScale: Float64Array
  /** In the tiles of `packByLane`. */
  readonly tiles: Float64Array
  readonly logShare: Float64Array
  readonly perTypical: number
  readonly cap: number
  readonly reach: number
}

/** Working memory that nothing is kept in from one call to the next. */
const kernel = vectorKernel<MixtureKernel>(mixtureBinary)

const mostTileValues = 2 ** 21

/**
 * Of n rows the index of the nearest place, the least energy and Σ exp(least − energy), all OUT. False when nothing was
 * done: too few rows, too many places, or no such vectors here.
 */
export function vectorSoften(
  places: SoftPlaces,
  rows: Float64Array,
  n: number,
  labels: Int32Array,
  leasts: Float64Array,
  sums: Float64Array,
): boolean {
  const { centre, inverseScale, tiles, logShare } = places
  if (kernel === null || n < leastRows || tiles.length > mostTileValues) return false
  const d = centre.length
  const slots = logShare.length
  const chunk = chunkRows(n, d)
  reserve(kernel, kernel.arrange(chunk, d, slots))
  const { buffer } = kernel.memory
  new Float64Array(buffer, kernel.tableAt.value, decayingExpTable.length).set(decayingExpTable)
  new Float64Array(buffer, kernel.centreAt.value, d).set(centre)
  new Float64Array(buffer, kernel.scaleAt.value, d).set(inverseScale)
  new Float64Array(buffer, kernel.tilesAt.value, tiles.length).set(tiles)
  new Float64Array(buffer, kernel.logSharesAt.value, slots).set(logShare)
  const input = new Float64Array(buffer, kernel.rowsAt.value, chunk * d)
  const label = new Int32Array(buffer, kernel.labelsAt.value, chunk)
  const least = new Float64Array(buffer, kernel.leastsAt.value, chunk)
  const sum = new Float64Array(buffer, kernel.sumsAt.value, chunk)
  for (let from = 0; from < n; from += chunk) {
    const count = Math.min(chunk, n - from)
    input.set(rows.subarray(from * d, (from + count) * d))
    kernel.soften(count, d, slots, places.perTypical, places.cap, places.reach)
    labels.set(label.subarray(0, count), from)
    leasts.set(least.subarray(0, count), from)
    sums.set(sum.subarray(0, count), from)
  }
  return true
}
