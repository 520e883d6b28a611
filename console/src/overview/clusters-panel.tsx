/** The clusters: how much each holds, what is typical of it, how old it is and where it came from. */

import type { History } from '../../../src/http/routes/process.ts'
import type { ModelView } from '../../../src/runtime/views/model-view.ts'
import { useHistory, useResource } from '../api/client.ts'
import { colouredIds } from '../colours.ts'
import { count } from '../numbers.tsx'
import { Panel } from '../panel.tsx'
import { ClusterRow } from './cluster-row.tsx'

export function ClustersPanel({ chosen }: { readonly chosen: number | null }) {
  const model = useResource<ModelView>('v1/model', 5000)
  const history = useHistory()
  return (
    <Panel
      title="Clusters"
      class="clusters"
      of={model}
      aside={model.value === null ? null : <p class="quiet">of version {count(model.value.version)}</p>}
      empty={({ clusters }) => (clusters.length === 0 ? 'There are no clusters yet.' : null)}
    >
      {(value) => <Table model={value} history={history.value} chosen={chosen} />}
    </Panel>
  )
}

interface TableProps {
  readonly model: ModelView
  readonly history: History | null
  readonly chosen: number | null
}

function Table({ model, history, chosen }: TableProps) {
  const coloured = colouredIds(model.clusters.map(({ id }) => id))
  const most = Math.max(...model.clusters.map(({ share }) => share))
  const rows = model.clusters.toSorted((a, b) => b.share - a.share || a.id - b.id)
  return (
    <div class="scrolls">
      <table>
        <thead>
          <tr>
            <th scope="col">Cluster</th>
            <th scope="col" class="right">
              Share
            </th>
            <th scope="col">15 min</th>
            <th scope="col">What is typical here (and of all events)</th>
            <th scope="col" class="right" title="Root mean square distance of its events to the centroid, in spreads">
              Spread
            </th>
            <th scope="col" class="right" title="Versions since the cluster was born">
              Age
            </th>
            <th scope="col">From</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((cluster) => (
            <ClusterRow
              key={cluster.id}
              cluster={cluster}
              version={model.version}
              bornAtMs={model.bornAtMs}
              shows={coloured.has(cluster.id)}
              most={most}
              values={history?.shares.find(({ id }) => id === cluster.id)?.values ?? []}
              chosen={cluster.id === chosen}
            />
          ))}
        </tbody>
      </table>
    </div>
  )
}
