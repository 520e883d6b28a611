/** Whether all is well, and what the clusters are. */
import { useEffect } from 'preact/hooks'
import type { Address } from '../address.ts'
import { MapPanel } from '../map/map-panel.tsx'
import { ChartsPanel } from './charts-panel.tsx'
import { ClustersPanel } from './clusters-panel.tsx'

export function OverviewView({ address: { query } }: { readonly address: Address }) {
  useEffect(() => {
    if (query.at !== undefined) document.querySelector(`.${CSS.escape(query.at)}`)?.scrollIntoView({ block: 'start' })
  }, [query.at])
  return (
    <div class="overview">
      <MapPanel />
      <ChartsPanel />
      <ClustersPanel chosen={query.cluster === undefined ? null : Number(query.cluster)} />
    </div>
  )
}
