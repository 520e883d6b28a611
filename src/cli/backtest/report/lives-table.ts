/** Which clusters were born, split, merged and given up. */
import { grouped } from '../../output.ts'
import { lifeText } from '../cluster-lives.ts'
import type { Findings } from '../findings.ts'
import { tableOfLast } from './table-of-last.ts'

export function livesTable({ clusterLives }: Findings): readonly string[] {
  return tableOfLast({
    title: 'What became of the clusters',
    ...clusterLives,
    head: ['change', 'row', 'version'],
    cells: (life) => [lifeText(life), grouped(life.row), String(life.version)],
  })
}
