/** Some rows of many. */
import type { Random } from './random.ts'

/** `count` of n rows (n × d), each at most once and with the same probability, in their order (selection sampling, Knuth 3.4.2). */
export function drawRows(rows: Float64Array, n: number, d: number, count: number, random: Random): Float64Array {
  const drawn = new Float64Array(count * d)
  for (let i = 0, taken = 0; taken < count; i++) {
    if (random.uniform() * (n - i) >= count - taken) continue
    drawn.set(rows.subarray(i * d, (i + 1) * d), taken * d)
    taken++
  }
  return drawn
}
