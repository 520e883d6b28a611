/** What the two directions of the map mean, and since which version. */

import type { MapView } from '../../../src/http/map/map.ts'
import { Drawn } from '../drawn.tsx'
import { count } from '../numbers.tsx'

type Axis = MapView['axes']['x']

/** A feature with less of the axis is not worth a word. */
const leastTold = 0.25

export function AxisText({ axes, planeVersion, former }: Pick<MapView, 'axes' | 'planeVersion' | 'former'>) {
  return (
    <p class="axes quiet">
      <span title={exactOf(axes.x)}>
        <Drawn sign="right" /> {told(axes.x)}
      </span>{' '}
      <span title={exactOf(axes.y)}>
        <Drawn sign="up" /> {told(axes.y)}
      </span>{' '}
      <span class="plane" title={former === null ? undefined : formerText(former)}>
        {`plane of version ${count(planeVersion)}${former === null ? '' : ', when a drift was accepted'}`}
      </span>
    </p>
  )
}

function formerText({ version, axes }: NonNullable<MapView['former']>): string {
  return `before, of version ${count(version)}: across ${told(axes.x)}, up ${told(axes.y)}`
}

function told(axis: Axis): string {
  const worth = axis.filter(({ weight }, i) => i === 0 || Math.abs(weight) >= leastTold)
  return worth.map(({ feature, weight }) => `${weight < 0 ? 'less' : 'more'} ${feature}`).join(', ')
}

function exactOf(axis: Axis): string {
  return axis.map(({ feature, weight }) => `${feature} ${weight}`).join(', ')
}
