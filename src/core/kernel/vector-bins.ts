/** Counting values by bin, by the vector unit: the counts are those of `features/bin-finder.ts`. */

import { mostBins } from '../features/bin-finder.ts'
import { binsBinary } from './bins-binary.ts'
import { chunkRows, leastRows, reserve, vectorKernel } from './vector-kernel.ts'

interface BinsKernel {
  readonly memory: WebAssembly.Memory
  arrange(n: number, d: number, counted: number): number
  count(n: number, d: number, counted: number): void
  readonly columnsAt: WebAssembly.Global
  readonly edgesAt: WebAssembly.Global
  readonly countsAt: WebAssembly.Global
  readonly rowsAt: WebAssembly.Global
}

/** Working memory that nothing is kept in from one call to the next. */
const kernel = vectorKernel<BinsKernel>(binsBinary)

const group = 8
/** The eighth edge of every group but the last, and one that nothing reaches, as the last of all is: no number is NaN or more. */
const leading = 6

/** Columns whose values are counted, and at how many ascending edges each: at most 47. */
export interface CountedColumns {
  readonly columns: Int32Array
  /** As the kernel reads them: 54 of each column. */
  readonly edges: Float64Array
}

export function countedColumns(
  columns: readonly { readonly column: number; readonly edges: Float64Array }[],
): CountedColumns {
  const packed = new Float64Array(columns.length * (leading + mostBins)).fill(Number.POSITIVE_INFINITY)
  for (const [c, { edges }] of columns.entries()) {
    const from = c * (leading + mostBins)
    packed[from + leading - 1] = Number.NaN
    packed[from + leading + mostBins - 1] = Number.NaN
    for (let e = 0; e < edges.length; e++) {
      packed[from + leading + e] = edges[e]
      if (e % group === group - 1) packed[from + Math.floor(e / group)] = edges[e]
    }
  }
  return { columns: Int32Array.from(columns, ({ column }) => column), edges: packed }
}

/**
 * How many values of each counted column of n rows (n × d) have how many of its edges at or below them. Null when nothing was
 * done: too few rows, more of them than a chunk, or no such vectors here.
 *
 * @returns 48 of each column, until the next call.
 */
export function vectorCount(
  rows: Float64Array,
  n: number,
  d: number,
  { columns, edges }: CountedColumns,
): Int32Array | null {
  if (kernel === null || columns.length === 0 || n < leastRows || n > chunkRows(n, d)) return null
  const counted = columns.length
  reserve(kernel, kernel.arrange(n, d, counted))
  const { buffer } = kernel.memory
  new Int32Array(buffer, kernel.columnsAt.value, counted).set(columns)
  new Float64Array(buffer, kernel.edgesAt.value, edges.length).set(edges)
  new Float64Array(buffer, kernel.rowsAt.value, n * d).set(rows.subarray(0, n * d))
  kernel.count(n, d, counted)
  return new Int32Array(buffer, kernel.countsAt.value, counted * mostBins)
}
