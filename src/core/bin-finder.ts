/** Finding the bin of a value among ascending edges, in a few nanoseconds. */

/** A uniform grid over the edges: each cell knows the bins that its values may have, most often one. */
export interface BinFinder {
  readonly edges: Float64Array
  readonly low: number
  readonly cellsPerUnit: number
  /** Values of cell i have bins first[i] to first[i + 1]. */
  readonly first: Int32Array
}

const cells = 256

export function binFinder(edges: Float64Array): BinFinder {
  const low = edges.length === 0 ? 0 : edges[0]
  const span = edges.length === 0 ? 0 : edges[edges.length - 1] - low
  const finder = { edges, low, cellsPerUnit: span > 0 ? cells / span : 0, first: new Int32Array(cells + 1) }
  // A cell's number never falls as values grow, however it is rounded. So a value has passed every edge of an earlier cell,
  // and none of a later one.
  for (const edge of edges) finder.first[cellOf(finder, edge) + 1]++
  for (let i = 0; i < cells; i++) finder.first[i + 1] += finder.first[i]
  return finder
}

/** Cells are numbered from 0; 0 × ∞ is NaN, which becomes 0 as well. */
function cellOf({ low, cellsPerUnit }: BinFinder, x: number): number {
  const cell = (x - low) * cellsPerUnit
  return cell >= cells ? cells - 1 : cell > 0 ? cell | 0 : 0
}

/** How many edges are at or below x, which is not NaN. */
export function binAt(finder: BinFinder, x: number): number {
  const { edges, first } = finder
  const cell = cellOf(finder, x)
  let bin = first[cell]
  let most = first[cell + 1]
  while (bin < most) {
    const middle = (bin + most) >>> 1
    if (x >= edges[middle]) bin = middle + 1
    else most = middle
  }
  return bin
}
