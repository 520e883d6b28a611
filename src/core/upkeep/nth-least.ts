/** The value that a sort would put at a place, without the sort. */

/**
 * The nth least of the values, the least being the 0th; it leaves them in another order. None of them may be NaN. (Hoare's
 * selection with the middle of three as the pivot: time grows with the number of values, but for ones that are made to
 * defeat it, with its square.)
 */
export function nthLeast(values: Float64Array, n: number): number {
  let from = 0
  let to = values.length - 1
  while (from < to) {
    const pivot = middleOf(values[from], values[(from + to) >>> 1], values[to])
    let i = from
    let j = to
    while (i <= j) {
      while (values[i] < pivot) i++
      while (values[j] > pivot) j--
      if (i > j) break
      const lesser = values[j]
      values[j--] = values[i]
      values[i++] = lesser
    }
    // Those up to j are at most the pivot, those from i on at least, and what lies between is it.
    if (n <= j) to = j
    else if (n >= i) from = i
    else return values[n]
  }
  return values[n]
}

function middleOf(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c))
}
