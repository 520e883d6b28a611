/** Copying a few bytes: a call of `set` or `copy` takes longer than they do. */

/**
 * Copies `length` bytes eight at a time, so that up to seven behind them are overwritten, too: there is to be room for those,
 * and nothing yet. False when nothing was done, because `source` ends before eight whole bytes.
 */
export function copyByEights(source: DataView, from: number, target: DataView, to: number, length: number): boolean {
  if (from + length + 7 > source.byteLength) return false
  for (let i = 0; i < length; i += 8) copyEight(source, from + i, target, to + i)
  return true
}

/** Copies eight to sixteen bytes, and overwrites no others: eight from the start, and eight up to the end. */
export function copyEightToSixteen(source: DataView, target: DataView, to: number, length: number): void {
  copyEight(source, 0, target, to)
  copyEight(source, length - 8, target, to + length - 8)
}

/** As two integers: a double might not keep what is no number. */
function copyEight(source: DataView, from: number, target: DataView, to: number): void {
  target.setInt32(to, source.getInt32(from, true), true)
  target.setInt32(to + 4, source.getInt32(from + 4, true), true)
}
