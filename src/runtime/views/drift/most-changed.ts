/** Of bins that hold anything, those whose shares differ most between before and after. */

/** At most `most` of them, in their order; those of the same change are taken from the front. */
export function mostChanged(before: readonly number[], after: readonly number[], most: number): readonly number[] {
  const change = (bin: number) => Math.abs(after[bin] - before[bin])
  return Array.from(before.keys())
    .filter((bin) => before[bin] + after[bin] > 0)
    .sort((a, b) => change(b) - change(a) || a - b)
    .slice(0, most)
    .sort((a, b) => a - b)
}
