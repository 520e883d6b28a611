/** The map: recent events and centroids on a plane that stays as it is until a drift is accepted. */
import { useMemo, useRef } from 'preact/hooks'
import type { MapView } from '../../../src/http/map.ts'
import { addressOf } from '../address.ts'
import { useResource } from '../api/client.ts'
import { percent } from '../numbers.tsx'
import { Panel } from '../panel.tsx'
import { AxisText } from './axis-text.tsx'
import { MapCanvas } from './map-canvas.tsx'
import { grownTrails, type Scene, sceneOf, withFewerAnomalies } from './scene.ts'

export function MapPanel() {
  const map = useResource<MapView>('v1/model/map', 3000)
  return (
    <Panel
      title="Map"
      class="map"
      of={map}
      aside={
        <p class="quiet keys">
          <span>■ usual</span> <span>✕ anomalous</span> <span>◯ cluster, size by share</span>
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
  const trails = useRef<{ readonly plane: number; readonly of: Scene['trails'] }>({ plane: 0, of: new Map() })
  const scene = useMemo(() => {
    const plane = map.planeVersion
    trails.current = { plane, of: grownTrails(trails.current.of, map, trails.current.plane !== plane) }
    return sceneOf(map, trails.current.of)
  }, [map])
  const anomalies = map.events.filter(({ anomalous }) => anomalous).length
  return (
    <>
      <MapCanvas map={map} scene={scene} />
      <AxisText axes={map.axes} planeVersion={map.planeVersion} />
      <p class="seen-by-readers">
        {`${map.clusters.length} clusters; the largest has ${percent(Math.max(...map.clusters.map(({ share }) => share)))} of the events. `}
        {`${map.events.length} recent events are shown, ${anomalies} of them anomalous. `}
        <a href={addressOf('anomalies')}>List of anomalies</a>
      </p>
    </>
  )
}
