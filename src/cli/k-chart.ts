/** What was found about the number of clusters, as a person reads it on a terminal. */
import type { TriedK } from '../core/kmeans/k-recommendation.ts'
import { leftOutLines } from './backtest/labelled-events.ts'
import { bar } from './bars.ts'
import type { KFindings } from './choose-k.ts'
import { type Column, grouped, headLine, rowLine } from './output.ts'

const barWidth = 24

export function kChart({ input, rows, features, leftOut, transforms, tried, k, found, reason }: KFindings): string {
  const columns = columnsOf(tried, found ? k : null)
  const decided = Object.entries(transforms).map(([name, transform]) => `${name}: ${transform}`)
  return [
    `${input}: ${grouped(rows)} rows of ${features.length} features: ${features.join(', ')}`,
    ...leftOutLines(leftOut),
    ...(decided.length > 0 ? [`transforms decided by them: ${decided.join(', ')}`] : []),
    '',
    headLine(columns),
    ...tried.map((each) => rowLine(columns, each)),
    '',
    `${reason}.`,
  ].join('\n')
}

function columnsOf(tried: readonly TriedK[], chosen: number | null): readonly Column<TriedK>[] {
  const most = tried.reduce((high, { silhouette }) => Math.max(high, silhouette), 0)
  const right = (title: string, width: number, text: (of: TriedK) => string): Column<TriedK> => ({
    title,
    width,
    align: 'right',
    text,
  })
  return [
    right('k', 5, ({ k }) => (k === chosen ? `→ ${k}` : String(k))),
    {
      title: 'silhouette',
      width: barWidth + 5,
      align: 'left',
      text: ({ silhouette }) => `${silhouette.toFixed(2)} ${bar(silhouette, most, barWidth)}`,
    },
    right('one blob', 8, ({ blobSilhouette }) => blobSilhouette.toFixed(2)),
    right('again', 5, ({ stability }) => stability.toFixed(2)),
    right('Davies-Bouldin', 14, ({ daviesBouldin }) => daviesBouldin.toFixed(2)),
    right('Calinski-Harabasz', 17, ({ calinskiHarabasz }) => grouped(calinskiHarabasz)),
    right('BIC', 11, ({ bic }) => grouped(bic)),
    right('inertia', 11, ({ inertia }) => inertia.toPrecision(4)),
    right('smallest', 8, ({ smallest }) => grouped(smallest)),
  ]
}
