/** The sum, in order: the same values give the same bits. Of counts of events it is exact. */
export function sum(values: Float64Array): number {
  let total = 0
  for (const value of values) total += value
  return total
}
