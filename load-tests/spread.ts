/** What a figure was in several rounds. */

export interface Spread {
  readonly median: number
  readonly least: number
  readonly most: number
}

/** Rounded to so many decimals. */
export function spreadOf(values: readonly number[], digits: number): Spread {
  const sorted = values.toSorted((a, b) => a - b)
  const round = (value: number) => Number(value.toFixed(digits))
  return {
    median: round(sorted[Math.floor(sorted.length / 2)]),
    least: round(sorted[0]),
    most: round(sorted[sorted.length - 1]),
  }
}
