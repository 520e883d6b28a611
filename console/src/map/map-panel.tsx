/** The map: recent events and centroids on a plane that stays as it is until a drift is accepted. */

import { useEffect, useMemo } from 'preact/hooks'
import type { MapView } from '../../../src/http/map/map.ts'
import type { TrailsView } from '../../../src/http/map/trails.ts'
import { addressOf } from '../address.ts'
import { useResource } from '../api/client.ts'
import { Drawn } from '../drawn.tsx'
import { percent } from '../numbers.tsx'
import { Panel } from '../panel.tsx'
import { AxisText } from './axis-text.tsx'
import { MapCanvas } from './map-canvas.tsx'
import { noTrails, sceneOf, trailsOf, withFewerAnomalies } from './scene.ts'
import { useTurn } from './turn.ts'

/** The newest places are those of the map itself. */
const trailsEveryMs = 15_000

export function MapPanel() {
  const map = useResource<MapView>('v1/model/map', 3000)
  return (
    <Panel
      title="Map"
      class="map"
      of={map}
      aside={
        <p class="quiet keys">
          <span>
            <Drawn sign="square" /> usual
          </span>{' '}
          <span>
            <Drawn sign="cross" /> anomalous
          </span>{' '}
          <span>
            <Drawn sign="ring" /> cluster, size by share
          </span>{' '}
          <span>
            <Drawn sign="trail" /> its last hour
          </span>
        </p>
      }
      empty={(value) => (value.clusters.length === 0 ? 'There are no clusters yet.' : null)}
    >
      {(value) => <Plane map={value} />}
    </Panel>
  )
}

function Plane({ map: sample }: { readonly map: MapView }) {
  const map = useMemo(() => withFewerAnomalies(sample), [sample])
  const told = useResource<TrailsView>('v1/trails', trailsEveryMs)
  const isOld = told.value !== null && told.value.planeVersion !== map.planeVersion
  useEffect(() => {
    if (isOld) told.again()
  }, [isOld, map.planeVersion])
  const trails = useMemo(() => (told.value === null ? noTrails : trailsOf(told.value)), [told.value])
  const scene = useMemo(() => sceneOf(map, isOld ? noTrails : trails), [map, trails, isOld])
  const turn = useTurn(map)
  const anomalies = map.events.filter(({ anomalous }) => anomalous).length
  return (
    <>
      <MapCanvas map={map} scene={scene} turn={turn} />
      <AxisText axes={map.axes} planeVersion={map.planeVersion} former={map.former} />
      <p class="seen-by-readers">
        {`${map.clusters.length} clusters; the largest has ${percent(Math.max(...map.clusters.map(({ share }) => share)))} of the events. `}
        {`${map.events.length} recent events are shown, ${anomalies} of them anomalous. `}
        <a href={addressOf('anomalies')}>List of anomalies</a>
      </p>
    </>
  )
}
