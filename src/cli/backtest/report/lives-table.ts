/** Which clusters were born, split, merged and given up. */
import { grouped } from '../../output.ts'
import { lifeText } from '../cluster-lives.ts'
import type { Findings } from '../findings.ts'
import { escaped } from './markup.ts'

/** The last ones; a restless stream has hundreds. */
const shown = 20

export function livesTable({ clusterLives: { count, list } }: Findings): readonly string[] {
  if (count === 0) return []
  const last = list.slice(-shown).toReversed()
  const rest = count > last.length ? `, the last ${last.length} of ${grouped(count)}` : ''
  return [
    `<h2>What became of the clusters${rest}</h2>`,
    '<div class="table"><table><thead><tr><th>change</th><th>row</th><th>version</th></tr></thead><tbody>',
    ...last.map(
      (life) => `<tr><th>${escaped(lifeText(life))}</th><td>${grouped(life.row)}</td><td>${life.version}</td></tr>`,
    ),
    '</tbody></table></div>',
  ]
}
