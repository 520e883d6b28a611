/** What all charts share, and what a chart says to those who cannot see it. */
import type { Series } from './time-chart.tsx'

/** Charts with this name show one cross-hair. */
export const crossHair = 'time'

/** Lines are told apart by more than colour. */
export const dashes: readonly (readonly number[])[] = [[], [5, 3], [1, 3]] as const

export function seriesFacts(
  title: string,
  unit: string,
  at: readonly number[],
  series: readonly Series[],
  format: (value: number) => string,
): string {
  const facts = series.map(({ label, values }) => {
    const known = values.filter((value) => value !== null)
    if (known.length === 0) return `${label}: nothing yet`
    const [least, most] = [Math.min(...known), Math.max(...known)]
    return `${label}: now ${format(known[known.length - 1])}, between ${format(least)} and ${format(most)}`
  })
  const minutes = at.length < 2 ? 0 : Math.round((at[at.length - 1] - at[0]) / 60_000)
  return `${title}, ${unit}, over ${minutes} minutes. ${facts.join('. ')}.`
}
