import { sum } from './sum.ts'

/** Each as a share of all of them together; all 0 when there is nothing. */
export function sharesOf(weight: Float64Array): Float64Array {
  const total = sum(weight)
  return weight.map((of) => (total > 0 ? of / total : 0))
}
