/**
 * Minimum-cost matching of k to k (Kuhn 1955, Munkres 1957; the O(k³) form with potentials of Jonker & Volgenant 1987).
 *
 * @param cost k × k, finite.
 * @returns for each row the column it is matched with.
 */
export function minimumCostMatching(cost: Float64Array, k: number): Int32Array {
  const rowPotential = new Float64Array(k + 1)
  const columnPotential = new Float64Array(k + 1)
  /** The row (from 1) that each column (from 1) is matched with; 0: none. */
  const rowOf = new Int32Array(k + 1)
  const cameFrom = new Int32Array(k + 1)
  for (let row = 1; row <= k; row++) {
    rowOf[0] = row
    const least = new Float64Array(k + 1).fill(Number.POSITIVE_INFINITY)
    const used = new Uint8Array(k + 1)
    let column = 0
    // Grows a tree of alternating paths from the row, always by the cheapest edge, until it reaches a free column.
    do {
      used[column] = 1
      const at = rowOf[column]
      let delta = Number.POSITIVE_INFINITY
      let next = 0
      for (let j = 1; j <= k; j++) {
        if (used[j] === 1) continue
        const reduced = cost[(at - 1) * k + j - 1] - rowPotential[at] - columnPotential[j]
        if (reduced < least[j]) {
          least[j] = reduced
          cameFrom[j] = column
        }
        if (least[j] < delta) {
          delta = least[j]
          next = j
        }
      }
      for (let j = 0; j <= k; j++) {
        if (used[j] === 1) {
          rowPotential[rowOf[j]] += delta
          columnPotential[j] -= delta
        } else least[j] -= delta
      }
      column = next
    } while (rowOf[column] !== 0)
    while (column !== 0) {
      const previous = cameFrom[column]
      rowOf[column] = rowOf[previous]
      column = previous
    }
  }
  const columnOf = new Int32Array(k)
  for (let j = 1; j <= k; j++) columnOf[rowOf[j] - 1] = j - 1
  return columnOf
}
