/** A histogram as one line, for two to lie over each other. */

/** Of bins that lie side by side; their heights as shares of `most`. */
export function stepPath(heights: readonly number[], most: number, width: number, height: number): string {
  const y = (value: number) => (height - (most > 0 ? value / most : 0) * height).toFixed(1)
  const x = (i: number) => ((i * width) / heights.length).toFixed(1)
  const steps = heights.map((value, i) => `V${y(value)}H${x(i + 1)}`)
  return `M0,${height}${steps.join('')}V${height}`
}
