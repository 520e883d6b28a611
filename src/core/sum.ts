/** The sum of some of them, of all by default, in order: the same values give the same bits. Of counts of events it is exact. */
export function sum(values: Float64Array, from = 0, to = values.length): number {
  let total = 0
  for (let i = from; i < to; i++) total += values[i]
  return total
}
