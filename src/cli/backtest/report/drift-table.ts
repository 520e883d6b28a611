/** Which drifts were found, and when. */
import { grouped } from '../../output.ts'
import type { Findings } from '../findings.ts'
import { escaped } from './markup.ts'

/** The last ones; a restless stream has hundreds. */
const shown = 20

export function driftTable({ drifts: { count, list } }: Findings): readonly string[] {
  if (count === 0) return []
  const last = list.slice(-shown).toReversed()
  const rest = count > last.length ? `, the last ${last.length} of ${grouped(count)}` : ''
  return [
    `<h2>Drift that was found${rest}</h2>`,
    '<div class="table"><table><thead><tr><th>drift</th><th>row</th><th>kind</th><th>statistic</th><th>threshold</th></tr></thead><tbody>',
    ...last.map(({ message, row, kind, test }) => {
      const figures = [test?.statistic, test?.threshold].map((of) => `<td>${of?.toPrecision(3) ?? '–'}</td>`)
      return `<tr><th>${escaped(message)}</th><td>${grouped(row)}</td><td>${kind.replace('drift.', '')}</td>${figures.join('')}</tr>`
    }),
    '</tbody></table></div>',
  ]
}
