/** An order of a sample's rows that does not depend on where they come from. */

/**
 * Puts rows (n × d, IN and OUT) into ascending order, column by column; NaN comes last. So a birth is the same however its
 * events are spread over partitions.
 */
export function orderRows(rows: Float64Array, n: number, d: number): void {
  const order = Uint32Array.from({ length: n }, (_, i) => i)
  order.sort((a, b) => {
    for (let x = a * d, y = b * d, end = x + d; x < end; x++, y++) {
      const one = rows[x]
      const other = rows[y]
      if (one === other) continue
      if (one < other) return -1
      if (one > other) return 1
      const difference = Number(Number.isNaN(one)) - Number(Number.isNaN(other))
      if (difference !== 0) return difference
    }
    return 0
  })
  const before = rows.slice(0, n * d)
  for (let i = 0; i < n; i++) rows.set(before.subarray(order[i] * d, (order[i] + 1) * d), i * d)
}
