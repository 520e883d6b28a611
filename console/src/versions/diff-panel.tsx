/** What differs between two versions: who came, who went, and who moved how far. */

import type { DiffView } from '../../../src/runtime/views/diff-view.ts'
import { useResource } from '../api/client.ts'
import { BarCell } from '../bar-cell.tsx'
import { CloseLink } from '../close-link.tsx'
import { To } from '../drawn.tsx'
import { useValueText } from '../kinds.ts'
import { count, Num, percent } from '../numbers.tsx'
import { Panel } from '../panel.tsx'

export function DiffPanel({ from, to }: { readonly from: number; readonly to: number }) {
  const diff = useResource<DiffView>(`v1/versions/${from}/diff/${to}`, 3_600_000)
  return (
    <Panel
      title={`From ${count(from)} to ${count(to)}`}
      class="diff"
      of={diff}
      aside={<CloseLink view="versions" label="Close the difference" />}
    >
      {(value) => (
        <>
          <Facts diff={value} />
          <Moves clusters={value.clusters} />
        </>
      )}
    </Panel>
  )
}

function Facts({ diff: { from, to, born, died } }: { readonly diff: DiffView }) {
  return (
    <p>
      {count(to.trainedEvents - from.trainedEvents)} events learned between them.{' '}
      {born.length > 0 && `Born: ${born.join(', ')}. `}
      {died.length > 0 && `Died: ${died.join(', ')}. `}
      {born.length + died.length === 0 && 'The same clusters.'}
    </p>
  )
}

function Moves({ clusters }: Pick<DiffView, 'clusters'>) {
  const valueText = useValueText()
  const most = Math.max(...clusters.map(({ moved }) => moved), Number.MIN_VALUE)
  return (
    <div class="scrolls">
      <table>
        <thead>
          <tr>
            <th scope="col">Cluster</th>
            <th scope="col">Moved, in spreads</th>
            <th scope="col" class="right">
              Share
            </th>
            <th scope="col">Most in</th>
          </tr>
        </thead>
        <tbody>
          {clusters.map(({ id, moved, shareBefore, shareAfter, features }) => (
            <tr key={id}>
              <th scope="row">{id}</th>
              <BarCell value={moved} most={most} />
              <td class="right">
                <Num value={shareBefore} as={percent} />
                <To />
                <Num value={shareAfter} as={percent} />
              </td>
              <td>
                {features.slice(0, 2).map(({ feature, before, after, spreads }) => (
                  <span key={feature} class="moved-feature" title={`${before} to ${after}, ${spreads} spreads`}>
                    {feature}{' '}
                    {before === after ? (
                      'in its mix'
                    ) : (
                      <>
                        {valueText(feature, before)}
                        <To />
                        {valueText(feature, after)}
                      </>
                    )}
                  </span>
                ))}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
